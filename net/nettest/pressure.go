package nettest

import (
	"bytes"
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/net"
)

// bounded is more than any window and the machines' buffers take together.
const bounded = 64 << 20

// fill sends until there is no room and none comes, and returns what it sent: a machine
// takes some before it is full as well.
func (s *stage) fill(c net.Conn) (sent []byte) {
	s.t.Helper()
	piece := megabyte(0)[:60_000]
	for full := false; !full; full = s.client.conns[c].full {
		for room := true; room; sent = append(sent, piece...) {
			room = s.client.send(c, piece)
			require.Less(s.t, len(sent), bounded, "there is always room")
		}
		s.chat()
	}
	return sent
}

// The server reads nothing: the client is told that there is no room, and no word of room
// comes, until the server reads again; then everything arrives.
func backpressure(s *stage) {
	s.listen()
	c, d := s.connect()
	s.server.net.Pause(d)
	s.server.net.Pause(d)
	sent := s.fill(c)
	require.Empty(s.t, s.server.conns[d].got)
	before := s.server.events
	s.server.net.Resume(d)
	require.Equal(s.t, before, s.server.events, "nothing happens inside a call")
	s.until("room", func() bool { return !s.client.conns[c].full })
	s.until("all of it", func() bool { return len(s.server.conns[d].got) >= len(sent) })
	require.True(s.t, bytes.Equal(sent, s.server.conns[d].got))
}

func pausedEnd(s *stage) {
	s.listen()
	c, d := s.connect()
	s.server.net.Pause(d)
	s.client.send(c, []byte("last words"))
	s.client.close(c)
	s.chat()
	require.Empty(s.t, s.server.conns[d].got)
	require.False(s.t, s.server.conns[d].closed)
	s.server.net.Resume(d)
	s.until("the end", func() bool { return s.server.conns[d].closed })
	require.NoError(s.t, s.server.conns[d].err)
	require.Equal(s.t, "last words", string(s.server.conns[d].got))
}

// The owner that has stopped reading because its own words are not taken must hear when
// the other side is gone: no Writable will ever come.
func pausedBreak(s *stage) {
	s.listen()
	p := s.world.Peer(s.t)
	c := s.reach(p)
	p.Mute()
	s.client.net.Pause(c)
	s.fill(c)
	p.Kill()
	s.until("the news", func() bool { return s.client.conns[c].closed })
	require.Error(s.t, s.client.conns[c].err, "it had not read what it was sent")
}

func pausedClose(s *stage) {
	s.listen()
	c, d := s.connect()
	s.server.net.Pause(d)
	s.client.send(c, megabyte(8)[:1000])
	s.server.send(d, []byte("bye"))
	s.chat()
	s.server.close(d)
	s.until("the end", func() bool { return s.client.conns[c].closed })
	require.NoError(s.t, s.client.conns[c].err)
	require.Equal(s.t, "bye", string(s.client.conns[c].got))
}

func muteWaits(s *stage) {
	s.listen()
	p := s.world.Peer(s.t)
	c := s.reach(p)
	p.Mute()
	s.fill(c)
	require.False(s.t, s.client.conns[c].closed)
	s.client.close(c)
}

func closeInFlight(s *stage) {
	s.listen()
	c, d := s.connect()
	there, back := megabyte(9), megabyte(10)
	s.client.send(c, there)
	s.server.send(d, back)
	s.client.close(c)
	s.until("the end", func() bool { return s.server.conns[d].closed })
	require.NoError(s.t, s.server.conns[d].err)
	require.True(s.t, bytes.Equal(there, s.server.conns[d].got))
}

func manyAtOnce(s *stage) {
	s.listen()
	const many = 200
	var conns [many]net.Conn
	for i := range conns {
		conns[i] = s.client.dial(s.world.Open)
	}
	s.until("all of them", func() bool { return len(s.server.accepted) == many && s.client.open() == many })
	for i, c := range conns {
		s.client.send(c, fmt.Appendf(nil, "%03d", i))
	}
	s.until("a word on each", func() bool {
		for _, d := range s.server.accepted {
			if len(s.server.conns[d].got) < 3 {
				return false
			}
		}
		return true
	})
	heard := map[string]bool{}
	for _, d := range s.server.accepted {
		heard[string(s.server.conns[d].got)] = true
		s.server.close(d)
	}
	require.Len(s.t, heard, many)
	s.until("the end of all", func() bool { return s.client.open() == 0 })
}
