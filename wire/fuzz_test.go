package wire_test

import (
	"encoding/binary"
	"testing"
	"unicode/utf8"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/wire"
)

// FuzzDecodeRequest: what decodes, encodes to bytes that decode to the same, is of a size
// in proportion, and is known to belong to the operation.
func FuzzDecodeRequest(f *testing.F) {
	for _, g := range goldenRequests {
		f.Add(bytesOf(f, g.hex))
	}
	for _, step := range readRecording(f, "../testdata/conformance/hand.jsonl") {
		for _, s := range step.requests() {
			f.Add(fill(f, s))
		}
	}
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 1, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		var first wire.Request
		err := first.Decode(b)
		if err != nil {
			requireMalformed(t, err, len(b))
			return
		}
		require.LessOrEqual(t, requestSize(&first), 1024+8*len(b))
		again, err := wire.DecodeRequest(encoded(first.Encode))
		require.NoError(t, err)
		require.Equal(t, first, again)
	})
}

// FuzzDecodeReply: the same, for any operation that the client may have asked for.
func FuzzDecodeReply(f *testing.F) {
	for _, g := range goldenReplies {
		f.Add(int32(g.op), bytesOf(f, g.hex))
	}
	f.Fuzz(func(t *testing.T, op int32, b []byte) {
		var first wire.Reply
		err := first.Decode(b, wire.OpCode(op))
		if err != nil {
			requireMalformed(t, err, len(b))
			return
		}
		require.LessOrEqual(t, replySize(&first), 1024+24*len(b))
		again, err := wire.DecodeReply(encoded(func(e *wire.Encoder) { first.Encode(e, wire.OpCode(op)) }), wire.OpCode(op))
		require.NoError(t, err)
		require.Equal(t, first, again)
	})
}

// FuzzHandshake: both sides of it, and events.
func FuzzHandshake(f *testing.F) {
	f.Add(encoded((&wire.ConnectRequest{TimeoutMillis: 8000, Password: make([]byte, 16)}).Encode))
	f.Add(encoded((&wire.ConnectResponse{TimeoutMillis: 8000, Session: 1, Password: make([]byte, 16), NoReadOnly: true}).Encode))
	f.Add(encoded((&wire.Notification{Zxid: -1, Type: wire.NodeCreated, Path: "/a"}).Encode))
	f.Fuzz(func(t *testing.T, b []byte) {
		request, err := wire.DecodeConnectRequest(b)
		requireSame(t, b, request, err, encoded(request.Encode), wire.DecodeConnectRequest)
		response, err := wire.DecodeConnectResponse(b)
		requireSame(t, b, response, err, encoded(response.Encode), wire.DecodeConnectResponse)
		event, err := wire.DecodeNotification(b)
		if event.State == wire.StateDisconnected {
			event.State = wire.StateSyncConnected // as which it is sent
		}
		requireSame(t, b, event, err, encoded(event.Encode), wire.DecodeNotification)
	})
}

func requireSame[T any](t *testing.T, b []byte, first T, err error, encoded []byte, decode func([]byte) (T, error)) {
	if err != nil {
		requireMalformed(t, err, len(b))
		return
	}
	again, err := decode(encoded)
	require.NoError(t, err)
	require.Equal(t, first, again)
}

// requireMalformed wants an error that names a place in the bytes.
func requireMalformed(t *testing.T, err error, size int) {
	var m *wire.MalformedError
	require.ErrorAs(t, err, &m)
	require.LessOrEqual(t, m.At, size)
	require.NotEmpty(t, m.Error())
}

// requestSize and replySize are about the memory that a record takes.
func requestSize(r *wire.Request) int {
	n := len(r.Path) + len(r.Scheme) + aclSize(r.ACL)
	for _, v := range [][]string{r.DataWatches, r.ExistWatches, r.ChildWatches, r.PersistentWatches, r.RecursiveWatches} {
		n += listSize(v)
	}
	for i := range r.Ops {
		n += int(unsafe.Sizeof(r.Ops[i])) + len(r.Ops[i].Path) + aclSize(r.Ops[i].ACL)
	}
	if r.Reconfig != nil {
		n += len(r.Reconfig.Joining) + len(r.Reconfig.Leaving) + len(r.Reconfig.NewMembers)
	}
	return n
}

