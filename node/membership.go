package node

import (
	"slices"

	"github.com/zoobreak/zoobreak/node/bugs"
	"github.com/zoobreak/zoobreak/node/quorum"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// ID names a server of the ensemble: 1 to 254. With 255 in the top byte, a session's id
// would be what tells a TTL node from an ephemeral one (A5).
type ID = quorum.ID

// membership is who belongs to the ensemble, as far as this server knows.
type membership struct {
	inForce *quorum.Config
	text    string // inForce as others are told it
}

func newMembership(c *quorum.Config) membership { return membership{inForce: c, text: c.String()} }

// showConfig puts the configuration where clients read it. One that no transaction has made
// has the epoch in which it is first served for a version, as in ZooKeeper. What is there
// already stays.
func (n *Node) showConfig() {
	if n.cfg.Standalone || n.tree.Node(tree.ConfigPath).Stat().Mzxid != 0 {
		return
	}
	c := *n.members.inForce
	c.Version = max(c.Version, wire.MakeZxid(n.currentEpoch, 0))
	n.tree.SetConfig([]byte(c.String()), c.Version, n.now.Wall.Millis())
}

// quorum reports whether those are enough. Every tally of this package is made here, so
// that there is one place that can count an observer, and does not (A28.7, A28.33).
func (n *Node) quorum(has func(ID) bool) bool {
	if n.cfg.Bugs.Has(bugs.ObserversCount) {
		return n.countsEverybody(has)
	}
	return n.members.inForce.Quorum(has)
}

// countsEverybody is the bug (ZOOKEEPER-2959, 769, 764): whoever is there counts, against
// the number of voters. (1) A leader has a transaction that no other voter has; (2) two
// observers take over its history, which makes three, and it is in force; (3) the leader
// dies, and the other voters, who are a quorum, know nothing of it.
func (n *Node) countsEverybody(has func(ID) bool) bool {
	count := 0
	for _, m := range n.members.inForce.Members() {
		if has(m.ID) {
			count++
		}
	}
	return count > len(n.members.inForce.Voters())/2
}

// everyVoter reports whether all of those who count have it.
func (n *Node) everyVoter(has func(ID) bool) bool {
	return !slices.ContainsFunc(n.members.inForce.Voters(), func(id ID) bool { return !has(id) })
}

// voter reports whether id is one of those who count.
func (n *Node) voter(id ID) bool { return n.members.inForce.Votes(id) }

// member reports whether id belongs to the ensemble at all.
func (n *Node) member(id ID) bool {
	_, ok := n.members.inForce.Member(id)
	return ok
}

// observes reports whether this server only learns.
func (n *Node) observes() bool { return !n.voter(n.cfg.ID) }

// link makes the way to a server for votes.
func (e *election) link(to ID) *electionLink {
	l := &electionLink{}
	e.links[to] = l
	i, _ := slices.BinarySearch(e.linked, to)
	e.linked = slices.Insert(e.linked, i, to)
	return l
}
