package wire_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/wire"
)

func TestZxidHalves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		epoch := wire.Epoch(rapid.Int32Range(0, math.MaxInt32-1).Draw(t, "epoch"))
		counter := rapid.Uint32().Draw(t, "counter")
		z := wire.MakeZxid(epoch, counter)
		require.Equal(t, epoch, z.Epoch())
		require.Equal(t, counter, z.Counter())
		require.Less(t, z, wire.MakeZxid(epoch+1, 0), "a later epoch comes after every counter")
	})
	require.Equal(t, "0x100000007", wire.MakeZxid(1, 7).String())
	require.Equal(t, "0xffffffffffffffff", wire.Zxid(-1).String())
}

func TestWritesAreTransactions(t *testing.T) {
	writes := map[wire.OpCode]bool{
		wire.OpCreate: true, wire.OpCreate2: true, wire.OpCreateContainer: true, wire.OpCreateTTL: true,
		wire.OpDelete: true, wire.OpDeleteContainer: true, wire.OpSetData: true, wire.OpSetACL: true,
		wire.OpCheck: true, wire.OpMulti: true, wire.OpReconfig: true,
		wire.OpCreateSession: true, wire.OpCloseSession: true,
	}
	for _, op := range operations {
		require.Equal(t, writes[op], op.IsWrite(), op)
	}
}

func TestOpCodesPrintAndParse(t *testing.T) {
	for _, op := range operations {
		parsed, ok := wire.ParseOpCode(op.String())
		if op == 77 {
			require.False(t, ok, op)
			continue
		}
		require.True(t, ok, op)
		require.Equal(t, op, parsed)
	}
}

func TestNamesForPeople(t *testing.T) {
	require.Equal(t, "getChildren2", wire.OpGetChildren2.String())
	require.Equal(t, "op(77)", wire.OpCode(77).String())
	require.Equal(t, "no node", wire.NoNode.String())
	require.Equal(t, "code -9", wire.Code(-9).String())
	require.Equal(t, "childrenChanged", wire.NodeChildrenChanged.String())
	require.Equal(t, "event(0)", wire.EventType(0).String())
	require.Equal(t, "0x1000a1b2c3d01", sampleSession.String())
}
