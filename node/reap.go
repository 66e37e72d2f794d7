package node

import (
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/node/prep"
	"github.com/zoobreak/zoobreak/wire"
)

// reapedPerMinute bounds how fast containers and TTL nodes go (A16).
const reapedPerMinute = 10_000

// reapDue returns when the leader looks for containers and TTL nodes next, or 0.
func (n *Node) reapDue() clock.Instant {
	if n.cfg.ContainerCheck == 0 || n.leader == nil || !n.leader.active {
		return 0
	}
	return n.leader.reapAt
}

// reap asks for the deletion of what is due, by the ordinary way of all requests: until it
// is their turn a container may get a child, and a TTL node be written.
func (n *Node) reap() bool {
	if n.reapDue() == 0 || n.reapDue() > n.now.Mono {
		return false
	}
	n.leader.reapAt = n.now.Mono.Add(n.cfg.ContainerCheck)
	due := n.tree.Due(n.now.Wall.Millis())
	if most := max(1, int(reapedPerMinute*n.cfg.ContainerCheck/time.Minute)); len(due) > most {
		due = due[:most]
	}
	for _, p := range due {
		q := prep.Request{Request: &wire.Request{Op: wire.OpDeleteContainer, Path: p}}
		if n.leader == nil {
			break // the epoch's zxids have run out
		}
		if txn := n.leader.changes.Prepare(q); txn.Op != wire.OpError {
			n.propose(txn)
		}
	}
	return true
}
