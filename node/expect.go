package node

import (
	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/wire"
)

// What a message between servers must find when it arrives. Three of the six bugs of the
// EuroSys'25 study of ZooKeeper show in no other way (B2, I-11 to I-14). A message that does
// not follow the log because something was missed is no such case: it ends the
// conversation (hearProposal).

// expectFromLeader holds a leader's packet against the state of the conversation (I-11).
func (f *follower) expectFromLeader(t packetType) {
	begun := f.syncing || f.acked
	switch t {
	case leaderInfo:
		invariant.That(!begun, "I-11: LEADERINFO comes before the history, not behind it")
	case diff, trunc, snap:
		invariant.That(f.epoch != 0 && !begun, "I-11: %v comes once, behind LEADERINFO", t)
	case proposal, commit:
		invariant.That(begun, "I-11: %v comes behind DIFF, TRUNC or SNAP", t)
	case newLeader:
		invariant.That(f.syncing && !f.acked, "I-11: NEWLEADER comes once, behind DIFF, TRUNC or SNAP")
	case upToDate:
		invariant.That(f.acked && !f.serving, "I-11: UPTODATE comes once, behind NEWLEADER")
	case inform:
		invariant.That(f.acked, "I-11: INFORM comes behind NEWLEADER")
	}
}

// expectCommit holds a COMMIT against what was proposed (I-14).
func (n *Node) expectCommit(z wire.Zxid) {
	f := n.follower
	invariant.That(z >= f.commitTo, "I-14: commits come in order, and %v comes behind %v", z, f.commitTo)
	invariant.That(z <= f.end(n), "I-14: what is committed was proposed before, and %v is behind %v", z, f.end(n))
}

// expectAck holds an ACK against what the learner was sent (I-12).
func (n *Node) expectAck(l *learner, z wire.Zxid) {
	ld := n.leader
	invariant.That(ld.begun() && l.forwarding, "I-12: server %d acknowledges %v, and was sent nothing", l.id, z)
	invariant.That(z == wire.MakeZxid(ld.epoch, 0) || z <= n.lastLogged() && !l.observer, "I-12: server %d acknowledges %v, which it was not sent", l.id, z)
}
