package node

import (
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/node/watch"
	"github.com/zoobreak/zoobreak/wire"
)

// Status is what a server says of itself to those who run it.
type Status struct {
	ID        ID
	Role      Role
	Alone     bool // there is no other server
	Serving   bool // clients are served
	Leader    ID   // 0: unknown
	Epoch     wire.Epoch
	Zxid      wire.Zxid // what clients are told
	Committed wire.Zxid
	Logged    wire.Zxid
	Learners  int // leader: connected
	Synced    int // leader: of those, up to date
	Proposals int // leader: not committed yet
}

// Status returns the present status.
func (n *Node) Status() Status {
	s := Status{
		ID: n.cfg.ID, Role: n.role, Alone: len(n.members.inForce.Members()) == 1, Serving: n.serving(),
		Epoch: n.currentEpoch, Zxid: n.processed, Committed: n.committed, Logged: n.lastLogged(),
	}
	switch {
	case n.follower != nil:
		s.Leader = n.follower.leader
	case n.leader != nil:
		s.Leader, s.Learners, s.Proposals = n.cfg.ID, len(n.leader.learners), len(n.leader.outstanding)
		for _, l := range n.leader.learners {
			if l.serving {
				s.Synced++
			}
		}
	}
	return s
}

// Watches returns the watches of this server's clients, to be looked at until the next Step.
func (n *Node) Watches() *watch.Table { return n.watches }

// Tree returns the state, to be looked at until the next Step.
func (n *Node) Tree() *tree.Tree { return n.tree }
