package wire_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/wire"
)

// With room in the caller's buffer, encoding takes no memory: not for any record.
func TestEncodingAllocatesNothing(t *testing.T) {
	e := wire.Encoder{Buf: make([]byte, 0, 1<<16)}
	nothing := func(name string, encode func()) {
		require.Zero(t, testing.AllocsPerRun(10, func() { e.Buf = e.Buf[:0]; encode() }), name)
	}
	for i := range goldenRequests {
		nothing(goldenRequests[i].name, func() { goldenRequests[i].want.Encode(&e) })
	}
	for i := range goldenReplies {
		nothing(goldenReplies[i].name, func() { goldenReplies[i].want.Encode(&e, goldenReplies[i].op) })
	}
	event := wire.Notification{Zxid: -1, Type: wire.NodeCreated, Path: "/😀"}
	nothing("event", func() { event.Encode(&e) })
	hello, welcome := wire.ConnectRequest{Password: kilobyte}, wire.ConnectResponse{Password: kilobyte}
	nothing("handshake", func() { hello.Encode(&e); welcome.Encode(&e) })
}

// Decoding in place takes memory for text and vectors alone: one piece for each.
func TestDecodingInPlaceAllocatesTextAlone(t *testing.T) {
	for _, c := range []struct {
		r    wire.Request
		want float64
	}{
		{wire.Request{Op: wire.OpPing}, 0},
		{wire.Request{Op: wire.OpGetData, Path: "/a"}, 1},
		{wire.Request{Op: wire.OpSetData, Path: "/a", Data: kilobyte}, 1},
		{wire.Request{Op: wire.OpCreate, Path: "/a", Data: kilobyte, ACL: wire.WorldACL(wire.PermAll)}, 4},
	} {
		frame := encoded(c.r.Encode)
		var r wire.Request
		require.Equal(t, c.want, testing.AllocsPerRun(10, func() { _ = r.Decode(frame) }), c.r.Op)
	}
	answer := wire.Reply{Data: kilobyte}
	frame := encoded(func(e *wire.Encoder) { answer.Encode(e, wire.OpGetData) })
	require.Zero(t, testing.AllocsPerRun(10, func() { _ = answer.Decode(frame, wire.OpGetData) }))
}

// A framer that is drained as it is fed keeps one buffer.
func TestFramerReusesItsBuffer(t *testing.T) {
	stream := framed([][]byte{make([]byte, 100), make([]byte, 100)})
	var f wire.Framer
	round := func() {
		f.Feed(stream[:150])
		for ok := true; ok; {
			_, ok, _ = f.Next()
		}
		f.Feed(stream[150:])
		for ok := true; ok; {
			_, ok, _ = f.Next()
		}
	}
	round()
	require.Zero(t, testing.AllocsPerRun(100, round))
}

// What one large frame took is given back with the next segment.
func TestFramerForgetsALargeFrame(t *testing.T) {
	var f wire.Framer
	f.Feed(framed([][]byte{make([]byte, 1<<19)}))
	frame, ok, err := f.Next()
	require.NoError(t, err)
	require.True(t, ok)
	f.Feed(framed([][]byte{[]byte("ping")}))
	require.Equal(t, make([]byte, 1<<19), frame, "not even overwritten")
	frame, ok, err = f.Next()
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, []byte("ping"), frame)
}
