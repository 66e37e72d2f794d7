package wire_test

import (
	"bytes"
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/wire"
)

// lengths are what an attacker, or a stray byte, puts where a length belongs. Null is
// -1, so it is not among them. A vector of a negative length is empty, as in Java.
var lengths = []int32{-2, -3, math.MinInt32, math.MaxInt32, math.MaxInt32 - 3, 1 << 30, 1 << 20, 9}

func TestHostileLengthsAreRefused(t *testing.T) {
	reads := map[string]func(*wire.Decoder){
		"view":    func(d *wire.Decoder) { d.View() },
		"bytes":   func(d *wire.Decoder) { d.Bytes() },
		"string":  func(d *wire.Decoder) { _ = d.String() },
		"strings": func(d *wire.Decoder) { d.Strings() },
		"acls":    func(d *wire.Decoder) { d.ACLs() },
	}
	for name, read := range reads {
		t.Run(name, func(t *testing.T) {
			for _, n := range lengths {
				b := encoded(func(e *wire.Encoder) { e.Int32(n); e.Int64(0) })
				var d *wire.Decoder
				require.Less(t, leastAllocated(func() { d = wire.NewDecoder(b); read(d) }), uint64(4096), "length %d", n)
				if vector := name == "strings" || name == "acls"; vector && n < 0 {
					require.NoError(t, d.Err(), "length %d", n)
					continue
				}
				require.ErrorIs(t, d.Err(), wire.ErrMalformed, "length %d", n)
			}
		})
	}
}

// allocated is how many bytes f allocates, and whoever else in the process does meanwhile.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// leastAllocated is allocated without the others: the least of a few times.
func leastAllocated(f func()) uint64 {
	least := uint64(math.MaxUint64)
	for range 5 {
		least = min(least, allocated(f))
	}
	return least
}

// A count that the bytes could just hold is still no reason to take many times their
// size.
func TestCountsAllocateInProportion(t *testing.T) {
	const size = 1 << 20
	b := encoded(func(e *wire.Encoder) { e.Int32(size / 4) })
	b = append(b, make([]byte, size)...)
	require.Less(t, leastAllocated(func() { wire.NewDecoder(b).Strings() }), uint64(5*size))
	require.Less(t, leastAllocated(func() { wire.NewDecoder(b).ACLs() }), uint64(5*size))
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

// Null strings and vectors differ from empty ones too: ZooKeeper answers a null path with
// MarshallingError or BadArguments, or takes it, by operation.
func TestNullStringsAndVectors(t *testing.T) {
	null, empty := []byte{255, 255, 255, 255}, []byte{0, 0, 0, 0}
	require.Equal(t, wire.NullString, wire.NewDecoder(null).String())
	require.Nil(t, wire.NewDecoder(null).Strings())
	require.Nil(t, wire.NewDecoder(null).ACLs())
	require.Equal(t, "", wire.NewDecoder(empty).String())
	require.Equal(t, []string{}, wire.NewDecoder(empty).Strings())
	require.Equal(t, []wire.ACL{}, wire.NewDecoder(empty).ACLs())
	require.Equal(t, []string{}, wire.NewDecoder([]byte{255, 255, 255, 254}).Strings(), "any other negative length is empty, and not null")

	require.Equal(t, null, encoded(func(e *wire.Encoder) { e.String(wire.NullString) }))
	require.Equal(t, null, encoded(func(e *wire.Encoder) { e.JavaString(wire.NullString) }))
	require.Equal(t, null, encoded(func(e *wire.Encoder) { e.Strings(nil) }))
	require.Equal(t, null, encoded(func(e *wire.Encoder) { e.ACLs(nil) }))
	require.Equal(t, empty, encoded(func(e *wire.Encoder) { e.JavaStrings(nil) }), "no server sends a null vector")
	require.Equal(t, []string{}, wire.NewDecoder(null).JavaStrings(), "nor does a client need to know one")
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

// Decode, unlike DecodeRequest, leaves data where it is; text is a copy all the same.
func TestDecodeAliasesData(t *testing.T) {
	sent := wire.Request{Op: wire.OpMulti, Ops: []wire.Op{{Type: wire.OpSetData, Path: "/a", Data: []byte("data")}}}
	b := encoded(sent.Encode)
	var got wire.Request
	require.NoError(t, got.Decode(b))
	clear(b)
	require.Equal(t, wire.Path("/a"), got.Ops[0].Path)
	require.Equal(t, make([]byte, 4), got.Ops[0].Data)
	require.Equal(t, 4, cap(got.Ops[0].Data), "appending to it leaves the frame alone")

	answer := wire.Reply{Data: []byte("data")}
	b = encoded(func(e *wire.Encoder) { answer.Encode(e, wire.OpGetData) })
	var heard wire.Reply
	require.NoError(t, heard.Decode(b, wire.OpGetData))
	clear(b)
	require.Equal(t, make([]byte, 4), heard.Data)
}

// Operations are counted before a slice is made of them.
func TestMultiAllocatesInProportion(t *testing.T) {
	const size = 1 << 20
	var e wire.Encoder
	for range size / 18 {
		e.Int32(int32(wire.OpDelete))
		e.Bool(false)
		e.Int32(-1)
		e.String("")
		e.Int32(-1)
	}
	unfinished := append(encoded(func(e *wire.Encoder) { e.Int32(1); e.Int32(int32(wire.OpMulti)) }), e.Buf...)
	whole := append(bytes.Clone(unfinished), 255, 255, 255, 255, 1, 255, 255, 255, 255)

	var r wire.Request
	require.Less(t, allocated(func() { require.Error(t, r.Decode(unfinished)) }), uint64(64<<10), "nothing is made of what has no end")
	require.Less(t, allocated(func() { require.NoError(t, r.Decode(whole)) }), uint64(7*size))
	require.Len(t, r.Ops, size/18)
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
