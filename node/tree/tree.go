package tree

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/wire"
)

// Node is one znode as stored. What a client is told differs in three fields; see Stat.
type Node struct {
	Data []byte
	ACL  []wire.ACL
	// stat holds the stored counters: its Cversion counts creations of children only.
	stat     wire.Stat
	children map[string]struct{}
	hash     uint64
}

// Cversion returns the stored count of children ever created, which numbers sequential
// nodes. Deletions do not change it.
func (n *Node) Cversion() int32 { return n.stat.Cversion }

// Version returns the data version.
func (n *Node) Version() int32 { return n.stat.Version }

// Owner returns the session that an ephemeral node lives with, or 0.
func (n *Node) Owner() wire.SessionID { return n.stat.EphemeralOwner }

// NumChildren returns how many children there are.
func (n *Node) NumChildren() int { return len(n.children) }

// Stat returns what a client is told. The cversion that clients see counts creations
// and deletions: twice the stored counter less the children that are left.
func (n *Node) Stat() wire.Stat {
	s := n.stat
	s.Cversion = 2*s.Cversion - int32(len(n.children))
	s.DataLength, s.NumChildren = int32(len(n.Data)), int32(len(n.children))
	return s
}

// Children returns the names of the children, sorted. ZooKeeper promises no order.
func (n *Node) Children() []string { return slices.Sorted(maps.Keys(n.children)) }

// Tree is the state of the service after some transaction.
type Tree struct {
	last       wire.Zxid
	nodes      map[wire.Path]*Node
	sessions   map[wire.SessionID]int32 // timeout in milliseconds
	ephemerals map[wire.SessionID]map[wire.Path]struct{}
	digest     uint64
}

// New returns the state before any transaction: the root and ZooKeeper's own nodes.
func New() *Tree {
	t := &Tree{nodes: map[wire.Path]*Node{}, sessions: map[wire.SessionID]int32{}, ephemerals: map[wire.SessionID]map[wire.Path]struct{}{}}
	for _, p := range []wire.Path{"/", "/zookeeper", "/zookeeper/config", "/zookeeper/quota"} {
		t.nodes[p] = &Node{Data: []byte{}, ACL: wire.WorldACL(wire.PermAll), children: map[string]struct{}{}}
		if p != "/" {
			t.nodes[p.Parent()].children[p.Base()] = struct{}{}
		}
	}
	return t
}

// Last returns the zxid of the last transaction applied.
func (t *Tree) Last() wire.Zxid { return t.last }

// Digest is a hash of the whole state, kept up at every change: equal states have equal
// digests.
func (t *Tree) Digest() uint64 { return t.digest ^ uint64(t.last) }

// Len returns the number of nodes.
func (t *Tree) Len() int { return len(t.nodes) }

// Node returns the node at a path, or nil.
func (t *Tree) Node(p wire.Path) *Node { return t.nodes[p] }

// SessionTimeout returns the timeout of a session in milliseconds, and whether it exists.
func (t *Tree) SessionTimeout(s wire.SessionID) (int32, bool) {
	ms, ok := t.sessions[s]
	return ms, ok
}

// Sessions returns all sessions, sorted.
func (t *Tree) Sessions() []wire.SessionID { return slices.Sorted(maps.Keys(t.sessions)) }

// Ephemerals returns the paths of a session's ephemeral nodes, sorted.
func (t *Tree) Ephemerals(s wire.SessionID) []wire.Path {
	return slices.Sorted(maps.Keys(t.ephemerals[s]))
}

// Change is what a transaction did to one node, for watches and evidence.
type Change struct {
	Type      wire.EventType // created, deleted or dataChanged
	Path      wire.Path
	Ephemeral wire.SessionID // the owner, if the node is ephemeral
}

// Apply makes the transaction the state's last and returns what changed, in order. A
// transaction that does not fit the state is a bug of whoever prepared it: it panics.
func (t *Tree) Apply(x *Txn) []Change {
	invariant.That(x.Zxid > t.last, "transactions are applied in order: %v after %v", x.Zxid, t.last)
	t.last = x.Zxid
	switch x.Op {
	case wire.OpCreate:
		return []Change{t.create(x)}
	case wire.OpDelete:
		return []Change{t.delete(x.Path, x.Zxid)}
	case wire.OpSetData:
		return []Change{t.setData(x)}
	case wire.OpCreateSession:
		t.setSession(x.Session, x.TimeoutMillis)
	case wire.OpCloseSession:
		return t.closeSession(x)
	}
	return nil
}

