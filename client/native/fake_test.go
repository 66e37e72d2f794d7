package native

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/wire"
)

// server is the other end of a session's connections, played by the test: it sees what
// the session does and says what the test tells it to.
type server struct {
	t       *testing.T
	session *Session
	now     clock.Now
	last    net.Conn
	dialed  []net.Addr
	closed  []net.Conn
	framer  wire.Framer
	greeted bool
	full    bool // it has no room for more
	done    []outcome
}

// outcome is how a request ended.
type outcome struct {
	reply wire.Reply
	err   error
}

func (s *server) Listen(net.Port) { s.t.Fatal("a client listens") }

func (s *server) Dial(to net.Addr) net.Conn {
	s.last++
	s.dialed, s.framer, s.greeted = append(s.dialed, to), wire.Framer{}, false
	return s.last
}

func (s *server) Send(c net.Conn, b []byte) bool {
	require.Equal(s.t, s.last, c, "it sends on its current connection only")
	s.framer.Feed(b)
	return !s.full
}

func (s *server) Pause(net.Conn)  {}
func (s *server) Resume(net.Conn) {}

func (s *server) Close(c net.Conn) { s.closed = append(s.closed, c) }

const timeout = 3 * time.Second

func newServer(t *testing.T, tap func() Tap) *server {
	s := &server{t: t}
	s.session = New(Config{Servers: []net.Addr{"a:1", "b:1", "c:1"}, First: 1, Timeout: timeout, Tap: tap}, s)
	return s
}

// wait lets time pass, and wakes the session whenever it wants to be woken.
func (s *server) wait(d time.Duration) {
	until := s.now.Mono.Add(d)
	for s.session.Due() <= until {
		s.now.Mono = max(s.now.Mono, s.session.Due())
		s.session.Wake(s.now)
	}
	s.now.Mono = until
}

func (s *server) event(k net.Kind, data []byte) {
	s.session.NetEvent(s.now, net.Event{Kind: k, Conn: s.last, Data: data})
}

func (s *server) submit(op wire.OpCode, p wire.Path) {
	s.session.Submit(s.now, wire.Request{Op: op, Path: p, ACL: wire.WorldACL(wire.PermAll)}, func(r wire.Reply, err error) {
		s.done = append(s.done, outcome{r, err})
	})
}

// frame returns the next packet of the session, or nil.
func (s *server) frame() []byte {
	b, ok, err := s.framer.Next()
	require.NoError(s.t, err)
	if !ok {
		return nil
	}
	return b
}

// greeting connects and returns what the session greets with.
func (s *server) greeting() wire.ConnectRequest {
	s.event(net.Connected, nil)
	r, err := wire.DecodeConnectRequest(s.frame())
	require.NoError(s.t, err)
	require.Nil(s.t, s.frame(), "nothing is sent before the greeting is answered")
	return r
}

// welcome answers the greeting; session 0 refuses it.
func (s *server) welcome(id wire.SessionID) {
	r := wire.ConnectResponse{Password: []byte("sixteen letters!"), Session: id}
	if id != 0 {
		r.TimeoutMillis = int32(timeout / time.Millisecond)
	}
	var e wire.Encoder
	mark := e.Begin()
	r.Encode(&e)
	e.End(mark)
	s.event(net.Received, e.Buf)
}

// request returns the next request, which must be there.
func (s *server) request() wire.Request {
	b := s.frame()
	require.NotNil(s.t, b, "a request")
	r, err := wire.DecodeRequest(b)
	require.NoError(s.t, err)
	return r
}

func replyTo(xid int32, z wire.Zxid, op wire.OpCode) []byte {
	var e wire.Encoder
	mark := e.Begin()
	(&wire.Reply{Xid: xid, Zxid: z, Path: "/made"}).Encode(&e, op)
	e.End(mark)
	return e.Buf
}

// attach brings the session up from the start.
func (s *server) attach(id wire.SessionID) {
	s.wait(0)
	s.greeting()
	s.welcome(id)
	require.Equal(s.t, id, s.session.ID())
}
