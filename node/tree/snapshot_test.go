package tree

import (
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/wire"
)

// small returns a state with some of everything.
func small() *Tree {
	t := New()
	world := wire.WorldACL(wire.PermAll)
	for i, x := range []Txn{
		{Op: wire.OpCreateSession, Session: 7, TimeoutMillis: 4000},
		{Op: wire.OpCreate, Path: "/a", Data: []byte("x"), ACL: world, ParentCversion: 1},
		{Op: wire.OpCreate, Path: "/a/b", Data: []byte{}, ACL: world, ParentCversion: 1, Session: 7, Ephemeral: true},
		{Op: wire.OpSetData, Path: "/a", Data: nil, Version: 1},
	} {
		x.Zxid, x.Millis = wire.MakeZxid(1, uint32(i+1)), 1000
		t.Apply(&x)
	}
	return t
}

func TestLoadRefusesWhatIsNoSnapshot(t *testing.T) {
	b := small().Snapshot()
	_, err := Load(b)
	require.NoError(t, err)
	for n := range b {
		_, err := Load(b[:n])
		require.ErrorIs(t, err, wire.ErrMalformed, "the first %d bytes", n)
	}
	_, err = Load(append(slices.Clone(b), 0))
	require.ErrorIs(t, err, wire.ErrMalformed, "a byte too many")
	var nothing wire.Encoder
	nothing.Int64(0)
	nothing.Int32(0)
	nothing.Int32(0)
	nothing.Int64(0)
	_, err = Load(nothing.Buf)
	require.ErrorIs(t, err, wire.ErrMalformed, "no root")
}

func TestLoadRefusesNodesThatDoNotFit(t *testing.T) {
	r := reader{Tree: New()}
	for p, want := range map[wire.Path]bool{
		"/new": true, "/zookeeper/new": true, "/": false, "": false, "new": false, "/new/": false, "/zookeeper": false, "/no/parent": false, "//": false,
	} {
		require.Equal(t, want, r.fits(p), p)
	}
	require.False(t, (&reader{Tree: empty()}).fits("/a"), "the root comes first")
}

// The digest in a snapshot covers what the digest covers; whatever else is changed, the
// state that clients are shown stays the same.
func TestLoadRefusesEveryChangedState(t *testing.T) {
	want := small()
	b := want.Snapshot()
	refused := 0
	for i := range b {
		for _, bit := range []byte{0x01, 0x80} {
			changed := slices.Clone(b)
			changed[i] ^= bit
			got, err := Load(changed)
			if err != nil {
				refused++
				continue
			}
			require.Equal(t, want.Digest(), got.Digest(), "byte %d", i)
			require.Equal(t, want.Node("/a").Stat(), got.Node("/a").Stat(), "byte %d", i)
			require.Equal(t, want.Ephemerals(7), got.Ephemerals(7), "byte %d", i)
		}
	}
	require.Greater(t, refused, len(b)) // more than half
}

func TestTxnRoundTrip(t *testing.T) {
	path := rapid.Map(rapid.StringMatching("/[a-z]{1,5}"), func(s string) wire.Path { return wire.Path(s) })
	rapid.Check(t, func(t *rapid.T) {
		x := drawOp(t, path, true)
		x.Zxid, x.Session = wire.Zxid(rapid.Int64().Draw(t, "zxid")), wire.SessionID(rapid.Int64().Draw(t, "session"))
		x.Xid, x.Millis = rapid.Int32().Draw(t, "xid"), rapid.Int64().Draw(t, "millis")
		var e wire.Encoder
		x.Encode(&e)
		d := wire.NewDecoder(e.Buf)
		got := DecodeTxn(d)
		require.NoError(t, d.Err())
		require.Empty(t, d.Rest())
		require.True(t, reflect.DeepEqual(x, got), "%+v\n%+v", x, got)
	})
}

// drawOp draws an operation with what belongs to it.
func drawOp(t *rapid.T, path *rapid.Generator[wire.Path], multi bool) (x Txn) {
	ops := []wire.OpCode{
		wire.OpCreate, wire.OpCreateContainer, wire.OpCreateTTL, wire.OpDelete, wire.OpDeleteContainer, wire.OpSetData,
		wire.OpSetACL, wire.OpCheck, wire.OpError, wire.OpCreateSession, wire.OpCloseSession, wire.OpMulti,
	}
	if !multi {
		ops = ops[:9]
	}
	x.Op = rapid.SampledFrom(ops).Draw(t, "op")
	switch x.Op {
	case wire.OpCreate, wire.OpCreateContainer, wire.OpCreateTTL:
		x.Path, x.Data, x.ACL = path.Draw(t, "path"), rapid.SliceOf(rapid.Byte()).Draw(t, "data"), wire.WorldACL(rapid.Int32().Draw(t, "perms"))
		x.ParentCversion, x.Ephemeral = rapid.Int32().Draw(t, "cversion"), x.Op == wire.OpCreate && rapid.Bool().Draw(t, "ephemeral")
		if x.Op == wire.OpCreateTTL {
			x.TTLMillis = rapid.Int64().Draw(t, "ttl")
		}
	case wire.OpDelete, wire.OpDeleteContainer, wire.OpCheck:
		x.Path = path.Draw(t, "path")
	case wire.OpSetData:
		x.Path, x.Version = path.Draw(t, "path"), rapid.Int32().Draw(t, "version") // null data stays null
	case wire.OpSetACL:
		x.Path, x.ACL, x.Version = path.Draw(t, "path"), wire.WorldACL(1), rapid.Int32().Draw(t, "version")
	case wire.OpMulti:
		for range rapid.IntRange(1, 4).Draw(t, "ops") {
			x.Ops = append(x.Ops, drawOp(t, path, false))
		}
	case wire.OpCreateSession:
		x.TimeoutMillis = rapid.Int32().Draw(t, "timeout")
	case wire.OpCloseSession:
		x.Deletes = rapid.SliceOfN(path, 1, 4).Draw(t, "deletes")
	case wire.OpError:
		x.Code = wire.Code(rapid.Int32().Draw(t, "code"))
	}
	return x
}
