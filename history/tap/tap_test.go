package tap_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/history/tap"
	"github.com/zoobreak/zoobreak/wire"
)

// Frames of both directions.
func frame(encode func(*wire.Encoder)) []byte {
	var e wire.Encoder
	mark := e.Begin()
	encode(&e)
	e.End(mark)
	return e.Buf
}

func hello(session wire.SessionID) []byte {
	return frame((&wire.ConnectRequest{TimeoutMillis: 4000, Session: session, Password: make([]byte, 16)}).Encode)
}

func welcome(timeout int32, session wire.SessionID) []byte {
	return frame((&wire.ConnectResponse{TimeoutMillis: timeout, Session: session, Password: make([]byte, 16)}).Encode)
}

func request(xid int32, op wire.OpCode, path wire.Path) []byte {
	return frame((&wire.Request{Xid: xid, Op: op, Path: path}).Encode)
}

func reply(op wire.OpCode, r wire.Reply) []byte {
	return frame(func(e *wire.Encoder) { r.Encode(e, op) })
}

// line is what matters of an operation.
type line struct {
	name, path string
	status     history.Status
	xid        int32
	session    wire.SessionID
	zxid       wire.Zxid
	code       wire.Code
	reason     string
}

func lines(log *history.Log) (out []line) {
	for _, op := range log.Ops {
		out = append(out, line{op.Name, string(op.Path), op.Status, op.Xid, op.Session, op.Zxid, op.Code, op.Error})
	}
	return out
}

// event is one thing at the client's end: bytes out, bytes in, or the end.
type event struct {
	out, in []byte
	broken  bool
}

func play(events []event) *history.Log {
	log := &history.Log{}
	t := tap.New(log, 1)
	for i, e := range events {
		at := 1 + 10*i
		switch {
		case e.broken:
			t.Broken(clock.Instant(at))
		case e.out != nil:
			t.Sent(clock.Instant(at), e.out)
		default:
			t.Got(clock.Instant(at), e.in)
		}
	}
	return log
}

