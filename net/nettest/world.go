package nettest

import (
	"testing"

	"github.com/zoobreak/zoobreak/net"
)

// Port is where the server of a World is to listen.
const Port net.Port = 7

// World is two hosts whose owners are played by the suite, on one thread.
type World struct {
	Client, Server net.Network
	Open           net.Addr // of Port on the server's host
	Shut           net.Addr // of a port there that nobody listens on

	// Peer starts a process of its own that runs Echo behind Port.
	Peer func(t *testing.T) Peer

	// Pump lets the world go on, event by event, until the condition holds. It returns
	// false when the condition does not come to hold in bounded time.
	Pump func(until func() bool) bool
}

// Peer is a process that is not on the suite's thread.
type Peer struct {
	Addr net.Addr
	Kill func() // as kill -9 does; its machine lives on
	Mute func() // from now on it neither reads nor answers, and nobody is told
}

// Start makes a world whose owners are told of events by the two functions.
type Start func(t *testing.T, client, server func(net.Event)) World

// Echo is an owner that listens on Port and sends back what it gets.
func Echo(n net.Network) (owner func(net.Event)) {
	n.Listen(Port)
	return func(ev net.Event) {
		if ev.Kind == net.Received {
			n.Send(ev.Conn, append([]byte(nil), ev.Data...))
		}
	}
}
