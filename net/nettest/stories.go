package nettest

import (
	"bytes"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/net"
)

var stories = []struct {
	name string
	tell func(*stage)
}{
	{"bytes arrive in order on each connection", inOrder},
	{"a megabyte each way at once arrives whole", bothWays},
	{"a megabyte in one send arrives whole", oneSend},
	{"an owner may send from inside an event", fromInside},
	{"nothing happens inside a call", notInside},
	{"close delivers everything before it", closeDelivers},
	{"close ends a conversation for its owner at once", closeIsFinal},
	{"both ends close at once", bothClose},
	{"a closed connection can be closed and sent to", afterTheEnd},
	{"nothing is sent before the connection is there", beforeTheBeginning},
	{"a dial is refused", refused},
	{"a dial is given up", givenUp},
	{"no connection is ever named like another", namesAreUnique},
	{"a killed peer is noticed", killed},
	{"a peer killed in mid-transfer leaves a prefix", killedInTransfer},
	{"a killed peer refuses", killedRefuses},
	{"a mute peer is not noticed", mute},
	{"an owner that does not read makes its peer wait", backpressure},
	{"an owner that does not read keeps the orderly end for later", pausedEnd},
	{"an owner that does not read is told of a broken connection", pausedBreak},
	{"an owner that closes what it does not read ends it in order", pausedClose},
	{"a mute peer makes its peer wait", muteWaits},
	{"close with data in flight loses nothing", closeInFlight},
	{"many connections at once", manyAtOnce},
}

// Three connections send in turns, in pieces; how the pieces arrive is the network's
// business, their bytes are not.
func inOrder(s *stage) {
	s.listen()
	var from, to [3]net.Conn
	var sent [3][][]byte
	for i := range from {
		from[i], to[i] = s.connect()
		sent[i] = pieces(megabyte(byte(i)))
	}
	for k := range sent[0] {
		for i := range from {
			s.client.send(from[i], sent[i][k])
		}
	}
	for i := range to {
		want := megabyte(byte(i))
		got := s.server.conns[to[i]]
		s.until("all of it", func() bool { return len(got.got) >= len(want) })
		require.True(s.t, bytes.Equal(want, got.got), "connection %d", i)
	}
}

func bothWays(s *stage) {
	s.listen()
	c, d := s.connect()
	there, back := megabyte(1), megabyte(2)
	thereIn, backIn := pieces(there), pieces(back)
	for i := range max(len(thereIn), len(backIn)) {
		s.client.send(c, thereIn[i])
		s.server.send(d, backIn[i])
	}
	s.until("both", func() bool {
		return len(s.server.conns[d].got) >= len(there) && len(s.client.conns[c].got) >= len(back)
	})
	require.True(s.t, bytes.Equal(there, s.server.conns[d].got))
	require.True(s.t, bytes.Equal(back, s.client.conns[c].got))
}

func oneSend(s *stage) {
	s.listen()
	c, d := s.connect()
	all := megabyte(3)
	s.client.send(c, all)
	s.until("all of it", func() bool { return len(s.server.conns[d].got) >= len(all) })
	require.True(s.t, bytes.Equal(all, s.server.conns[d].got))
}

func fromInside(s *stage) {
	s.listen()
	s.client.then = func(ev net.Event) {
		if ev.Kind == net.Connected {
			s.client.send(ev.Conn, []byte("hello"))
		}
	}
	s.server.then = func(ev net.Event) {
		if ev.Kind == net.Accepted {
			s.server.send(ev.Conn, []byte("welcome"))
		}
	}
	c, d := s.connect()
	s.until("both greetings", func() bool {
		return string(s.server.conns[d].got) == "hello" && string(s.client.conns[c].got) == "welcome"
	})
}

func notInside(s *stage) {
	s.listen()
	c, d := s.connect()
	before := s.client.events + s.server.events
	s.client.send(c, []byte("x"))
	s.client.dial(s.world.Open)
	s.client.dial(s.world.Shut)
	s.server.send(d, []byte("y"))
	s.server.close(d)
	require.Equal(s.t, before, s.client.events+s.server.events)
	s.until("what comes of it", func() bool { return s.client.conns[c].closed && len(s.server.accepted) == 2 })
	require.Equal(s.t, "y", string(s.client.conns[c].got))
}

// The peer is sending at the same time, which nobody reads any more; that must not cost
// it the last bytes.
func closeDelivers(s *stage) {
	s.listen()
	c, d := s.connect()
	all := megabyte(4)
	for _, p := range pieces(all) {
		s.client.send(c, p)
	}
	s.client.close(c)
	s.server.then = func(ev net.Event) {
		if ev.Kind == net.Received {
			s.server.send(d, ev.Data)
		}
	}
	s.until("the end", func() bool { return s.server.conns[d].closed })
	require.NoError(s.t, s.server.conns[d].err, "an orderly end")
	require.True(s.t, bytes.Equal(all, s.server.conns[d].got))
}

