package wire_test

import (
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/wire"
)

// lengths are what an attacker, or a stray byte, puts where a length belongs. Null is
// -1, so it is not among them.
var lengths = []int32{-2, -3, math.MinInt32, math.MaxInt32, math.MaxInt32 - 3, 1 << 30, 1 << 20, 9}

func TestHostileLengthsAreRefused(t *testing.T) {
	reads := map[string]func(*wire.Decoder){
		"bytes":   func(d *wire.Decoder) { d.Bytes() },
		"string":  func(d *wire.Decoder) { _ = d.String() },
		"strings": func(d *wire.Decoder) { d.Strings() },
		"acls":    func(d *wire.Decoder) { d.ACLs() },
	}
	for name, read := range reads {
		t.Run(name, func(t *testing.T) {
			for _, n := range lengths {
				b := encoded(func(e *wire.Encoder) { e.Int32(n); e.Int64(0) })
				d := wire.NewDecoder(b)
				require.Less(t, allocated(func() { read(d) }), uint64(4096), "length %d", n)
				require.ErrorIs(t, d.Err(), wire.ErrMalformed, "length %d", n)
			}
		})
	}
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A count that the bytes could just hold is still no reason to take many times their
// size.
func TestCountsAllocateInProportion(t *testing.T) {
	const size = 1 << 20
	b := encoded(func(e *wire.Encoder) { e.Int32(size / 4) })
	b = append(b, make([]byte, size)...)
	require.Less(t, allocated(func() { wire.NewDecoder(b).Strings() }), uint64(5*size))
	require.Less(t, allocated(func() { wire.NewDecoder(b).ACLs() }), uint64(5*size))
}

func TestAfterAnErrorEverythingIsZero(t *testing.T) {
	d := wire.NewDecoder([]byte{0, 0, 0})
	require.Zero(t, d.Int32())
	require.ErrorIs(t, d.Err(), wire.ErrMalformed)
	require.False(t, d.Bool(), "although three bytes are left")
	require.Zero(t, d.Int64())
	require.Empty(t, d.String())
	require.Nil(t, d.Bytes())
	require.Empty(t, d.Strings())
	require.Empty(t, d.ACLs())
	require.Zero(t, d.Stat())
	require.ErrorIs(t, d.Err(), wire.ErrMalformed)
}

func TestNullAndEmptyDiffer(t *testing.T) {
	require.Equal(t, []byte{255, 255, 255, 255}, encoded(func(e *wire.Encoder) { e.Bytes(nil) }))
	require.Equal(t, []byte{0, 0, 0, 0}, encoded(func(e *wire.Encoder) { e.Bytes([]byte{}) }))

	d := wire.NewDecoder([]byte{255, 255, 255, 255, 0, 0, 0, 0})
	require.Nil(t, d.Bytes())
	require.Equal(t, []byte{}, d.Bytes())
	require.NoError(t, d.Err())
}

// Null strings and vectors, which some clients send, are read as empty ones.
func TestNullStringsAndVectorsAreEmpty(t *testing.T) {
	null := []byte{255, 255, 255, 255}
	for name, read := range map[string]func(*wire.Decoder) int{
		"string":  func(d *wire.Decoder) int { return len(d.String()) },
		"strings": func(d *wire.Decoder) int { return len(d.Strings()) },
		"acls":    func(d *wire.Decoder) int { return len(d.ACLs()) },
	} {
		d := wire.NewDecoder(null)
		require.Zero(t, read(d), name)
		require.NoError(t, d.Err(), name)
		require.Empty(t, d.Rest(), name)
	}
}

// Decoded data is a copy: the caller's buffer is reused for the next frame.
func TestDecodedDataIsACopy(t *testing.T) {
	sent := wire.Request{Op: wire.OpSetData, Path: "/a", Data: []byte("data")}
	b := encoded(sent.Encode)
	got, err := wire.DecodeRequest(b)
	require.NoError(t, err)
	clear(b)
	require.Equal(t, wire.Path("/a"), got.Path)
	require.Equal(t, []byte("data"), got.Data)
}

// Whatever the bytes, decoding them ends with a value or ErrMalformed.
func TestAnyBytesDecodeOrAreMalformed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "bytes")
		op := rapid.SampledFrom(operations).Draw(t, "op")
		for _, decode := range []func() error{
			func() error { _, err := wire.DecodeRequest(b); return err },
			func() error { _, err := wire.DecodeReply(b, op); return err },
			func() error { _, err := wire.DecodeConnectRequest(b); return err },
			func() error { _, err := wire.DecodeConnectResponse(b); return err },
			func() error { _, err := wire.DecodeNotification(b); return err },
		} {
			if err := decode(); err != nil {
				require.ErrorIs(t, err, wire.ErrMalformed)
			}
		}
	})
}
