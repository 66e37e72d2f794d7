package node

import (
	"github.com/zoobreak/zoobreak/node/bugs"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/node/watch"
	"github.com/zoobreak/zoobreak/wire"
)

// fireWatches tells those who watch what a transaction did. Whoever may not read a node is
// not told of it (ZOOKEEPER-4799), and its watch is used up all the same. The header has no
// zxid: from 3.9 on it does, and clients took it for more than it is.
func (n *Node) fireWatches(changes []tree.Change) {
	for _, c := range changes {
		for _, ev := range n.watches.Fire(c) {
			cl := n.client(Conn(ev.Watcher))
			// The event names the path: that a node exists is what READ on it hides (Z62).
			everybody := n.cfg.Bugs.Has(bugs.EventsForEverybody)
			if cl != nil && (everybody || n.policy.Allowed(ev.ACL, wire.PermRead, cl.who)) {
				cl.notify(wire.Notification{Zxid: -1, Type: ev.Type, Path: ev.Path})
			}
		}
	}
}

// setWatches re-arms the watches of a client that was elsewhere. What changed since it
// last heard is told now instead (A11). An exists-watch cannot see a node that came and
// went meanwhile: the protocol's documented hole. Persistent watches miss what they missed.
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
		n.rearm(c, wire.Path(p), func(s wire.Stat) bool {
			if n.cfg.Bugs.Has(bugs.ChildWatchByData) {
				return s.Mzxid > since // Z60: children change pzxid alone
			}
			return s.Pzxid > since
		}, wire.NodeChildrenChanged, n.watches.Child)
	}
	for _, p := range req.PersistentWatches {
		n.watches.Add(wire.Path(p), uint64(c.conn), watch.Persistent)
	}
	for _, p := range req.RecursiveWatches {
		n.watches.Add(wire.Path(p), uint64(c.conn), watch.Recursive)
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

func (x *reading) addWatch(req *wire.Request) {
	switch req.Mode {
	case wire.AddPersistent:
		x.watches.Add(req.Path, x.watcher(), watch.Persistent)
	case wire.AddPersistentRecursive:
		x.watches.Add(req.Path, x.watcher(), watch.Recursive)
	default:
		x.reply.Err = wire.MarshallingError
	}
}

// lookUpWatches says whether there is a watch of the type, and removes it if asked to.
func (x *reading) lookUpWatches(req *wire.Request) {
	switch {
	case req.WatcherType < wire.WatcherChildren || req.WatcherType > wire.WatcherAny:
		x.reply.Err = wire.MarshallingError
	case !x.watches.Watches(req.Path, x.watcher(), req.WatcherType):
		x.reply.Err = wire.NoWatcher
	case req.Op == wire.OpRemoveWatches:
		x.watches.Remove(req.Path, x.watcher(), req.WatcherType)
	}
}
