package node

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// changes is the state as it will be when everything proposed is applied: the tree, and
// over it a record for each node that an outstanding transaction touches. A request is
// validated against it, so that a transaction, once proposed, cannot fail.
type changes struct {
	tree    *tree.Tree
	records map[wire.Path]record
}

// record is a node as of the last transaction that touches it.
type record struct {
	zxid     wire.Zxid // that transaction; 0 if the record is read from the tree
	exists   bool
	version  int32
	cversion int32 // stored: children ever created
	children int
	owner    wire.SessionID
}

func newChanges(t *tree.Tree) *changes { return &changes{tree: t, records: map[wire.Path]record{}} }

// at returns a node as it will be.
func (c *changes) at(p wire.Path) record {
	if r, ok := c.records[p]; ok {
		return r
	}
	n := c.tree.Node(p)
	if n == nil {
		return record{}
	}
	return record{exists: true, version: n.Version(), cversion: n.Cversion(), children: n.NumChildren(), owner: n.Owner()}
}

// note makes the records show a transaction that was proposed.
func (c *changes) note(x *tree.Txn) {
	switch x.Op {
	case wire.OpCreate:
		parent := c.at(x.Path.Parent())
		parent.zxid, parent.cversion = x.Zxid, max(parent.cversion, x.ParentCversion)
		parent.children++
		c.records[x.Path.Parent()] = parent
		r := record{zxid: x.Zxid, exists: true}
		if x.Ephemeral {
			r.owner = x.Session
		}
		c.records[x.Path] = r
	case wire.OpDelete:
		c.noteDelete(x.Path, x.Zxid)
	case wire.OpSetData:
		r := c.at(x.Path)
		r.zxid, r.version = x.Zxid, x.Version
		c.records[x.Path] = r
	case wire.OpCloseSession:
		for _, p := range x.Deletes {
			c.noteDelete(p, x.Zxid)
		}
	}
}

func (c *changes) noteDelete(p wire.Path, z wire.Zxid) {
	parent := c.at(p.Parent())
	parent.zxid = z
	parent.children--
	c.records[p.Parent()] = parent
	c.records[p] = record{zxid: z}
}

// forget drops the records of an applied transaction: the tree shows them now.
func (c *changes) forget(z wire.Zxid) {
	for p, r := range c.records { //tidy:order-free each record is judged alone
		if r.zxid <= z {
			delete(c.records, p)
		}
	}
}

// ephemerals returns the ephemeral nodes that a session will have, sorted. It counts
// what is outstanding: a node that is created after the list was made, but before the
// close is applied, would outlive its session (ZOOKEEPER-3145).
func (c *changes) ephemerals(s wire.SessionID) []wire.Path {
	var out []wire.Path
	for _, p := range c.tree.Ephemerals(s) {
		// The path may by then be somebody else's: deleted and created again behind us.
		if r := c.at(p); r.exists && r.owner == s {
			out = append(out, p)
		}
	}
	for p, r := range c.records { //tidy:order-free sorted below
		if r.exists && r.owner == s && (c.tree.Node(p) == nil || c.tree.Node(p).Owner() != s) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b wire.Path) int { return cmp.Compare(a, b) })
	return out
}

// source is where a request came from: the owner of a session may write for it.
type source struct {
	learner ID   // 0: a client of the leader itself
	client  Conn // then: which
}

// prepare turns a request into a transaction and proposes it. A request that must be
// refused becomes a transaction too, so that its client is answered in order.
func (n *Node) prepare(s wire.SessionID, req *wire.Request, from source) {
	txn := tree.Txn{Session: s, Xid: req.Xid, Op: wire.OpError}
	if txn.Code = n.leader.sessions.check(s, req, from); txn.Code == wire.OK {
		txn = n.validate(txn, req)
	}
	if txn.Op == wire.OpCloseSession {
		n.closing(s)
	}
	n.propose(txn)
}

// closing marks a session: from now on it is refused everything. What is still in the
// pipeline commits before the close (Z45).
func (n *Node) closing(s wire.SessionID) {
	n.leader.sessions.close(s)
	n.fact(history.Fact{Kind: history.SessionClosing, Session: s})
}

