package node

import (
	"strings"

	"github.com/zoobreak/zoobreak/node/acl"
	"github.com/zoobreak/zoobreak/node/bugs"
	"github.com/zoobreak/zoobreak/node/tree"
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
		case q.remote || q.done:
		case q.malformed:
			q.reply = wire.Reply{Xid: q.req.Xid, Zxid: n.processed, Err: wire.MarshallingError}
		default:
			q.reply = n.read(c, q)
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
	c.last = op == wire.OpCloseSession && r.Err == wire.OK || !op.Known() || r.Err == wire.AuthFailed
}

// reading is a read being carried out, with who asks and what it will be answered.
type reading struct {
	*Node
	client *client
	who    []acl.Identity
	reply  wire.Reply
}

// read answers from this server's own state, which may be behind the leader's. The zxid
// it stamps was reached before the read, so the data may be newer, never older (A28.30, Z53b).
func (n *Node) read(c *client, q *pending) wire.Reply {
	z := n.processed
	if n.cfg.Bugs.Has(bugs.ReadsShowCommitted) {
		z = max(z, n.committed) // Z53: what lies between is missing from the read, and setWatches will not make good for it
	}
	x := reading{n, c, q.who, wire.Reply{Xid: q.req.Xid, Zxid: z}}
	x.do(&q.req)
	return x.reply
}

func (x *reading) do(req *wire.Request) {
	if req.Path == wire.NullString {
		x.reply.Err = wire.MarshallingError // ZooKeeper runs into it
		return
	}
	switch req.Op {
	case wire.OpPing:
		x.reply.Xid = wire.XidPing
	case wire.OpSASL:
		x.reply.Zxid = 0 // nobody is asked to authenticate in this way: there is no next token
	case wire.OpExists:
		x.exists(req)
	case wire.OpGetData, wire.OpGetChildren, wire.OpGetChildren2, wire.OpGetAllChildrenNumber:
		x.node(req)
	case wire.OpGetACL:
		x.getACL(req)
	case wire.OpGetEphemerals:
		x.reply.Children = x.ephemerals(string(req.Path))
	case wire.OpMultiRead:
		x.multiRead(req)
	case wire.OpWhoAmI:
		x.reply.Identities = acl.Users(x.who)
	case wire.OpSetWatches, wire.OpSetWatches2:
		x.setWatches(x.client, req)
	case wire.OpAddWatch:
		x.addWatch(req)
	case wire.OpCheckWatches, wire.OpRemoveWatches:
		x.lookUpWatches(req)
	default:
		x.reply.Err, x.reply.Zxid = wire.Unimplemented, -1
	}
}

// exists needs no permission: 3.8 asks for none.
func (x *reading) exists(req *wire.Request) {
	if strings.IndexByte(string(req.Path), 0) >= 0 {
		x.reply.Err = wire.BadArguments
		return
	}
	if req.Watch {
		x.watches.Data(req.Path, x.watcher()) // also on a missing node
	}
	if node := x.tree.Node(req.Path); node != nil {
		x.reply.Stat = node.Stat()
	} else {
		x.reply.Err = wire.NoNode
	}
}

func (x *reading) watcher() uint64 { return uint64(x.client.conn) }

// node reads what takes READ on the node.
func (x *reading) node(req *wire.Request) {
	node := x.tree.Node(req.Path)
	switch {
	case node == nil:
		x.reply.Err = wire.NoNode
		return
	case !x.policy.Allowed(x.tree.ACL(node), wire.PermRead, x.who):
		x.reply.Err = wire.NoAuth
		return
	}
	x.reply.Stat = node.Stat()
	switch req.Op {
	case wire.OpGetData:
		x.reply.Data = node.Data
		if req.Watch {
			x.watches.Data(req.Path, x.watcher())
		}
		if req.Watch && x.cfg.Bugs.Has(bugs.OneModeForBoth) {
			x.watches.Child(req.Path, x.watcher()) // Z61: the tables are asked for apart, by two kinds of request
		}
	case wire.OpGetAllChildrenNumber:
		x.reply.Count = descendants(req.Path, node)
	default:
		x.reply.Children = node.Children()
		if req.Watch {
			x.watches.Child(req.Path, x.watcher())
		}
	}
}

// descendants counts what is below a path. By its other name the root is below itself, as
// ZooKeeper counts what begins with the path and a slash.
func descendants(p wire.Path, node *tree.Node) int32 {
	count := int32(node.Descendants())
	if p == "" {
		count++
	}
	return count
}

func (x *reading) getACL(req *wire.Request) {
	node := x.tree.Node(req.Path)
	if node == nil {
		x.reply.Err = wire.NoNode
		return
	}
	list := x.tree.ACL(node)
	switch {
	case !x.policy.Allowed(list, wire.PermRead|wire.PermAdmin, x.who):
		x.reply.Err = wire.NoAuth
		return
	case !x.policy.Allowed(list, wire.PermAdmin, x.who):
		list = acl.Masked(list)
	}
	x.reply.ACL, x.reply.Stat = list, node.Stat()
}

// ephemerals returns those nodes of the session whose paths begin with a text, which need
// not end a component.
func (x *reading) ephemerals(prefix string) []string {
	out := []string{}
	for _, p := range x.tree.Ephemerals(x.client.session) {
		if strings.HasPrefix(string(p), prefix) {
			out = append(out, string(p))
		}
	}
	return out
}

// multiRead answers each of its reads by itself. None leaves a watch.
func (x *reading) multiRead(req *wire.Request) {
	results := []wire.Result{}
	for i := range req.Ops {
		part := req.Ops[i].Request(req.Xid)
		if part.Op != wire.OpGetData && part.Op != wire.OpGetChildren {
			x.reply.Err = wire.MarshallingError // ZooKeeper sends what it has all the same
			break
		}
		one := reading{x.Node, x.client, x.who, wire.Reply{}}
		one.do(&part)
		r := wire.Result{Type: part.Op, Data: one.reply.Data, Stat: one.reply.Stat, Children: one.reply.Children}
		if one.reply.Err != wire.OK {
			r = wire.Result{Type: wire.OpError, Err: one.reply.Err}
		}
		results = append(results, r)
	}
	x.reply.Results = results
}
