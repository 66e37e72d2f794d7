package tree

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"

	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/wire"
)

// The nodes that are ZooKeeper's own.
const (
	Root       wire.Path = "/"
	OwnRoot    wire.Path = "/zookeeper"
	ConfigPath wire.Path = "/zookeeper/config"
	QuotaRoot  wire.Path = "/zookeeper/quota"
)

// Tree is the state of the service after some transaction.
type Tree struct {
	last       wire.Zxid
	root       *Node
	count      int // of nodes
	bytes      int // of their data
	config     *Node
	quota      *Node
	acls       acls
	sessions   map[wire.SessionID]int32 // timeout in milliseconds
	ephemerals map[wire.SessionID]map[wire.Path]struct{}
	passing    map[wire.Path]struct{} // containers and TTL nodes
	digest     uint64
	result     Result // of the transaction before: its memory is used again
}

// New returns the state before any transaction: the root and ZooKeeper's own nodes.
func New() *Tree {
	t := empty()
	open := wire.WorldACL(wire.PermAll)
	t.put(Root, &Node{Data: []byte{}, acl: t.acls.take(open)})
	t.put(OwnRoot, &Node{Data: []byte{}, acl: t.acls.take(open)})
	t.put(QuotaRoot, &Node{Data: []byte{}, acl: t.acls.take(open)})
	// Its ACL was set once by the server itself, from -1: that is where its aversion stands.
	t.put(ConfigPath, &Node{Data: []byte{}, acl: t.acls.take(wire.WorldACL(wire.PermRead)), aversion: -1})
	return t
}

func empty() *Tree {
	return &Tree{
		sessions: map[wire.SessionID]int32{}, ephemerals: map[wire.SessionID]map[wire.Path]struct{}{},
		passing: map[wire.Path]struct{}{},
	}
}

// put adds a node below its parent, which exists.
func (t *Tree) put(p wire.Path, n *Node) {
	switch p {
	case Root:
		t.root = n
	case ConfigPath:
		t.config = n
	case QuotaRoot:
		t.quota = n
	}
	if p != Root {
		t.Node(p.Parent()).add(p.Base(), n)
	}
	if s := n.Owner(); s != 0 {
		t.own(s, p)
	} else if n.owner != 0 {
		t.passing[p] = struct{}{}
	}
	t.count++
	t.bytes += len(n.Data)
	t.digest += t.hash(p, n)
}

func (t *Tree) own(s wire.SessionID, p wire.Path) {
	if t.ephemerals[s] == nil {
		t.ephemerals[s] = map[wire.Path]struct{}{}
	}
	t.ephemerals[s][p] = struct{}{}
}

// SetConfig puts the configuration that a server starts with where clients read it. That
// is each server's own doing, not a transaction: it is not part of the digest.
func (t *Tree) SetConfig(text []byte, version wire.Zxid, millis int64) {
	t.bytes += len(text) - len(t.config.Data)
	t.config.Data, t.config.version, t.config.mzxid, t.config.mtime = text, -1, version, millis
}

// Last returns the zxid of the last transaction applied.
func (t *Tree) Last() wire.Zxid { return t.last }

// Digest is a hash of the whole state, kept up at every change: equal states have equal
// digests.
func (t *Tree) Digest() uint64 { return t.digest ^ uint64(t.last) }

// Len returns the number of nodes.
func (t *Tree) Len() int { return t.count }

// Bytes returns the size of all data.
func (t *Tree) Bytes() int { return t.bytes }

// Node returns the node at a path, or nil. The empty path is another name of the root, as
// in ZooKeeper.
func (t *Tree) Node(p wire.Path) *Node {
	if p == "" || p == Root {
		return t.root
	}
	if p[0] != '/' {
		return nil
	}
	n := t.root
	for rest, more := string(p[1:]), true; more && n != nil; {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		n = n.Child(name)
	}
	return n
}

// ACL returns the list of a node. It must not be changed.
func (t *Tree) ACL(n *Node) []wire.ACL { return t.acls.lists[n.acl].list }

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

// Due returns the containers and TTL nodes that may be deleted, sorted: those without
// children, if a container has had some, and a TTL node was not written for its time (A16).
func (t *Tree) Due(nowMillis int64) (paths []wire.Path) {
	for p := range t.passing { //tidy:order-free sorted below
		n := t.Node(p)
		emptied := n.Container() && n.created > 0
		over := !n.Container() && nowMillis-n.mtime > n.TTLMillis()
		if (emptied || over) && n.NumChildren() == 0 {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}

func sessionHash(s wire.SessionID, ms int32) uint64 { return rng.Mix(uint64(s), uint64(ms)) }

// hash is a node's part of the digest, which is a wrapping sum: the order of changes does
// not matter. Who changes a node takes its part out before, and puts it back behind. The
// configuration has none: each server writes its own.
func (t *Tree) hash(p wire.Path, n *Node) uint64 {
	if n == t.config {
		return 0
	}
	h := rng.Mix(rng.HashString(string(p)), rng.HashBytes(n.Data))
	h = rng.Mix(h, t.acls.lists[n.acl].hash)
	var b [64]byte
	for i, v := range [...]uint64{
		uint64(n.czxid), uint64(n.mzxid), uint64(n.pzxid), uint64(n.ctime), uint64(n.mtime),
		uint64(n.version)<<32 | uint64(uint32(n.created)), uint64(n.aversion), uint64(n.owner),
	} {
		binary.LittleEndian.PutUint64(b[8*i:], v)
	}
	return rng.Mix(h, rng.HashBytes(b[:]))
}
