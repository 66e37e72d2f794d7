package node

import (
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/wire"
)

// answerReads answers a client's queue from the front, until a write that is not applied
// yet: one session sees its own order across reads and writes (A12).
func (n *Node) answerReads(c *client) {
	for len(c.queue) > 0 && c.open && !c.last {
		q := &c.queue[0]
		if q.heard && n.tree.Last() >= q.after {
			q.done, q.reply = true, wire.Reply{Xid: q.req.Xid, Zxid: n.processed, Path: q.req.Path}
		}
		if q.remote && !q.done {
			return
		}
		switch {
		case q.malformed:
			q.reply = wire.Reply{Xid: q.req.Xid, Zxid: n.processed, Err: wire.MarshallingError}
		case !q.remote:
			q.reply = n.read(c, &q.req)
		}
		op, reply := q.req.Op, q.reply
		c.queue = c.queue[1:]
		n.answer(c, op, reply)
	}
}

// answer queues a reply. A request that came through a server which its session has left
// gets none: the connection is closed (A10).
func (n *Node) answer(c *client, op wire.OpCode, r wire.Reply) {
	if r.Err == wire.SessionMoved {
		c.last = true
		return
	}
	mark := c.out.Begin()
	r.Encode(&c.out, op)
	c.out.End(mark)
	c.last = op == wire.OpCloseSession && r.Err == wire.OK || r.Err == wire.Unimplemented
}

// read answers from this server's own state, which may be behind the leader's. The zxid
// it stamps was reached before the read, so the data may be newer, never older (Z53b).
func (n *Node) read(c *client, req *wire.Request) wire.Reply {
	r := wire.Reply{Xid: req.Xid, Zxid: n.processed}
	switch req.Op {
	case wire.OpPing:
	case wire.OpAuth:
		// Every scheme is accepted and none is used: all ACLs are world:anyone, so an
		// identity can neither widen nor narrow what a client may do.
		r.Zxid = 0
	case wire.OpExists:
		n.readExists(c, req, &r)
	case wire.OpGetData, wire.OpGetACL:
		n.readNode(c, req, &r)
	case wire.OpGetChildren, wire.OpGetChildren2:
		n.readChildren(c, req, &r)
	case wire.OpSetWatches:
		n.setWatches(c, req)
	default:
		r.Err = wire.Unimplemented
		if !req.Op.Known() {
			r.Zxid = -1
		}
	}
	return r
}

func (n *Node) readExists(c *client, req *wire.Request, r *wire.Reply) {
	if req.Watch {
		n.watches.Data(req.Path, uint64(c.conn)) // also on a missing node
	}
	if node := n.tree.Node(req.Path); node != nil {
		r.Stat = node.Stat()
	} else {
		r.Err = wire.NoNode
	}
}

func (n *Node) readNode(c *client, req *wire.Request, r *wire.Reply) {
	node := n.tree.Node(req.Path)
	if node == nil {
		r.Err = wire.NoNode
		return
	}
	if req.Watch {
		n.watches.Data(req.Path, uint64(c.conn))
	}
	r.Data, r.ACL, r.Stat = node.Data, node.ACL, node.Stat()
}

func (n *Node) readChildren(c *client, req *wire.Request, r *wire.Reply) {
	node := n.tree.Node(req.Path)
	if node == nil {
		r.Err = wire.NoNode
		return
	}
	if req.Watch {
		n.watches.Child(req.Path, uint64(c.conn))
	}
	r.Children, r.Stat = node.Children(), node.Stat()
}

// setWatches re-arms the watches of a client that was elsewhere. What changed since it
// last heard is told now instead (A11). An exists-watch cannot see a node that came and
// went meanwhile: the protocol's documented hole.
func (n *Node) setWatches(c *client, req *wire.Request) {
	since := req.RelativeZxid
	for _, p := range req.DataWatches {
		n.rearm(c, wire.Path(p), func(s wire.Stat) bool { return s.Mzxid > since }, wire.NodeDataChanged, n.watches.Data)
	}
	for _, p := range req.ExistWatches {
		if n.tree.Node(wire.Path(p)) != nil {
			c.notify(wire.Notification{Zxid: -1, Type: wire.NodeCreated, Path: wire.Path(p)})
		} else {
			n.watches.Data(wire.Path(p), uint64(c.conn))
		}
	}
	for _, p := range req.ChildWatches {
		n.rearm(c, wire.Path(p), func(s wire.Stat) bool { return s.Pzxid > since }, wire.NodeChildrenChanged, n.watches.Child)
	}
}

func (n *Node) rearm(c *client, p wire.Path, changed func(wire.Stat) bool, event wire.EventType, register func(wire.Path, uint64)) {
	node := n.tree.Node(p)
	switch {
	case node == nil:
		c.notify(wire.Notification{Zxid: -1, Type: wire.NodeDeleted, Path: p})
	case changed(node.Stat()):
		c.notify(wire.Notification{Zxid: -1, Type: event, Path: p})
	default:
		register(p, uint64(c.conn))
	}
}

// checkHealth is the stage that notices silence.
func (n *Node) checkHealth() bool {
	switch {
	case n.follower != nil:
		return n.followerHealth()
	case n.leader != nil:
		return n.leaderHealth()
	}
	return false
}

// healthDue returns when the health stage next has work, or 0.
func (n *Node) healthDue() clock.Instant {
	switch {
	case n.follower != nil:
		return min(n.follower.deadline, n.follower.dialAt)
	case n.leader != nil && !n.leader.active:
		return min(n.leader.pingAt, n.leader.deadline)
	case n.leader != nil:
		return n.leader.pingAt
	}
	return 0
}