func replySize(r *wire.Reply) int {
	n := len(r.Path) + aclSize(r.ACL) + listSize(r.Children)
	for _, c := range r.Identities {
		n += int(unsafe.Sizeof(c)) + len(c.Scheme) + len(c.User)
	}
	for i := range r.Results {
		n += int(unsafe.Sizeof(r.Results[i])) + len(r.Results[i].Path) + listSize(r.Results[i].Children)
	}
	return n
}

func listSize(v []string) int {
	n := cap(v) * int(unsafe.Sizeof(""))
	for _, s := range v {
		n += len(s)
	}
	return n
}

func aclSize(v []wire.ACL) int {
	n := cap(v) * int(unsafe.Sizeof(wire.ACL{}))
	for _, a := range v {
		n += len(a.Scheme) + len(a.ID)
	}
	return n
}

// FuzzPath: the rules are those of Java's code, told in another way.
func FuzzPath(f *testing.F) {
	for _, p := range []string{"/", "/a", "/a/../b", "/...", "//", "/a/", "", "/\x7f", "/😀", "/\ufff0", "/.b/.", "/\xff"} {
		f.Add([]byte(p))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p := wire.NewDecoder(encoded(func(e *wire.Encoder) { e.Bytes(append([]byte{}, b...)) })).String()
		require.Equal(t, javaValid(p), wire.Path(p).Valid(), "%q", p)
		if p != "" && wire.Path(p).Valid() {
			require.Equal(t, '/', rune(wire.Path(p).Parent()[0]))
		}
	})
}

// FuzzText: what is decoded is UTF-8 for ever, and arrives at a client as it is.
func FuzzText(f *testing.F) {
	for _, c := range echoes {
		f.Add(bytesOf(f, c.sent))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := wire.NewDecoder(encoded(func(e *wire.Encoder) { e.Bytes(append([]byte{}, b...)) })).String()
		require.True(t, utf8.ValidString(s))
		java := encoded(func(e *wire.Encoder) { e.JavaString(s) })
		require.Equal(t, len(java)-4, int(binary.BigEndian.Uint32(java)))
		require.Equal(t, s, wire.NewDecoder(java).JavaString())
		plain := encoded(func(e *wire.Encoder) { e.String(s) })
		require.Equal(t, s, wire.NewDecoder(plain).String())
	})
}

// FuzzFramer: segments do not matter, frames add up to the stream, none is oversized.
func FuzzFramer(f *testing.F) {
	f.Add([]byte{0, 0, 0, 2, 'o', 'k', 0, 0, 0, 0}, 1)
	f.Add([]byte{0, 0, 0, 9, 'c', 'u', 't'}, 3)
	f.Add([]byte{255, 255, 255, 255}, 2)
	f.Add([]byte("ruok"), 4)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		whole := wire.Framer{Max: 64}
		whole.Feed(stream)
		want, wantErr := drain(&whole)
		require.Equal(t, want, framesIn(stream, 64))

		cut := wire.Framer{Max: 64}
		var got [][]byte
		var gotErr error
		for gotErr == nil && len(stream) > 0 {
			n := min(len(stream), max(1, size))
			cut.Feed(stream[:n])
			stream = stream[n:]
			var frames [][]byte
			frames, gotErr = drain(&cut)
			got = append(got, frames...)
		}
		require.Equal(t, want, got)
		require.Equal(t, wantErr, gotErr)
	})
}

// framesIn is the obvious way to cut a stream of which every byte is at hand.
func framesIn(stream []byte, limit uint32) (frames [][]byte) {
	for len(stream) >= 4 {
		n := binary.BigEndian.Uint32(stream)
		if n > limit || int(n) > len(stream)-4 {
			break
		}
		frames = append(frames, append([]byte{}, stream[4:4+n]...))
		stream = stream[4+n:]
	}
	return frames
}
