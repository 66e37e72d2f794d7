package native

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/wire"
)

func TestHandshake(t *testing.T) {
	s := newServer(t, nil)
	require.Zero(t, s.session.Due(), "it wants to begin at once")
	s.submit(wire.OpCreate, "/early")
	s.wait(0)
	require.Equal(t, []net.Addr{"b:1"}, s.dialed, "the server to try first")
	require.Equal(t, wire.ConnectRequest{TimeoutMillis: 3000, Password: make([]byte, 16)}, s.greeting())
	require.Zero(t, s.session.ID())
	s.welcome(7)
	require.Equal(t, wire.SessionID(7), s.session.ID())
	r := s.request()
	require.Equal(t, wire.Path("/early"), r.Path, "what waited is sent now")
	s.event(net.Received, replyTo(r.Xid, 5, wire.OpCreate))
	require.Equal(t, []outcome{{wire.Reply{Xid: r.Xid, Zxid: 5, Path: "/made"}, nil}}, s.done)
}

// Bytes come as they come: replies are found whatever the segments.
func TestRepliesInAnySegments(t *testing.T) {
	s := newServer(t, nil)
	s.attach(7)
	s.submit(wire.OpCreate, "/a")
	s.submit(wire.OpSync, "/b")
	a, b := s.request(), s.request()
	for _, c := range append(replyTo(a.Xid, 5, wire.OpCreate), replyTo(b.Xid, 6, wire.OpSync)...) {
		s.event(net.Received, []byte{c})
	}
	require.Len(t, s.done, 2)
	require.EqualValues(t, 6, s.done[1].reply.Zxid)
}

func TestPingsKeepTheSessionAlive(t *testing.T) {
	s := newServer(t, nil)
	s.attach(7)
	for range 5 {
		s.wait(timeout/3 - 1)
		require.Nil(t, s.frame(), "not before a third of the timeout")
		s.wait(1)
		require.Equal(t, wire.Request{Xid: wire.XidPing, Op: wire.OpPing}, s.request())
		s.event(net.Received, replyTo(wire.XidPing, 9, wire.OpPing))
	}
	require.Empty(t, s.closed)
	require.Len(t, s.dialed, 1)
	s.submit(wire.OpSync, "/")
	s.request()
	s.wait(timeout/3 - 1)
	require.Nil(t, s.frame(), "a request is as good as a ping")
}

func TestASilentServerIsGivenUp(t *testing.T) {
	s := newServer(t, nil)
	s.attach(7)
	s.wait(timeout*2/3 - 1)
	require.Empty(t, s.closed)
	s.wait(1)
	require.Equal(t, []net.Conn{1}, s.closed, "two thirds of the timeout without a word")
	s.wait(pause)
	require.Equal(t, []net.Addr{"b:1", "c:1"}, s.dialed)
	s.wait(timeout / 3)
	require.Equal(t, []net.Conn{1, 2}, s.closed, "a dial, or a greeting, has a third")
	s.wait(pause)
	s.greeting()
	s.wait(timeout / 3)
	require.Equal(t, []net.Conn{1, 2, 3}, s.closed)
	s.wait(pause)
	require.Equal(t, []net.Addr{"b:1", "c:1", "a:1", "b:1"}, s.dialed, "one after the other")
}

// A request that was on the connection that broke may have taken effect: it fails so, once,
// and is not repeated. A request that was not sent yet waits for the next connection.
func TestUnknownOutcomeOnBreak(t *testing.T) {
	s := newServer(t, nil)
	s.attach(7)
	s.submit(wire.OpCreate, "/sent")
	s.submit(wire.OpCreate, "/sent-too")
	s.request()
	s.request()
	s.event(net.Closed, nil)
	require.Equal(t, []outcome{{wire.Reply{}, ErrUnknownOutcome}, {wire.Reply{}, ErrUnknownOutcome}}, s.done)
	s.submit(wire.OpCreate, "/waits")
	s.wait(pause)
	s.greeting()
	s.welcome(7)
	require.Equal(t, wire.Path("/waits"), s.request().Path)
	require.Nil(t, s.frame())
	require.Len(t, s.done, 2)
}

func TestReattach(t *testing.T) {
	s := newServer(t, nil)
	s.attach(7)
	s.submit(wire.OpCreate, "/a")
	s.event(net.Received, replyTo(s.request().Xid, 42, wire.OpCreate))
	s.event(net.Closed, nil)
	require.Equal(t, s.now.Mono.Add(pause), s.session.Due(), "not at once: a retry without a pause would never let time pass")
	s.wait(pause)
	require.Equal(t, wire.ConnectRequest{LastZxidSeen: 42, TimeoutMillis: 3000, Session: 7, Password: []byte("sixteen letters!")}, s.greeting())
	s.welcome(7)
	require.Equal(t, wire.SessionID(7), s.session.ID())
}

