package nettest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/net"
)

// party is an owner that remembers, and checks of every event what must hold for all.
type party struct {
	t        *testing.T
	net      net.Network
	conns    map[net.Conn]*seen
	accepted []net.Conn // in order
	events   int
	then     func(net.Event) // what the owner does from inside an event
}

// seen is what became of one connection.
type seen struct {
	dialed bool
	opened bool
	closed bool // the owner was told
	given  bool // the owner closed it itself
	full   bool // Send said false, and no Writable has come
	err    error
	got    []byte
	pieces int
}

func newParty(t *testing.T) *party {
	return &party{t: t, conns: map[net.Conn]*seen{}, then: func(net.Event) {}}
}

func (p *party) event(ev net.Event) {
	p.events++
	c := p.known(ev)
	require.False(p.t, c.closed, "%v of connection %d after Closed", ev.Kind, ev.Conn)
	require.False(p.t, c.given, "%v of connection %d after Close", ev.Kind, ev.Conn)
	switch ev.Kind {
	case net.Accepted, net.Connected:
		require.False(p.t, c.opened, "connection %d opened twice", ev.Conn)
		c.opened = true
	case net.Received:
		require.True(p.t, c.opened, "bytes of connection %d before it was opened", ev.Conn)
		require.NotEmpty(p.t, ev.Data)
		c.got, c.pieces = append(c.got, ev.Data...), c.pieces+1
	case net.Closed:
		require.True(p.t, c.opened || ev.Err != nil, "a dial that failed says why")
		c.closed, c.err = true, ev.Err
	case net.Writable:
		require.True(p.t, c.full, "room on connection %d that nobody waited for", ev.Conn)
		c.full = false
	default:
		require.Fail(p.t, "an event of unknown kind", "%v", ev.Kind)
	}
	p.then(ev)
}

// known finds the connection; only Accepted may name a new one.
func (p *party) known(ev net.Event) *seen {
	c := p.conns[ev.Conn]
	if ev.Kind == net.Accepted {
		require.Nil(p.t, c, "connection %d was there before", ev.Conn)
		require.Equal(p.t, Port, ev.Port)
		_, _, err := ev.Peer.Split()
		require.NoError(p.t, err)
		c = &seen{}
		p.conns[ev.Conn] = c
		p.accepted = append(p.accepted, ev.Conn)
	}
	require.NotNil(p.t, c, "%v of connection %d, which nobody has heard of", ev.Kind, ev.Conn)
	require.True(p.t, ev.Kind != net.Connected || c.dialed, "connection %d is connected, but was not dialed", ev.Conn)
	return c
}

func (p *party) dial(to net.Addr) net.Conn {
	id := p.net.Dial(to)
	require.Nil(p.t, p.conns[id], "connection %d was there before", id)
	p.conns[id] = &seen{dialed: true}
	return id
}

func (p *party) close(id net.Conn) {
	p.net.Close(id)
	p.conns[id].given = true
}

func (p *party) send(id net.Conn, b []byte) bool {
	room := p.net.Send(id, append([]byte(nil), b...))
	if c := p.conns[id]; c != nil && !room {
		c.full = true
	}
	return room
}
