package wire

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/wire"
	"github.com/zoobreak/zoobreak/workloads"
)

// What is drawn is valid, stays the same for its place, and leaves no request out.
func TestDrawsEverything(t *testing.T) {
	ops := Draw(rng.New(1), 2, 400, time.Minute)
	require.Equal(t, ops[:100], Draw(rng.New(1), 2, 100, 15*time.Second))
	verbs, sent := map[string]int{}, map[string]int{}
	for _, op := range ops {
		require.NoError(t, op.Validate())
		verbs[op.Do]++
		for _, s := range op.Send {
			sent[s.Op]++
		}
	}
	require.Len(t, verbs, 5)
	for o := wire.OpCode(-20); o < 200; o++ {
		switch o {
		case wire.OpCreateSession, wire.OpCloseSession, wire.OpAuth, wire.OpSASL, wire.OpReconfig, wire.OpSetWatches, wire.OpSetWatches2:
			continue // by the client itself, or judged by nobody
		}
		if o.Known() {
			require.Positive(t, sent[o.String()], o.String())
		}
	}
}

// server is the network of one client, and the server at its other end.
type server struct {
	alarm  clock.Instant
	conn   net.Conn
	framer wire.Framer
	closed int
}

func (s *server) Listen(net.Port)        {}
func (s *server) Dial(net.Addr) net.Conn { s.conn++; s.framer = wire.Framer{}; return s.conn }
func (s *server) Close(net.Conn)         { s.closed++ }
func (s *server) Pause(net.Conn)         {}
func (s *server) Resume(net.Conn)        {}
func (s *server) Set(at clock.Instant)   { s.alarm = at }

func (s *server) Send(_ net.Conn, b []byte) bool {
	s.framer.Feed(b)
	return true
}

func (s *server) requests(t *testing.T) (all []wire.Request) {
	for {
		frame, ok, err := s.framer.Next()
		require.NoError(t, err)
		if !ok {
			return all
		}
		r, err := wire.DecodeRequest(frame)
		require.NoError(t, err)
		all = append(all, r)
	}
}

func (s *server) says(encode func(*wire.Encoder)) net.Event {
	var e wire.Encoder
	mark := e.Begin()
	encode(&e)
	e.End(mark)
	return net.Event{Kind: net.Received, Conn: s.conn, Data: e.Buf}
}

// connects takes the client to its session.
func (s *server) connects(t *testing.T, c *Client, now clock.Now) {
	c.NetEvent(now, net.Event{Kind: net.Connected, Conn: s.conn})
	_, ok, err := s.framer.Next()
	require.True(t, ok)
	require.NoError(t, err)
	c.NetEvent(now, s.says((&wire.ConnectResponse{TimeoutMillis: 4000, Session: 7, Password: make([]byte, 16)}).Encode))
}

// A burst leaves as one. At the next server the client first says who it is, then arms its
// watches; and every frame is in the record, with the connection that it went over.
func TestAMove(t *testing.T) {
	s, log := &server{}, &history.Log{}
	ops := []workloads.Op{
		{Do: "send", Send: []workloads.Send{{Op: "getData", Path: "/a", Watch: true}, {Op: "addWatch", Path: "/", Mode: 1}}},
		{Do: "auth", Value: workloads.Alice, At: clock.Span(time.Second)},
	}
	c := New(Config{Client: 1, Servers: []net.Addr{"a:1", "b:1"}, Timeout: 4 * time.Second, Log: log}, NewScript(ops), s, s, clock.Now{})
	s.connects(t, c, clock.Now{})
	reqs := s.requests(t)
	require.Len(t, reqs, 2)
	for i, op := range []wire.OpCode{wire.OpGetData, wire.OpAddWatch} {
		c.NetEvent(clock.Now{}, s.says(func(e *wire.Encoder) { (&wire.Reply{Xid: reqs[i].Xid, Zxid: 9}).Encode(e, op) }))
	}
	second := clock.Now{Mono: clock.Instant(time.Second)}
	c.Wake(second)
	require.Equal(t, 1, s.closed)
	again := clock.Now{Mono: s.alarm}
	c.Wake(again)
	s.connects(t, c, again)
	reqs = s.requests(t)
	require.Equal(t, []wire.OpCode{wire.OpAuth, wire.OpSetWatches2}, []wire.OpCode{reqs[0].Op, reqs[1].Op})
	require.Equal(t, []string{"/a"}, reqs[1].DataWatches)
	require.Equal(t, []string{"/"}, reqs[1].RecursiveWatches)
	require.Equal(t, wire.Zxid(9), reqs[1].RelativeZxid)
	conns := map[int]int{}
	for _, f := range log.Frames {
		conns[f.Conn]++
		require.Equal(t, 3-f.Conn, f.Server, "connection %d", f.Conn)
	}
	require.Equal(t, map[int]int{1: 6, 2: 4}, conns)
}

// What sees once is not armed again when it has seen, and what was removed is not either.
func TestWatchesThatAreArmedAgain(t *testing.T) {
	w := newWatches()
	_, any := w.request(1)
	require.False(t, any)
	w.answered(&wire.Request{Op: wire.OpExists, Path: "/x", Watch: true}, wire.NoNode)
	w.answered(&wire.Request{Op: wire.OpExists, Path: "/d", Watch: true}, wire.OK)
	w.answered(&wire.Request{Op: wire.OpGetData, Path: "/refused", Watch: true}, wire.NoAuth)
	w.answered(&wire.Request{Op: wire.OpGetChildren2, Path: "/c", Watch: true}, wire.OK)
	r, any := w.request(1)
	require.True(t, any)
	require.Equal(t, wire.OpSetWatches, r.Op)
	require.Equal(t, [][]string{{"/d"}, {"/x"}, {"/c"}}, [][]string{r.DataWatches, r.ExistWatches, r.ChildWatches})
	w.told(wire.Notification{Type: wire.NodeCreated, Path: "/x"})
	w.told(wire.Notification{Type: wire.NodeChildrenChanged, Path: "/c"})
	w.answered(&wire.Request{Op: wire.OpRemoveWatches, Path: "/d", WatcherType: wire.WatcherAny}, wire.OK)
	w.answered(&wire.Request{Op: wire.OpAddWatch, Path: "/p", Mode: wire.AddPersistent}, wire.OK)
	r, _ = w.request(1)
	require.Equal(t, wire.OpSetWatches2, r.Op)
	require.Empty(t, append(append(r.DataWatches, r.ExistWatches...), r.ChildWatches...))
	require.Equal(t, []string{"/p"}, r.PersistentWatches)
}
