package tree

import (
	"github.com/zoobreak/zoobreak/wire"
)

// Node is one znode as stored. There may be millions: what most of them lack (children) or
// share (the ACL) is behind a pointer or a number, and what can be computed (its hash, its
// path) is.
type Node struct {
	Data                []byte
	czxid, mzxid, pzxid wire.Zxid
	ctime, mtime        int64
	version, aversion   int32
	created             int32 // children, ever; what clients see as cversion is made from it
	acl                 aclID
	owner               int64 // see Owner, Container and TTL
	children            *children
}

// What ephemeralOwner says of nodes without an owner, as in ZooKeeper's files (A5).
const (
	containerOwner = -1 << 63
	ttlMask        = int64(-1) << 56 // 0xff in the top byte, which is no server's number
)

// Owner returns the session that an ephemeral node lives with, or 0.
func (n *Node) Owner() wire.SessionID { return OwnerOf(n.owner) }

// StoredOwner returns what tells the kinds of nodes apart; see OwnerOf.
func (n *Node) StoredOwner() int64 { return n.owner }

// OwnerOf returns the session in a stored owner, or 0 if the node is not ephemeral.
func OwnerOf(stored int64) wire.SessionID {
	if stored == containerOwner || stored&ttlMask == ttlMask {
		return 0
	}
	return wire.SessionID(stored)
}

// Container reports whether the node goes when its last child has gone.
func (n *Node) Container() bool { return n.owner == containerOwner }

// TTLMillis returns how long the node may be without children and untouched, or 0.
func (n *Node) TTLMillis() int64 {
	if n.owner&ttlMask != ttlMask {
		return 0
	}
	return n.owner &^ ttlMask
}

// Version returns the data version.
func (n *Node) Version() int32 { return n.version }

// Aversion returns the version of the ACL.
func (n *Node) Aversion() int32 { return n.aversion }

// Cversion returns the stored count of children ever created, which numbers sequential
// nodes. Deletions do not change it.
func (n *Node) Cversion() int32 { return n.created }

// Czxid returns the transaction that made the node.
func (n *Node) Czxid() wire.Zxid { return n.czxid }

// Mtime returns when the data was last written, in milliseconds.
func (n *Node) Mtime() int64 { return n.mtime }

// NumChildren returns how many children there are.
func (n *Node) NumChildren() int { return n.children.len() }

// Children returns the names of the children, sorted. ZooKeeper promises no order.
func (n *Node) Children() []string { return n.children.sorted() }

// Child returns a child, or nil.
func (n *Node) Child(name string) *Node { return n.children.get(name) }

// Stat returns what a client is told. The cversion that clients see counts creations
// and deletions: twice the stored counter less the children that are left. The owner is
// told of ephemeral nodes only.
func (n *Node) Stat() wire.Stat {
	count := int32(n.children.len())
	return wire.Stat{
		Czxid: n.czxid, Mzxid: n.mzxid, Ctime: n.ctime, Mtime: n.mtime, Version: n.version, Cversion: 2*n.created - count,
		Aversion: n.aversion, EphemeralOwner: n.Owner(), DataLength: int32(len(n.Data)), NumChildren: count, Pzxid: n.pzxid,
	}
}

// below counts the nodes below n, and the bytes of their data.
func (n *Node) below() (nodes, bytes int) {
	n.children.each(func(_ string, c *Node) {
		more, size := c.below()
		nodes, bytes = nodes+1+more, bytes+len(c.Data)+size
	})
	return nodes, bytes
}

// Descendants returns how many nodes are below n.
func (n *Node) Descendants() int {
	nodes, _ := n.below()
	return nodes
}
