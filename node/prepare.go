package node

import (
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/node/acl"
	"github.com/zoobreak/zoobreak/node/prep"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// source is where a request came from: the owner of a session may write for it.
type source struct {
	learner ID   // 0: a client of the leader itself
	client  Conn // then: which
}

func (c *Config) policy() acl.Policy { return acl.Policy{Skip: c.SkipACL, SuperDigest: c.SuperDigest} }

func (c *Config) prep() prep.Config {
	return prep.Config{
		ACL: c.policy(), ExtendedTypes: c.ExtendedTypes, EnforceQuota: c.EnforceQuota, Standalone: c.Standalone, Reconfig: c.ReconfigEnabled,
	}
}

// prepare turns a request into a transaction and proposes it. A request that must be
// refused becomes a transaction too, so that its client is answered in order (A28.21).
func (n *Node) prepare(q prep.Request, from source) {
	txn := tree.Txn{Session: q.Session, Xid: q.Xid, Op: wire.OpError}
	if txn.Code = n.leader.sessions.check(q.Session, q.Request, from); txn.Code == wire.OK {
		txn = n.validate(q)
	}
	if txn.Op == wire.OpCloseSession {
		n.closing(q.Session)
	}
	n.propose(txn)
}

func (n *Node) validate(q prep.Request) tree.Txn {
	if q.Op != wire.OpCreateSession {
		return n.leader.changes.Prepare(q)
	}
	// Tracked from here on, not from when it is applied: the session's first request may
	// come before this server has applied what its client's server has.
	n.leader.sessions.add(n, q.Session, q.TimeoutMillis)
	return tree.Txn{Session: q.Session, Xid: q.Xid, Op: wire.OpCreateSession, TimeoutMillis: q.TimeoutMillis}
}

// closing marks a session: from now on it is refused everything. What is still in the
// pipeline commits before the close (A28.26, Z45).
func (n *Node) closing(s wire.SessionID) {
	n.leader.sessions.close(s)
	n.fact(history.Fact{Kind: history.SessionClosing, Session: s})
}