func (t *Tree) create(x *Txn) Change {
	parent := t.nodes[x.Path.Parent()]
	invariant.That(parent != nil, "create %s: the parent exists", x.Path)
	invariant.That(t.nodes[x.Path] == nil, "create %s: the node does not exist", x.Path)
	n := &Node{Data: x.Data, ACL: x.ACL, children: map[string]struct{}{}}
	n.stat = wire.Stat{Czxid: x.Zxid, Mzxid: x.Zxid, Pzxid: x.Zxid, Ctime: x.Millis, Mtime: x.Millis}
	if x.Ephemeral {
		n.stat.EphemeralOwner = x.Session
		t.own(x.Session, x.Path)
	}
	t.nodes[x.Path] = n
	parent.children[x.Path.Base()] = struct{}{}
	if x.ParentCversion > parent.stat.Cversion {
		parent.stat.Cversion, parent.stat.Pzxid = x.ParentCversion, x.Zxid
	}
	t.rehash(x.Path, n)
	t.rehash(x.Path.Parent(), parent)
	return Change{wire.NodeCreated, x.Path, n.Owner()}
}

func (t *Tree) own(s wire.SessionID, p wire.Path) {
	if t.ephemerals[s] == nil {
		t.ephemerals[s] = map[wire.Path]struct{}{}
	}
	t.ephemerals[s][p] = struct{}{}
}

func (t *Tree) delete(p wire.Path, z wire.Zxid) Change {
	n, parent := t.nodes[p], t.nodes[p.Parent()]
	invariant.That(n != nil, "delete %s: the node exists", p)
	invariant.That(len(n.children) == 0, "delete %s: the node has no children", p)
	t.digest -= n.hash
	delete(t.nodes, p)
	delete(parent.children, p.Base())
	delete(t.ephemerals[n.Owner()], p)
	parent.stat.Pzxid = max(parent.stat.Pzxid, z)
	t.rehash(p.Parent(), parent)
	return Change{wire.NodeDeleted, p, n.Owner()}
}

func (t *Tree) setData(x *Txn) Change {
	n := t.nodes[x.Path]
	invariant.That(n != nil, "setData %s: the node exists", x.Path)
	n.Data = x.Data
	n.stat.Version, n.stat.Mzxid, n.stat.Mtime = x.Version, x.Zxid, x.Millis
	t.rehash(x.Path, n)
	return Change{wire.NodeDataChanged, x.Path, n.Owner()}
}

func (t *Tree) setSession(s wire.SessionID, ms int32) {
	if old, ok := t.sessions[s]; ok {
		t.digest -= sessionHash(s, old)
	}
	t.sessions[s] = ms
	t.digest += sessionHash(s, ms)
}

func (t *Tree) closeSession(x *Txn) (changes []Change) {
	for _, p := range x.Deletes {
		changes = append(changes, t.delete(p, x.Zxid))
	}
	invariant.That(len(t.ephemerals[x.Session]) == 0, "closing session %v leaves no ephemeral node, but %v", x.Session, t.Ephemerals(x.Session))
	if ms, ok := t.sessions[x.Session]; ok {
		t.digest -= sessionHash(x.Session, ms)
	}
	delete(t.sessions, x.Session)
	delete(t.ephemerals, x.Session)
	return changes
}

func sessionHash(s wire.SessionID, ms int32) uint64 { return rng.Mix(uint64(s), uint64(ms)) }

// rehash brings the digest up to date with a node that was made or changed. The digest
// is a wrapping sum, so the order of changes does not matter.
func (t *Tree) rehash(p wire.Path, n *Node) {
	t.digest -= n.hash
	h := rng.Mix(rng.HashString(string(p)), rng.HashBytes(n.Data))
	for _, a := range n.ACL {
		h = rng.Mix(h, rng.Mix(uint64(a.Perms), rng.Mix(rng.HashString(a.Scheme), rng.HashString(a.ID))))
	}
	var b [64]byte
	s := &n.stat
	for i, v := range [...]uint64{uint64(s.Czxid), uint64(s.Mzxid), uint64(s.Pzxid), uint64(s.Ctime), uint64(s.Mtime),
		uint64(s.Version)<<32 | uint64(uint32(s.Cversion)), uint64(s.Aversion), uint64(s.EphemeralOwner)} {
		binary.LittleEndian.PutUint64(b[8*i:], v)
	}
	n.hash = rng.Mix(h, rng.HashBytes(b[:]))
	t.digest += n.hash
}