// What was on its way when the owner closed is not for it any more; see party.event.
func closeIsFinal(s *stage) {
	s.listen()
	c, d := s.connect()
	s.server.send(d, megabyte(5))
	s.until("the first of it", func() bool { return len(s.client.conns[c].got) > 0 })
	s.client.close(c)
	s.until("the other end's end", func() bool { return s.server.conns[d].closed })
	s.chat()
}

func bothClose(s *stage) {
	s.listen()
	c, d := s.connect()
	s.client.send(c, []byte("x"))
	s.client.close(c)
	s.server.close(d)
	s.chat()
	require.Empty(s.t, s.server.conns[d].got)
}

func afterTheEnd(s *stage) {
	s.listen()
	c, d := s.connect()
	s.client.close(c)
	s.client.close(c)
	s.client.send(c, []byte("lost"))
	s.until("the end", func() bool { return s.server.conns[d].closed })
	s.server.send(d, []byte("lost"))
	s.server.net.Close(d)
	s.client.net.Close(0)
	s.client.net.Send(12345, []byte("lost"))
	s.chat()
	require.Empty(s.t, s.server.conns[d].got)
}

func beforeTheBeginning(s *stage) {
	s.listen()
	c := s.client.dial(s.world.Open)
	s.client.send(c, []byte("lost"))
	s.until("a connection", func() bool { return s.client.conns[c].opened && len(s.server.accepted) == 1 })
	s.client.send(c, []byte("kept"))
	d := s.server.conns[s.server.accepted[0]]
	s.until("four bytes", func() bool { return len(d.got) >= 4 })
	require.Equal(s.t, "kept", string(d.got))
}

func refused(s *stage) {
	s.listen()
	c := s.client.dial(s.world.Shut)
	s.until("the answer", func() bool { return s.client.conns[c].closed })
	require.False(s.t, s.client.conns[c].opened)
	require.ErrorContains(s.t, s.client.conns[c].err, "refused")
	s.chat()
}

// Whether the server has accepted by then or not: if it has, it is told.
func givenUp(s *stage) {
	s.listen()
	s.client.close(s.client.dial(s.world.Open))
	s.client.close(s.client.dial(s.world.Shut))
	s.chat()
	c := s.client.dial(s.world.Open)
	s.until("the server has it", func() bool { return len(s.server.accepted) > 1 })
	if !s.client.conns[c].closed {
		s.client.close(c)
	}
	s.until("the server is rid of all", func() bool { return s.server.open() == 0 })
	s.chat()
}

// open counts the connections that live.
func (p *party) open() (n int) {
	for _, c := range p.conns { //tidy:order-free they are counted
		if c.opened && !c.closed && !c.given {
			n++
		}
	}
	return n
}

// That is checked at every dial and every Accepted.
func namesAreUnique(s *stage) {
	s.listen()
	for range 20 {
		s.chat()
	}
	require.Len(s.t, s.client.conns, 20)
	require.Len(s.t, s.server.conns, 20)
}

func killed(s *stage) {
	p := s.world.Peer(s.t)
	c := s.reach(p)
	s.client.send(c, []byte("x"))
	s.until("the echo", func() bool { return string(s.client.conns[c].got) == "x" })
	p.Kill()
	s.until("the news", func() bool { return s.client.conns[c].closed })
}

func killedInTransfer(s *stage) {
	p := s.world.Peer(s.t)
	c := s.reach(p)
	all := megabyte(6)
	for _, piece := range pieces(all) {
		s.client.send(c, piece)
	}
	s.until("the first of it", func() bool { return len(s.client.conns[c].got) > 0 })
	p.Kill()
	s.until("the news", func() bool { return s.client.conns[c].closed })
	require.True(s.t, bytes.HasPrefix(all, s.client.conns[c].got))
}

func killedRefuses(s *stage) {
	p := s.world.Peer(s.t)
	p.Kill()
	c := s.client.dial(p.Addr)
	s.until("the answer", func() bool { return s.client.conns[c].closed })
	require.False(s.t, s.client.conns[c].opened)
}

// A connection to somebody who is silent looks like any other. The owner's own timeout
// ends it.
func mute(s *stage) {
	s.listen()
	p := s.world.Peer(s.t)
	c := s.reach(p)
	p.Mute()
	s.client.send(c, megabyte(7))
	s.chat()
	require.Empty(s.t, s.client.conns[c].got)
	require.False(s.t, s.client.conns[c].closed)
	s.client.close(c)
	s.chat()
}
