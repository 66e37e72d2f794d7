package workloads

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/client/native"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/wire"
)

// service is the writer's network, its alarm, and the one server there is: it answers
// when the test says so.
type service struct {
	alarm  clock.Instant
	conn   net.Conn
	framer wire.Framer
}

func (s *service) Listen(net.Port)        {}
func (s *service) Dial(net.Addr) net.Conn { s.conn++; return s.conn }
func (s *service) Close(net.Conn)         {}
func (s *service) Pause(net.Conn)         {}
func (s *service) Resume(net.Conn)        {}

func (s *service) Send(_ net.Conn, b []byte) bool {
	s.framer.Feed(b)
	return true
}

func (s *service) Set(at clock.Instant) { s.alarm = at }

// frames returns how many packets arrived since the last look, and the last of them.
func (s *service) frames(t *testing.T) (n int, last []byte) {
	for {
		frame, ok, err := s.framer.Next()
		require.NoError(t, err)
		if !ok {
			return n, last
		}
		n, last = n+1, frame
	}
}

func (s *service) event(k net.Kind, encode func(*wire.Encoder)) net.Event {
	ev := net.Event{Kind: k, Conn: s.conn}
	if encode != nil {
		var e wire.Encoder
		mark := e.Begin()
		encode(&e)
		e.End(mark)
		ev.Data = e.Buf
	}
	return ev
}

func at(ms int) clock.Now {
	return clock.Now{Mono: clock.Instant(time.Duration(ms) * time.Millisecond)}
}

func ms(n int) clock.Span { return clock.Span(time.Duration(n) * time.Millisecond) }

func newWriter(t *testing.T, ops ...Op) (*Writer, *service) {
	s := &service{}
	w := NewWriter(NewAgenda(ops), native.Config{Servers: []net.Addr{"a:1"}, Timeout: 10 * time.Second}, s, s, at(0))
	w.NetEvent(at(1), s.event(net.Connected, nil))
	s.frames(t)
	w.NetEvent(at(2), s.event(net.Received, func(e *wire.Encoder) {
		(&wire.ConnectResponse{TimeoutMillis: 10000, Session: 7, Password: make([]byte, 16)}).Encode(e)
	}))
	return w, s
}

func (s *service) reply(xid int32) net.Event {
	return s.event(net.Received, func(e *wire.Encoder) { (&wire.Reply{Xid: xid, Zxid: 1}).Encode(e, wire.OpDelete) })
}

// One operation after the other: each not before its time, and not before the last ended.
func TestWriterDoesOneOperationAtATime(t *testing.T) {
	w, s := newWriter(t, Op{At: ms(100), Do: "delete", Path: "/a"}, Op{At: ms(200), Do: "delete", Path: "/b"})
	n, _ := s.frames(t)
	require.Zero(t, n)
	require.Equal(t, at(100).Mono, s.alarm)
	w.Wake(at(100))
	n, last := s.frames(t)
	require.Equal(t, 1, n)
	r, err := wire.DecodeRequest(last)
	require.NoError(t, err)
	require.Equal(t, wire.Path("/a"), r.Path)
	w.Wake(at(300))
	n, _ = s.frames(t)
	require.Zero(t, n, "the first has not ended")
	w.NetEvent(at(310), s.reply(r.Xid))
	n, last = s.frames(t)
	require.Equal(t, 1, n, "the second is overdue")
	r, err = wire.DecodeRequest(last)
	require.NoError(t, err)
	require.Equal(t, wire.Path("/b"), r.Path)
	w.NetEvent(at(320), s.reply(r.Xid))
	w.Add(at(330), Op{Do: "get", Path: "/c"})
	n, _ = s.frames(t)
	require.Equal(t, 1, n, "what is added is done")
}

// An operation whose outcome is unknown is over; it is not repeated.
func TestWriterGoesOnAfterABreak(t *testing.T) {
	w, s := newWriter(t, Op{Do: "delete", Path: "/a"}, Op{Do: "delete", Path: "/b"})
	n, _ := s.frames(t)
	require.Equal(t, 1, n)
	w.NetEvent(at(10), s.event(net.Closed, nil))
	for i := 0; s.conn == 1; i++ {
		require.Less(t, i, 10)
		w.Wake(clock.Now{Mono: s.alarm})
	}
	now := clock.Now{Mono: s.alarm}
	w.NetEvent(now, s.event(net.Connected, nil))
	s.frames(t)
	w.NetEvent(now, s.event(net.Received, func(e *wire.Encoder) {
		(&wire.ConnectResponse{TimeoutMillis: 10000, Session: 7, Password: make([]byte, 16)}).Encode(e)
	}))
	n, last := s.frames(t)
	require.Equal(t, 1, n)
	r, err := wire.DecodeRequest(last)
	require.NoError(t, err)
	require.Equal(t, wire.Path("/b"), r.Path)
}

// A writer that is killed leaves what it has begun, and its next life goes on behind it.
func TestTheNextLifeGoesOnWithWhatIsLeft(t *testing.T) {
	agenda := NewAgenda([]Op{{Do: "delete", Path: "/a"}, {At: ms(50), Do: "delete", Path: "/b"}, {At: ms(70), Do: "delete", Path: "/c"}})
	for _, life := range []struct {
		from int
		path wire.Path
	}{{0, "/a"}, {60, "/b"}} { // neither is ever answered
		s := &service{}
		w := NewWriter(agenda, native.Config{Servers: []net.Addr{"a:1"}, Timeout: 10 * time.Second}, s, s, at(life.from))
		w.NetEvent(at(life.from+1), s.event(net.Connected, nil))
		s.frames(t)
		w.NetEvent(at(life.from+2), s.event(net.Received, func(e *wire.Encoder) {
			(&wire.ConnectResponse{TimeoutMillis: 10000, Session: 7, Password: make([]byte, 16)}).Encode(e)
		}))
		n, last := s.frames(t)
		require.Equal(t, 1, n)
		r, err := wire.DecodeRequest(last)
		require.NoError(t, err)
		require.Equal(t, life.path, r.Path)
	}
	require.Equal(t, at(70).Mono, agenda.Due())
	require.Equal(t, wire.Path("/c"), agenda.Begin().Path)
	require.Equal(t, clock.Never, agenda.Due())
}
