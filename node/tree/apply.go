package tree

import (
	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/wire"
)

// Change is what a transaction did to one node, for watches and evidence.
type Change struct {
	Type      wire.EventType // created, deleted or dataChanged
	Path      wire.Path
	Ephemeral wire.SessionID // the owner, if the node is ephemeral
	// ACL of the node, of a deleted one the last, and of its parent: who may hear of it.
	ACL, ParentACL []wire.ACL
}

// Result is what came of a transaction, valid until the next is applied.
type Result struct {
	Changes []Change // in order
	// Stats has, for each operation of a multi, the Stat of its node right behind it.
	Stats []wire.Stat
}

// Apply makes the transaction the state's last. A transaction that does not fit the state
// is a bug of whoever prepared it: it panics.
func (t *Tree) Apply(x *Txn) Result {
	invariant.That(x.Zxid > t.last, "transactions are applied in order: %v after %v", x.Zxid, t.last)
	t.last = x.Zxid
	clear(t.result.Changes)
	t.result = Result{t.result.Changes[:0], t.result.Stats[:0]}
	if x.Op != wire.OpMulti {
		t.one(x, x)
		return t.result
	}
	for i := range x.Ops {
		t.one(x, &x.Ops[i])
		var s wire.Stat
		if n := t.Node(x.Ops[i].Path); n != nil {
			s = n.Stat()
		}
		t.result.Stats = append(t.result.Stats, s)
	}
	return t.result
}

// one applies an operation; of is the transaction that it is, or is part of.
func (t *Tree) one(of, x *Txn) {
	switch x.Op {
	case wire.OpCreate, wire.OpCreateContainer, wire.OpCreateTTL:
		t.create(of, x)
	case wire.OpDelete, wire.OpDeleteContainer:
		t.delete(x.Path, of.Zxid)
	case wire.OpSetData:
		t.setData(of, x)
	case wire.OpSetACL:
		t.setACL(x)
	case wire.OpCreateSession:
		t.setSession(x.Session, x.TimeoutMillis)
	case wire.OpCloseSession:
		t.closeSession(x)
	}
}

func (t *Tree) create(of, x *Txn) {
	above := x.Path.Parent()
	parent := t.Node(above)
	invariant.That(parent != nil, "create %s: the parent exists", x.Path)
	invariant.That(parent.Child(x.Path.Base()) == nil, "create %s: the node does not exist", x.Path)
	t.digest -= t.hash(above, parent)
	if Later(x.ParentCversion, parent.created) { // neither ever goes back (A28.29)
		parent.created, parent.pzxid = x.ParentCversion, of.Zxid
	}
	t.digest += t.hash(above, parent)
	n := &Node{
		Data: x.Data, acl: t.acls.take(x.ACL), owner: x.StoredOwner(of.Session),
		czxid: of.Zxid, mzxid: of.Zxid, pzxid: of.Zxid, ctime: of.Millis, mtime: of.Millis,
	}
	t.put(x.Path, n)
	t.charge(x.Path, 1, len(x.Data))
	t.changed(Change{wire.NodeCreated, x.Path, n.Owner(), t.ACL(n), t.ACL(parent)})
}

// Later reports whether a count of children comes after another. It is an int32 that goes on
// below zero: what is compared is which of the two ways around is shorter. Compared as
// numbers, a parent would stay at 2147483647, and its next sequential names would exist.
func Later(a, b int32) bool { return a-b > 0 }

func (t *Tree) changed(c Change) { t.result.Changes = append(t.result.Changes, c) }

func (t *Tree) delete(p wire.Path, z wire.Zxid) {
	above := p.Parent()
	n, parent := t.Node(p), t.Node(above)
	invariant.That(n != nil && n != t.root, "delete %s: the node exists", p)
	invariant.That(n.NumChildren() == 0, "delete %s: the node has no children", p)
	t.changed(Change{wire.NodeDeleted, p, n.Owner(), t.ACL(n), t.ACL(parent)})
	t.digest -= t.hash(p, n) + t.hash(above, parent)
	parent.remove(p.Base())
	parent.pzxid = max(parent.pzxid, z)
	t.digest += t.hash(above, parent)
	t.count--
	t.bytes -= len(n.Data)
	delete(t.ephemerals[n.Owner()], p)
	delete(t.passing, p)
	t.acls.drop(n.acl)
	t.charge(p, -1, -len(n.Data))
}

func (t *Tree) setData(of, x *Txn) {
	n := t.Node(x.Path)
	invariant.That(n != nil, "setData %s: the node exists", x.Path)
	grown := len(x.Data) - len(n.Data)
	t.digest -= t.hash(x.Path, n)
	n.Data, n.version, n.mzxid, n.mtime = x.Data, x.Version, of.Zxid, of.Millis
	t.digest += t.hash(x.Path, n)
	t.bytes += grown
	t.charge(x.Path, 0, grown)
	t.changed(Change{wire.NodeDataChanged, x.Path, n.Owner(), t.ACL(n), t.ACL(t.Node(x.Path.Parent()))})
}

// setACL changes no data: mzxid and mtime stay, and no watch sees it.
func (t *Tree) setACL(x *Txn) {
	n := t.Node(x.Path)
	invariant.That(n != nil, "setACL %s: the node exists", x.Path)
	t.digest -= t.hash(x.Path, n)
	old := n.acl
	n.acl, n.aversion = t.acls.take(x.ACL), x.Version
	t.acls.drop(old)
	t.digest += t.hash(x.Path, n)
}

func (t *Tree) setSession(s wire.SessionID, ms int32) {
	if old, ok := t.sessions[s]; ok {
		t.digest -= sessionHash(s, old)
	}
	t.sessions[s] = ms
	t.digest += sessionHash(s, ms)
}

// closeSession deletes by the list, not by what is found: the list is what was proposed
// (A28.25, ZOOKEEPER-3145).
func (t *Tree) closeSession(x *Txn) {
	for _, p := range x.Deletes {
		t.delete(p, x.Zxid)
	}
	invariant.That(len(t.ephemerals[x.Session]) == 0, "closing session %v leaves no ephemeral node, but %v", x.Session, t.Ephemerals(x.Session))
	if ms, ok := t.sessions[x.Session]; ok {
		t.digest -= sessionHash(x.Session, ms)
	}
	delete(t.sessions, x.Session)
	delete(t.ephemerals, x.Session)
}
