package wire_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/wire"
)

// FuzzDecodeRequest: what decodes, encodes to bytes that decode to the same.
func FuzzDecodeRequest(f *testing.F) {
	for _, g := range goldenRequests {
		f.Add(bytesOf(f, g.hex))
	}
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 1, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := wire.DecodeRequest(b)
		if err != nil {
			require.ErrorIs(t, err, wire.ErrMalformed)
			return
		}
		again, err := wire.DecodeRequest(encoded(first.Encode))
		require.NoError(t, err)
		require.Equal(t, first, again)
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