// A session that is gone is replaced by a new one, that owes nothing to the old.
func TestExpiredSessionIsReplaced(t *testing.T) {
	s := newServer(t, nil)
	s.attach(7)
	s.submit(wire.OpCreate, "/a")
	s.event(net.Received, replyTo(s.request().Xid, 42, wire.OpCreate))
	s.event(net.Closed, nil)
	s.submit(wire.OpCreate, "/waits")
	s.wait(pause)
	s.greeting()
	s.welcome(0)
	require.Zero(t, s.session.ID())
	require.Equal(t, []net.Conn{2}, s.closed)
	s.wait(pause)
	require.Equal(t, wire.ConnectRequest{TimeoutMillis: 3000, Password: make([]byte, 16)}, s.greeting())
	s.welcome(8)
	require.Equal(t, wire.SessionID(8), s.session.ID())
	require.Equal(t, wire.Path("/waits"), s.request().Path)
	require.Len(t, s.done, 1)
}

func TestReplyOutOfOrderPanics(t *testing.T) {
	s := newServer(t, nil)
	s.attach(7)
	s.submit(wire.OpCreate, "/a")
	s.submit(wire.OpCreate, "/b")
	s.request()
	second := s.request()
	require.PanicsWithValue(t, "native: a reply is out of order: the server broke the FIFO order of a connection",
		func() { s.event(net.Received, replyTo(second.Xid, 5, wire.OpCreate)) })
}

func TestReplyToNothingPanics(t *testing.T) {
	s := newServer(t, nil)
	s.attach(7)
	require.PanicsWithValue(t, "native: a reply is out of order: the server broke the FIFO order of a connection",
		func() { s.event(net.Received, replyTo(1, 5, wire.OpCreate)) })
}

func TestNotificationsAreNoReplies(t *testing.T) {
	s := newServer(t, nil)
	s.attach(7)
	s.submit(wire.OpCreate, "/a")
	var e wire.Encoder
	mark := e.Begin()
	(&wire.Notification{Zxid: 3, Type: wire.NodeCreated, Path: "/a"}).Encode(&e)
	e.End(mark)
	s.event(net.Received, e.Buf)
	require.Empty(t, s.done)
	s.event(net.Received, replyTo(s.request().Xid, 5, wire.OpCreate))
	require.Len(t, s.done, 1)
}

func TestMalformedFrameBreaksTheConnection(t *testing.T) {
	s := newServer(t, nil)
	s.attach(7)
	s.submit(wire.OpCreate, "/a")
	s.event(net.Received, []byte{0xff, 0xff, 0xff, 0xff})
	require.Equal(t, []net.Conn{1}, s.closed)
	require.Equal(t, []outcome{{wire.Reply{}, ErrUnknownOutcome}}, s.done)
}

// What an earlier connection still says is nobody's.
func TestEventsOfOldConnectionsAreIgnored(t *testing.T) {
	s := newServer(t, nil)
	s.attach(7)
	s.event(net.Closed, nil)
	old := net.Event{Kind: net.Received, Conn: 1, Data: replyTo(1, 5, wire.OpCreate)}
	s.session.NetEvent(s.now, old)
	s.wait(pause)
	s.session.NetEvent(s.now, old)
	s.session.NetEvent(s.now, net.Event{Kind: net.Closed, Conn: 1})
	s.greeting()
	s.welcome(7)
	require.Len(t, s.dialed, 2)
}

// wiretap writes down that something passed.
type wiretap struct{ seen *[]string }

func (w wiretap) note(what string, at clock.Instant, b []byte) {
	*w.seen = append(*w.seen, fmt.Sprintf("%s %d bytes at %v", what, len(b), at))
}

func (w wiretap) Sent(at clock.Instant, b []byte) { w.note("sent", at, b) }
func (w wiretap) Got(at clock.Instant, b []byte)  { w.note("got", at, b) }
func (w wiretap) Broken(at clock.Instant)         { w.note("broken", at, nil) }

func TestTapSeesEveryByteOfEachConnection(t *testing.T) {
	var taps [][]string
	s := newServer(t, func() Tap {
		taps = append(taps, nil)
		return wiretap{&taps[len(taps)-1]}
	})
	s.attach(7)
	s.now.Mono = s.now.Mono.Add(time.Millisecond)
	s.event(net.Closed, nil)
	s.wait(pause)
	s.greeting()
	require.Equal(t, [][]string{
		{"sent 49 bytes at 0.000000s", "got 41 bytes at 0.000000s", "broken 0 bytes at 0.001000s"},
		{"sent 49 bytes at 0.051000s"},
	}, taps)
}
