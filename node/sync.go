package node

import (
	"sort"

	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// The leader's side of synchronisation (A25).

// window is the end of the committed history that a leader sends one by one to a learner
// which lacks it: ZooKeeper's committedLog. It is cut out of the log, so it has no holes and
// lacks nothing, however a transaction came into the log (A28.18, Z10).
type window struct {
	before   wire.Zxid // in front of the first
	txns     []tree.Txn
	proposed wire.Zxid // the end of the log, which goes on behind them
}

func (w window) last() wire.Zxid {
	if len(w.txns) == 0 {
		return w.before
	}
	return w.txns[len(w.txns)-1].Zxid
}

// at returns the zxid in front of the i-th transaction.
func (w window) at(i int) wire.Zxid {
	if i == 0 {
		return w.before
	}
	return w.txns[i-1].Zxid
}

// remedy decides how a learner whose log ends at peer is brought to this history: DIFF if
// it lacks the end, TRUNC to a zxid if it has too much, SNAP if it is too far away. The log
// ends at the returned zxid then, and what follows is sent. A log cannot be cut in front of
// uncut, where the learner's state is.
func (w window) remedy(peer, uncut wire.Zxid) (packetType, wire.Zxid) {
	cut := func(to wire.Zxid) (packetType, wire.Zxid) {
		// Not across epochs (A28.12): only of its own epoch can a learner be known to have
		// everything up to a zxid. Not in front of its state: a snapshot with what was cut
		// would bring it back (A28.14).
		if to.Epoch() != peer.Epoch() || to < uncut {
			return snap, 0
		}
		return trunc, to
	}
	i := sort.Search(len(w.txns), func(i int) bool { return w.txns[i].Zxid >= peer })
	switch {
	case peer == w.before || peer == w.last():
		return diff, peer
	case peer < w.before:
		return snap, 0
	case peer > w.last() && peer <= w.proposed && peer.Epoch() == w.proposed.Epoch():
		// It was here before, and has logged what is not committed yet. ZooKeeper cuts that,
		// and sends it again.
		return diff, peer
	case peer > w.last():
		return cut(w.last())
	case w.txns[i].Zxid == peer:
		return diff, peer
	case w.txns[i].Zxid.Epoch() != peer.Epoch():
		return snap, 0
	}
	return cut(w.at(i)) // inside the window, and not there (A28.11, Z17)
}

// window returns the committed end of the log, at most as much as is to be kept for this.
func (n *Node) window() window {
	end := n.leader.committed(n)
	last := sort.Search(len(n.log), func(i int) bool { return n.log[i].Zxid > end })
	first := max(0, last-n.cfg.commitLog())
	w := window{before: n.base, txns: n.log[first:last], proposed: n.lastLogged()}
	if first > 0 {
		w.before = n.log[first-1].Zxid
	}
	return w
}

// synchronise brings a learner to the end of this server's log, and from here on it gets
// every proposal and commit. Decision and start of forwarding are one step: anything
// between them would be lost to the learner (A28.9, Z24). NEWLEADER comes last (A28.10, Z16).
func (n *Node) synchronise(l *learner) {
	ld := n.leader
	how, at := n.window().remedy(l.last, l.uncut)
	n.sometimes(how == diff && at < n.lastLogged(), syncedByDiff)
	n.sometimes(how == trunc, syncedByTrunc)
	n.sometimes(how == snap, syncedBySnap)
	switch how {
	case diff:
		n.tell(l, packet{typ: diff, zxid: ld.endFor(n, l)})
	case trunc:
		n.tell(l, packet{typ: trunc, zxid: at})
	default:
		at = n.tree.Last()
		n.tell(l, packet{typ: snap, zxid: at, data: n.tree.Snapshot()})
	}
	missing, _ := n.after(at)
	missing = ld.meantFor(n, l, missing)
	for i := range missing {
		n.tell(l, packet{proposal, missing[i].Zxid, encodeTxn(&missing[i])})
	}
	if committed := ld.committed(n); committed > 0 {
		n.tell(l, packet{typ: commit, zxid: committed})
	}
	l.forwarding = true
	n.tell(l, packet{newLeader, wire.MakeZxid(ld.epoch, 0), []byte(n.members.text)})
}

// meantFor leaves out what is not committed if the learner is an observer.
func (ld *leader) meantFor(n *Node, l *learner, txns []tree.Txn) []tree.Txn {
	end := ld.endFor(n, l)
	for len(txns) > 0 && txns[len(txns)-1].Zxid > end {
		txns = txns[:len(txns)-1]
	}
	return txns
}

// endFor is the end of the history that a learner is sent.
func (ld *leader) endFor(n *Node, l *learner) wire.Zxid {
	if l.observer {
		return ld.committed(n)
	}
	return n.lastLogged()
}

// committed is how far a learner may apply what it is sent: in an epoch that is not
// active yet, once it is (UPTODATE), all of its history.
func (ld *leader) committed(n *Node) wire.Zxid {
	if !ld.active {
		return ld.history
	}
	return n.committed
}
