package node

import (
	"fmt"
	"strings"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

func factLine(f history.Fact) string {
	if f.Kind == history.Applied {
		f.Session, f.Note = 0, "" // the request stands above it
	}
	s := string(f.Kind)
	if f.Epoch != 0 {
		s += fmt.Sprintf(" epoch %d", f.Epoch)
	}
	if f.Zxid != 0 {
		s += " " + zxidText(f.Zxid)
	}
	if f.Session != 0 {
		s += " session of server " + fmt.Sprint(int64(f.Session)>>56)
	}
	if f.Note != "" {
		s += " " + f.Note
	}
	return s
}

func saveLine(s Save) string {
	var parts []string
	for i := range s.Ops {
		parts = append(parts, opLine(&s.Ops[i]))
	}
	return fmt.Sprintf("#%d %s", s.ID, strings.Join(parts, ", "))
}

func opLine(op *SaveOp) string {
	switch op.Kind {
	case AppendTxn:
		return "log " + txnLine(&op.Txn)
	case SetAcceptedEpoch:
		return fmt.Sprintf("acceptedEpoch %d", op.Epoch)
	case SetCurrentEpoch:
		return fmt.Sprintf("currentEpoch %d", op.Epoch)
	case InstallSnapshot:
		return "install snapshot at " + zxidText(op.Zxid)
	case TruncateLog:
		return "cut the log behind " + zxidText(op.Zxid)
	}
	return "snapshot at " + zxidText(op.Zxid)
}

func txnLine(x *tree.Txn) string {
	s := zxidText(x.Zxid) + " " + x.Op.String()
	if x.Path != "" {
		s += " " + string(x.Path)
	}
	for _, p := range x.Deletes {
		s += " -" + string(p)
	}
	if x.Code != wire.OK {
		s += " " + x.Code.String()
	}
	return s
}

// messageLine names what servers say to each other; pings are too many to tell.
func messageLine(ch Channel, data []byte) string {
	if ch == ElectionChannel {
		x, _ := decodeNotification(data[4:])
		if x.vote.leader == 0 {
			return fmt.Sprintf("VOTE round %d, %s: nobody", x.round, x.state)
		}
		return fmt.Sprintf("VOTE round %d, %s: %d at %s, epoch %d", x.round, x.state, x.vote.leader, zxidText(x.vote.zxid), x.vote.epoch)
	}
	p, _ := decodePacket(data[4:])
	switch p.typ {
	case ping:
		if p.zxid == 0 {
			return ""
		}
		return fmt.Sprintf("PING round %d", p.zxid)
	case proposal, inform:
		x := tree.DecodeTxn(wire.NewDecoder(p.data))
		return p.typ.String() + " " + txnLine(&x)
	case request:
		f, _ := decodeForwarded(p.data)
		return fmt.Sprintf("REQUEST %s %s", f.Op, f.Path)
	case ackEpoch:
		return fmt.Sprintf("ACKEPOCH %s, currentEpoch %d", zxidText(p.zxid), wire.NewDecoder(p.data).Int64())
	case snap:
		t, _ := tree.Load(p.data)
		return "SNAP " + zxidText(t.Last())
	case revalidate:
		return "REVALIDATE"
	}
	return p.typ.String() + " " + zxidText(p.zxid)
}

func eventLine(x wire.Notification) string {
	return fmt.Sprintf("event: %s %s", x.Type, x.Path)
}

func replyLine(op wire.OpCode, r wire.Reply) string {
	s := fmt.Sprintf("%s: %s", op, r.Err)
	if r.Err == wire.OK && r.Path != "" {
		s += " " + string(r.Path)
	}
	if r.Err == wire.OK && op == wire.OpGetData {
		s += fmt.Sprintf(" %q version %d", r.Data, r.Stat.Version)
	}
	if r.Err == wire.OK && op == wire.OpGetChildren {
		s += fmt.Sprintf(" %v", r.Children)
	}
	return s + " " + zxidText(r.Zxid)
}