func TestConversations(t *testing.T) {
	begin := []event{{out: hello(0)}, {in: welcome(4000, 7)}}
	connected := line{name: "connect", status: history.OK, session: 7}
	cases := map[string]struct {
		events []event
		want   []line
	}{
		"a new session":           {begin, []line{connected}},
		"a session taken up":      {[]event{{out: hello(7)}, {in: welcome(4000, 7)}}, []line{connected}},
		"an expired session":      {[]event{{out: hello(7)}, {in: welcome(0, 0)}}, []line{{name: "connect", status: history.Fail, session: 7, reason: "session expired"}}},
		"broken before a welcome": {[]event{{out: hello(7)}, {broken: true}}, []line{{name: "connect", status: history.Unknown, session: 7, reason: "connection lost"}}},
		"broken before a hello":   {[]event{{broken: true}}, nil},
		"a create has the path of its reply": {
			append(begin, event{out: request(1, wire.OpCreate, "/lock/n-")}, event{in: reply(wire.OpCreate, wire.Reply{Xid: 1, Zxid: 9, Path: "/lock/n-3"})}),
			[]line{connected, {name: "create", path: "/lock/n-3", status: history.OK, xid: 1, session: 7, zxid: 9}},
		},
		"a refusal is definite": {
			append(begin, event{out: request(1, wire.OpDelete, "/a")}, event{in: reply(wire.OpDelete, wire.Reply{Xid: 1, Zxid: 9, Err: wire.NoNode})}),
			[]line{connected, {name: "delete", path: "/a", status: history.Fail, xid: 1, session: 7, zxid: 9, code: wire.NoNode}},
		},
		"pipelined, then broken": {
			append(begin, event{out: append(request(1, wire.OpExists, "/a"), request(2, wire.OpSetData, "/b")...)},
				event{in: reply(wire.OpExists, wire.Reply{Xid: 1, Zxid: 5})}, event{broken: true}),
			[]line{connected, {name: "exists", path: "/a", status: history.OK, xid: 1, session: 7, zxid: 5},
				{name: "setData", path: "/b", status: history.Unknown, xid: 2, session: 7, reason: "connection lost"}},
		},
		"pings, notifications and auth answer no request": {
			append(begin, event{out: request(wire.XidPing, wire.OpPing, "")}, event{out: request(wire.XidAuth, wire.OpAuth, "digest")},
				event{out: request(1, wire.OpExists, "/a")},
				event{in: frame((&wire.Notification{Zxid: 4, Type: wire.NodeDeleted, Path: "/a"}).Encode)},
				event{in: reply(wire.OpPing, wire.Reply{Xid: wire.XidPing, Zxid: 4})}, event{in: reply(wire.OpAuth, wire.Reply{Xid: wire.XidAuth})},
				event{in: reply(wire.OpSetWatches, wire.Reply{Xid: wire.XidSetWatches})}),
			[]line{connected, {name: "exists", path: "/a", xid: 1, session: 7}},
		},
		"setWatches with an ordinary xid": {
			append(begin, event{out: request(1, wire.OpSetWatches, "")}, event{out: request(2, wire.OpExists, "/a")},
				event{in: reply(wire.OpSetWatches, wire.Reply{Xid: 1, Zxid: 3})}, event{in: reply(wire.OpExists, wire.Reply{Xid: 2, Zxid: 3})}),
			[]line{connected, {name: "setWatches", status: history.OK, xid: 1, session: 7, zxid: 3}, {name: "exists", path: "/a", status: history.OK, xid: 2, session: 7, zxid: 3}},
		},
		"a reply to nothing": {append(begin, event{in: reply(wire.OpExists, wire.Reply{Xid: 5})}), []line{connected}},
		"another protocol":   {[]event{{out: []byte("GET / HTTP/1.1\r\n")}, {in: []byte("HTTP/1.1 400\r\n")}, {broken: true}}, nil},
		"nonsense after a while": {
			append(begin, event{out: request(1, wire.OpExists, "/a")}, event{in: []byte{0, 0, 0, 1, 1}}, event{broken: true}),
			[]line{connected, {name: "exists", path: "/a", status: history.Unknown, xid: 1, session: 7, reason: "connection lost"}},
		},
		"after the end": {append(begin, event{broken: true}, event{out: request(1, wire.OpExists, "/a")}), []line{connected}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			log := play(tc.events)
			require.NoError(t, log.Validate())
			require.Equal(t, tc.want, lines(log))
		})
	}
}

// Segments mean nothing: any cut of the same bytes gives the same operations.
func TestAnyCutIsTheSame(t *testing.T) {
	out := append(append(hello(0), request(1, wire.OpCreate, "/a")...), request(2, wire.OpExists, "/a")...)
	in := append(append(welcome(4000, 7), reply(wire.OpCreate, wire.Reply{Xid: 1, Zxid: 9, Path: "/a"})...), reply(wire.OpExists, wire.Reply{Xid: 2, Zxid: 9})...)
	whole := lines(play([]event{{out: out}, {in: in}}))
	require.Len(t, whole, 3)
	rapid.Check(t, func(t *rapid.T) {
		var events []event
		for _, b := range cut(t, out) {
			events = append(events, event{out: b})
		}
		for _, b := range cut(t, in) {
			events = append(events, event{in: b})
		}
		got := lines(play(events))
		for i := range got {
			got[i].session = 7 // requests sent before the welcome cannot know it
		}
		for i := range whole {
			whole[i].session = 7
		}
		require.Equal(t, whole, got)
	})
}

func cut(t *rapid.T, b []byte) (out [][]byte) {
	for len(b) > 0 {
		n := rapid.IntRange(1, len(b)).Draw(t, "segment")
		out = append(out, b[:n])
		b = b[n:]
	}
	return out
}
