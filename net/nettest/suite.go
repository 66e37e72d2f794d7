package nettest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/net"
)

// stage is a world with its two owners.
type stage struct {
	t              *testing.T
	world          World
	client, server *party
}

// Run tells every story in a world of its own.
func Run(t *testing.T, start Start) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			st := &stage{t: t, client: newParty(t), server: newParty(t)}
			st.world = start(t, st.client.event, st.server.event)
			st.client.net, st.server.net = st.world.Client, st.world.Server
			s.tell(st)
		})
	}
}

// until pumps, and fails with a sentence if what is awaited does not come.
func (s *stage) until(what string, holds func() bool) {
	s.t.Helper()
	require.True(s.t, s.world.Pump(holds), "never: %s", what)
}

// listen starts the server; connect, a connection, of which it returns both ends.
func (s *stage) listen() { s.server.net.Listen(Port) }

func (s *stage) connect() (client, server net.Conn) {
	s.t.Helper()
	before := len(s.server.accepted)
	client = s.client.dial(s.world.Open)
	s.until("a connection", func() bool { return s.client.conns[client].opened && len(s.server.accepted) > before })
	return client, s.server.accepted[before]
}

// reach dials a process that is none of the two hosts.
func (s *stage) reach(p Peer) net.Conn {
	s.t.Helper()
	c := s.client.dial(p.Addr)
	s.until("a connection to the peer", func() bool { return s.client.conns[c].opened })
	return c
}

// chat is a whole conversation on a connection of its own. What else was still to come,
// on any other connection, has had the time for it.
func (s *stage) chat() {
	s.t.Helper()
	c := s.client.dial(s.world.Open)
	s.until("a connection to chat", func() bool { return s.client.conns[c].opened })
	s.client.send(c, []byte("ping"))
	var d net.Conn
	s.until("ping", func() (ok bool) { d, ok = s.server.hears("ping"); return ok })
	s.server.send(d, []byte("pong"))
	s.until("pong", func() bool { return string(s.client.conns[c].got) == "pong" })
	s.client.close(c)
	s.until("the end of it", func() bool { return s.server.conns[d].closed })
}

// hears finds the living connection on which just this has arrived.
func (p *party) hears(what string) (net.Conn, bool) {
	for _, id := range p.accepted {
		if c := p.conns[id]; !c.closed && string(c.got) == what {
			return id, true
		}
	}
	return 0, false
}

// megabyte is bytes of which no two stretches are alike.
func megabyte(salt byte) []byte {
	b, x := make([]byte, 1<<20), uint32(salt)+1
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

// pieces cuts b into stretches of 1 to 5000 bytes.
func pieces(b []byte) (all [][]byte) {
	for i := 1; len(b) > 0; i++ {
		n := min(len(b), i*i*37%5000+1)
		all, b = append(all, b[:n]), b[n:]
	}
	return all
}
