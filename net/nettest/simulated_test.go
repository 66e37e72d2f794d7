package nettest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/nettest"
	"github.com/zoobreak/zoobreak/net/simnet"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

func TestSimulated(t *testing.T) { nettest.Run(t, simulatedWorld) }

type owner func(net.Event)

func (o owner) NetEvent(ev net.Event) { o(ev) }

func simulatedWorld(t *testing.T, client, server func(net.Event)) nettest.World {
	k := kernel.New()
	n := simnet.New(k, simnet.Latency{Min: time.Millisecond, Max: 5 * time.Millisecond})
	add := func(name string, o owner) *simnet.Host {
		h := n.AddHost(name)
		h.Run(o)
		return h
	}
	return nettest.World{
		Client: add("client", client), Server: add("server", server),
		Open: net.MakeAddr("server", nettest.Port), Shut: net.MakeAddr("server", nettest.Port+1),
		Pump: func(until func() bool) bool { return pump(t, k, until) },
		Peer: func(*testing.T) nettest.Peer {
			h := n.AddHost("peer")
			echo, mute := nettest.Echo(h), false
			h.Run(owner(func(ev net.Event) {
				if mute {
					h.Postpone() // for ever
					return
				}
				echo(ev)
			}))
			return nettest.Peer{Addr: net.MakeAddr("peer", nettest.Port), Kill: h.Kill, Mute: func() { mute = true }}
		},
	}
}

// pump lets a virtual minute pass at most.
func pump(t *testing.T, k *kernel.Kernel, until func() bool) bool {
	end := k.Now().Add(time.Minute)
	for !until() && k.Now() < end {
		require.NoError(t, k.Run(k.Now()+clock.Instant(100*time.Microsecond)))
	}
	return until()
}
