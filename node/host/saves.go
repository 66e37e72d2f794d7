package host

import (
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/node"
	"github.com/zoobreak/zoobreak/node/tree"
)

// translate turns saves into disk operations. Neighbouring appends become one write and
// one sync; everything else keeps its place, because the order is what the protocol's
// safety rests on.
func (h *Host) translate(saves []node.Save) (ops []disk.Op) {
	var txns []tree.Txn
	flush := func() {
		if len(txns) > 0 {
			ops = append(ops, h.files.Append(txns)...)
			txns = nil
		}
	}
	for _, s := range saves {
		for i := range s.Ops {
			if s.Ops[i].Kind == node.AppendTxn {
				txns = append(txns, s.Ops[i].Txn)
				continue
			}
			flush()
			ops = append(ops, h.one(&s.Ops[i])...)
		}
	}
	flush()
	return ops
}

func (h *Host) one(op *node.SaveOp) []disk.Op {
	switch op.Kind {
	case node.SetAcceptedEpoch:
		return h.files.AcceptedEpoch(op.Epoch)
	case node.SetCurrentEpoch:
		return h.files.CurrentEpoch(op.Epoch)
	case node.TakeSnapshot:
		ops, _ := h.files.BeginSnapshot(op.Zxid, op.Bytes) // pump goes on with it
		return ops
	case node.InstallSnapshot:
		return h.files.Install(op.Zxid, op.Bytes)
	case node.TruncateLog:
		return h.files.Truncate(op.Zxid)
	}
	panic("host: a save operation of unknown kind")
}