// validate fills in the transaction of a request, or the error that refuses it. The order
// of the checks is ZooKeeper's (A7): it decides which error a client sees.
func (n *Node) validate(txn tree.Txn, req *wire.Request) tree.Txn {
	switch req.Op {
	case wire.OpCreate, wire.OpCreate2:
		return n.validateCreate(txn, req)
	case wire.OpDelete:
		return n.validateDelete(txn, req)
	case wire.OpSetData:
		return n.validateSetData(txn, req)
	case wire.OpCreateSession:
		// Tracked from here on, not from when it is applied: the session's first request may
		// come before this server has applied what its client's server has.
		txn.Op, txn.TimeoutMillis = wire.OpCreateSession, req.TimeoutMillis
		n.leader.sessions.add(n, txn.Session, req.TimeoutMillis)
	case wire.OpCloseSession:
		txn.Op, txn.Deletes = wire.OpCloseSession, n.leader.changes.ephemerals(txn.Session)
	default:
		txn.Code = wire.Unimplemented
	}
	return txn
}

func (n *Node) validateCreate(txn tree.Txn, req *wire.Request) tree.Txn {
	c := n.leader.changes
	parent := c.at(req.Path.Parent())
	path := req.Path
	if req.Flags&wire.FlagSequential != 0 {
		path = path.Sequential(parent.cversion)
	}
	switch {
	case req.Flags < 0 || req.Flags > wire.FlagEphemeral|wire.FlagSequential:
		txn.Code = wire.BadArguments
	case !strings.HasPrefix(string(req.Path), "/"):
		txn.Code = wire.BadArguments
	case !validACL(req.ACL):
		txn.Code = wire.InvalidACL
	case !parent.exists:
		txn.Code = wire.NoNode
	case !path.Valid():
		txn.Code = wire.BadArguments
	case c.at(path).exists:
		txn.Code = wire.NodeExists
	case parent.owner != 0:
		txn.Code = wire.NoChildrenForEphemerals
	default:
		txn.Op, txn.Path, txn.Data, txn.ACL = wire.OpCreate, path, req.Data, req.ACL
		txn.Ephemeral, txn.ParentCversion = req.Flags&wire.FlagEphemeral != 0, parent.cversion+1
	}
	return txn
}

func (n *Node) validateDelete(txn tree.Txn, req *wire.Request) tree.Txn {
	r := n.leader.changes.at(req.Path)
	switch {
	case !deletable(req.Path):
		txn.Code = wire.BadArguments
	case !r.exists:
		txn.Code = wire.NoNode
	case req.Version != -1 && req.Version != r.version:
		txn.Code = wire.BadVersion
	case r.children > 0:
		txn.Code = wire.NotEmpty
	default:
		txn.Op, txn.Path = wire.OpDelete, req.Path
	}
	return txn
}

func (n *Node) validateSetData(txn tree.Txn, req *wire.Request) tree.Txn {
	r := n.leader.changes.at(req.Path)
	switch {
	case !req.Path.Valid():
		txn.Code = wire.BadArguments
	case !r.exists:
		txn.Code = wire.NoNode
	case req.Version != -1 && req.Version != r.version:
		txn.Code = wire.BadVersion
	default:
		txn.Op, txn.Path, txn.Data, txn.Version = wire.OpSetData, req.Path, req.Data, r.version+1
	}
	return txn
}

func deletable(p wire.Path) bool {
	return p != "/" && p != "/zookeeper" && !strings.HasPrefix(string(p), "/zookeeper/") && strings.HasPrefix(string(p), "/")
}

// validACL accepts what this server can honour: everybody may do everything. Accepting a
// narrower list and not enforcing it would be worse than refusing it.
func validACL(acl []wire.ACL) bool {
	for _, a := range acl {
		if a.Scheme != "world" || a.ID != "anyone" || a.Perms&wire.PermAll != wire.PermAll {
			return false
		}
	}
	return len(acl) > 0
}
