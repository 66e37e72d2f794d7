package wire_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/wire"
)

// drain takes all whole frames, as copies.
func drain(f *wire.Framer) (frames [][]byte, err error) {
	for {
		frame, ok, err := f.Next()
		if err != nil || !ok {
			return frames, err
		}
		frames = append(frames, append([]byte{}, frame...))
	}
}

func framed(frames [][]byte) []byte {
	var e wire.Encoder
	for _, f := range frames {
		mark := e.Begin()
		e.Buf = append(e.Buf, f...)
		e.End(mark)
	}
	return e.Buf
}

// However a stream is cut into segments, the frames are those that were sent.
func TestFramerFindsFramesWhateverTheSegments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want [][]byte
		for range rapid.IntRange(0, 8).Draw(t, "frames") {
			want = append(want, append([]byte{}, rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "frame")...))
		}
		var f wire.Framer
		var got [][]byte
		for stream := framed(want); len(stream) > 0; {
			n := rapid.IntRange(1, len(stream)).Draw(t, "segment")
			f.Feed(stream[:n])
			stream = stream[n:]
			frames, err := drain(&f)
			require.NoError(t, err)
			got = append(got, frames...)
		}
		require.Equal(t, want, got)
	})
}

// A frame arrives with its last byte and not before.
func TestFramerWaitsForTheLastByte(t *testing.T) {
	stream := framed([][]byte{[]byte("ping")})
	var f wire.Framer
	for _, b := range stream[:len(stream)-1] {
		f.Feed([]byte{b})
		_, ok, err := f.Next()
		require.NoError(t, err)
		require.False(t, ok)
	}
	f.Feed(stream[len(stream)-1:])
	frame, ok, err := f.Next()
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, []byte("ping"), frame)
}

// The caller's segment may be reused as soon as Feed returns.
func TestFramerCopiesSegments(t *testing.T) {
	segment := framed([][]byte{[]byte("ping")})
	var f wire.Framer
	f.Feed(segment)
	clear(segment)
	frame, ok, err := f.Next()
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, []byte("ping"), frame)
}

func TestFramerLimits(t *testing.T) {
	cases := []struct {
		name   string
		max    int
		length int32
		err    error
	}{
		{"empty frame", 0, 0, nil},
		{"the default limit itself", 0, wire.MaxFrame, nil},
		{"one more", 0, wire.MaxFrame + 1, wire.ErrMalformed},
		{"an own limit itself", 10, 10, nil},
		{"one more than an own limit", 10, 11, wire.ErrMalformed},
		{"negative", 0, -1, wire.ErrMalformed},
		{"most negative", 0, math.MinInt32, wire.ErrMalformed},
		{"largest", 0, math.MaxInt32, wire.ErrMalformed},
		{"four letters, as of an admin command", 0, int32(binary.BigEndian.Uint32([]byte("ruok"))), wire.ErrMalformed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var f wire.Framer
			length := encoded(func(e *wire.Encoder) { e.Int32(c.length) })
			require.Less(t, leastAllocated(func() { f = wire.Framer{Max: c.max}; f.Feed(length) }), uint64(4096), "nothing is allocated for a length alone")
			_, ok, err := f.Next()
			require.ErrorIs(t, err, c.err)
			require.Equal(t, c.length == 0, ok, "only an empty frame is whole already")
		})
	}
}

// After a bad length there is no way to find the next frame again.
func TestFramerStaysMalformed(t *testing.T) {
	var f wire.Framer
	f.Feed([]byte{255, 255, 255, 255})
	for range 3 {
		_, ok, err := f.Next()
		require.ErrorIs(t, err, wire.ErrMalformed)
		require.False(t, ok)
		f.Feed(framed([][]byte{[]byte("ping")}))
	}
}

// A long stream of small frames does not pile up.
func TestFramerForgetsWhatWasTaken(t *testing.T) {
	var f wire.Framer
	stream := framed([][]byte{make([]byte, 100), make([]byte, 100)})
	total := allocated(func() {
		for range 10_000 {
			f.Feed(stream[:150])
			f.Feed(stream[150:])
			for ok := true; ok; {
				_, ok, _ = f.Next()
			}
		}
	})
	require.Less(t, total, uint64(10_000*4*len(stream)), "each byte is copied a bounded number of times")
}
