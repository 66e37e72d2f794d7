package node

import (
	"slices"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/node/bugs"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// proposed is a transaction that waits for its quorum.
type proposed struct {
	zxid wire.Zxid
	at   clock.Instant
	txn  []byte // for observers, which get it when it is committed
}

// propose gives a transaction the next zxid and sends it to every disk, this server's
// own included. It may be applied when a quorum of disks has it.
func (n *Node) propose(txn tree.Txn) {
	ld := n.leader
	if ld.next == 1<<32-1 {
		n.look("its epoch has no zxids left") // A28.34, Z47; a new epoch starts at 1
		return
	}
	txn.Zxid, txn.Millis = n.nextZxid(), n.now.Wall.Millis()
	n.appendLog(txn)
	ld.changes.Note(&txn)
	p := packet{proposal, txn.Zxid, encodeTxn(&txn)}
	ld.outstanding = append(ld.outstanding, proposed{txn.Zxid, n.now.Mono, p.data})
	for _, l := range ld.learners {
		if l.forwarding && !l.observer {
			n.tell(l, p)
		}
	}
	n.persist(save{logged: txn.Zxid}, []SaveOp{{Kind: AppendTxn, Txn: txn}})
	if n.cfg.Bugs.Has(bugs.AckBeforeSync) {
		ld.ownLogged = txn.Zxid // see logAndAck: the same bug at the leader
		n.tryCommit()
	}
}

// nextZxid returns the next in the leader's epoch. A server without an ensemble has no
// epochs: its zxids go on from the last, as ZooKeeper's do.
func (n *Node) nextZxid() wire.Zxid {
	if n.cfg.Standalone {
		z := n.lastLogged() + 1
		if z.Counter() == 0 { // the log has each epoch begin at 1
			z++
		}
		return z
	}
	n.leader.next++
	return wire.MakeZxid(n.leader.epoch, n.leader.next)
}

// tryCommit commits what a quorum has, strictly in order.
func (n *Node) tryCommit() {
	ld := n.leader
	for ld.active && len(ld.outstanding) > 0 {
		x := ld.outstanding[0]
		z := x.zxid
		if !n.quorum(func(id ID) bool { return ld.holds(n, id, z) }) {
			return
		}
		ld.outstanding = ld.outstanding[1:]
		n.fact(history.Fact{Kind: history.Committed, Zxid: z})
		n.announce(x)
		n.commitUpTo(z)
		n.answerSyncs()
	}
}

// announce tells the learners that a transaction is committed, and observers what it is.
func (n *Node) announce(x proposed) {
	for _, l := range n.leader.learners {
		switch {
		case !l.forwarding:
		case l.observer:
			n.tell(l, packet{inform, x.zxid, x.txn})
		default:
			n.tell(l, packet{typ: commit, zxid: x.zxid})
		}
	}
}

// holds reports whether a server has z on disk. Logs have no holes, so whoever has a later
// one has z. This server's own disk is one among them: a quorum may commit without it
// (A28.23).
func (ld *leader) holds(n *Node, id ID, z wire.Zxid) bool {
	if id == n.cfg.ID {
		return ld.ownLogged >= z
	}
	return slices.ContainsFunc(ld.learners, func(l *learner) bool { return l.id == id && l.logged >= z })
}

// commitUpTo lets the commit stage apply up to z.
func (n *Node) commitUpTo(z wire.Zxid) {
	invariant.That(z <= n.lastLogged(), "only what is logged is committed: %v, and the log ends at %v", z, n.lastLogged())
	n.committed = max(n.committed, z)
}

// commitOne is the commit stage: it applies the next committed transaction, tells those
// who watch, and answers who waits for it, in this order (A28.30, A12: an event is on its way
// before any reply that reflects the change).
func (n *Node) commitOne() bool {
	if n.tree.Last() >= n.committed {
		return false
	}
	behind, ok := n.after(n.tree.Last())
	invariant.That(ok && len(behind) > 0, "what is committed (%v) is in the log behind what is applied (%v)", n.committed, n.tree.Last())
	txn := &behind[0]
	n.overtake(txn)
	done := n.tree.Apply(txn)
	n.processed = max(n.processed, txn.Zxid)
	n.reached()
	n.fact(n.applied(txn))
	n.note(txn, done.Changes)
	if n.leader != nil && n.leader.active {
		n.leader.changes.Forget(txn.Zxid)
		n.leader.sessions.apply(n, txn)
	}
	n.fireWatches(done.Changes)
	n.complete(txn, done.Stats)
	n.maybeSnapshot()
	return true
}

// applied says what a transaction is, and who asked for it.
func (n *Node) applied(x *tree.Txn) history.Fact {
	f := history.Fact{
		Kind: history.Applied, Zxid: x.Zxid, Hash: n.tree.Digest(),
		Session: x.Session, Xid: x.Xid, Code: x.Code, Millis: x.Millis, Note: x.Op.String(),
	}
	if x.Op == wire.OpDeleteContainer {
		f.Note += " " + string(x.Path)
	}
	return f
}

// note records what happened to sessions and ephemeral nodes.
func (n *Node) note(txn *tree.Txn, changes []tree.Change) {
	switch txn.Op {
	case wire.OpCreateSession:
		n.fact(history.Fact{Kind: history.SessionOpened, Zxid: txn.Zxid, Session: txn.Session})
	case wire.OpCloseSession:
		n.fact(history.Fact{Kind: history.SessionClosed, Zxid: txn.Zxid, Session: txn.Session})
	}
	for _, c := range changes {
		if c.Ephemeral == 0 || c.Type == wire.NodeDataChanged {
			continue
		}
		kind := history.NodeCreated
		if c.Type == wire.NodeDeleted {
			kind = history.NodeDeleted
		}
		n.fact(history.Fact{Kind: kind, Zxid: txn.Zxid, Session: c.Ephemeral, Note: string(c.Path)})
	}
}

// maybeSnapshot writes a snapshot from time to time, and lets go of the log before it.
func (n *Node) maybeSnapshot() {
	n.sinceSnap++
	if n.cfg.SnapEvery == 0 || n.sinceSnap < n.cfg.SnapEvery {
		return
	}
	n.sinceSnap = 0
	z := n.tree.Last()
	n.persist(save{}, []SaveOp{{Kind: TakeSnapshot, Zxid: z, Bytes: n.tree.Snapshot()}})
	behind, _ := n.after(z)
	if cut := len(n.log) - len(behind) - n.cfg.commitLog(); cut > 0 {
		n.base = n.log[cut-1].Zxid
		n.log = append([]tree.Txn(nil), n.log[cut:]...)
	}
}
