package node

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// The decisions of A25, and those in which this server differs (A28.11, 12 and 14).
func TestRemedies(t *testing.T) {
	z := func(epoch wire.Epoch, counter uint32) wire.Zxid { return wire.MakeZxid(epoch, counter) }
	of := func(before wire.Zxid, zxids ...wire.Zxid) (w window) {
		w.before, w.proposed = before, before
		for _, x := range zxids {
			w.txns, w.proposed = append(w.txns, tree.Txn{Zxid: x}), x
		}
		return w
	}
	plain := of(z(1, 2), z(1, 3), z(1, 4), z(2, 1), z(2, 2))
	more := plain
	more.proposed = z(2, 4)
	for _, c := range []struct {
		name        string
		w           window
		peer, uncut wire.Zxid
		how         packetType
		at          wire.Zxid
	}{
		{"both new", of(0), 0, 0, diff, 0},
		{"at the end", plain, z(2, 2), 0, diff, z(2, 2)},
		{"inside", plain, z(1, 4), 0, diff, z(1, 4)},
		{"just in front of the window", plain, z(1, 2), 0, diff, z(1, 2)},
		{"in front of the window", plain, z(1, 1), 0, snap, 0},
		{"new, and the window is not", plain, 0, 0, snap, 0},
		{"behind the end, of the same epoch", plain, z(2, 3), z(2, 2), trunc, z(2, 2)},
		{"behind the end, of a later epoch", plain, z(3, 1), z(2, 2), snap, 0},
		{"behind the end, and its state as well", plain, z(2, 5), z(2, 3), snap, 0},
		{"in what is proposed", more, z(2, 3), z(2, 2), diff, z(2, 3)},
		{"behind what is proposed", more, z(2, 5), z(2, 2), trunc, z(2, 2)},
		{"inside and not there, before another epoch", plain, z(1, 5), z(1, 3), snap, 0},
		{"inside and not there, of one epoch", of(z(2, 1), z(2, 2), z(2, 4)), z(2, 3), z(2, 1), trunc, z(2, 2)},
		{"the same, and its state as well", of(z(2, 1), z(2, 2), z(2, 4)), z(2, 3), z(2, 3), snap, 0},
		{"an empty window, behind it", of(z(1, 2)), z(1, 3), 0, trunc, z(1, 2)},
	} {
		how, at := c.w.remedy(c.peer, c.uncut)
		require.Equal(t, c.how, how, "%s: %v", c.name, how)
		require.Equal(t, c.at, at, c.name)
	}
}
