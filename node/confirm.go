package node

import "github.com/zoobreak/zoobreak/wire"

// A sync is answered when everything proposed before it is committed, and a quorum has
// said since it came that it still follows. The second half makes what is read behind a
// sync no older than the sync. Without it:
//
//  1. A leader is cut off with one of four followers, and does not know it yet.
//  2. The other three elect a leader, which commits a write.
//  3. A client of the old leader, which was told of that write, asks it to sync, then reads.
//     Nothing is outstanding there: the sync is answered at once, and the read is stale.
//
// A follower that answers a ping has not promised itself to a later leader. So if a quorum
// answers one that was sent after the sync came, no later leader had committed anything
// when it came (ZOOKEEPER-2136, 3600; B4 L8).

// pendingSync is a sync that waits.
type pendingSync struct {
	after wire.Zxid // to be committed
	round int64     // to be confirmed
	conn  Conn      // the learner that asked, or the client if its server leads
	data  []byte
	local bool
}

// rounds are the pings by which a leader makes sure that it still leads. One round is under
// way at a time: syncs that come meanwhile share the next one.
type rounds struct {
	last      int64 // that was begun
	confirmed int64
}

func (r rounds) underWay() bool { return r.confirmed < r.last }

func (n *Node) syncFor(s pendingSync) {
	ld := n.leader
	if !ld.active {
		return // who asks is not served by this server
	}
	if len(ld.outstanding) > 0 {
		s.after = ld.outstanding[len(ld.outstanding)-1].zxid
	}
	if !n.cfg.SyncAlone {
		s.round = ld.rounds.last + 1
	}
	ld.syncs = append(ld.syncs, s)
	n.beginRound()
	n.answerSyncs()
}

// beginRound begins a round if a sync waits for one and none is under way.
func (n *Node) beginRound() {
	ld := n.leader
	if ld.rounds.underWay() || len(ld.syncs) == 0 || ld.syncs[len(ld.syncs)-1].round <= ld.rounds.last {
		return
	}
	ld.rounds.last++
	for _, l := range ld.learners {
		if l.serving && !l.observer {
			n.ping(l)
		}
	}
	n.confirm()
}

// ping carries the round that is under way, so that one which a broken connection has
// swallowed is made good by the pings of leaderHealth.
func (n *Node) ping(l *learner) {
	p := packet{typ: ping}
	if r := n.leader.rounds; r.underWay() {
		p.zxid = wire.Zxid(r.last)
	}
	n.tell(l, p)
}

// confirm ends the round if a quorum has answered it.
func (n *Node) confirm() {
	ld := n.leader
	if !ld.rounds.underWay() || !n.quorum(ld.follows(n, ld.rounds.last)) {
		return
	}
	ld.rounds.confirmed = ld.rounds.last
	n.answerSyncs()
	n.beginRound()
}

// follows tells who has answered a round; the leader follows itself.
func (ld *leader) follows(n *Node, round int64) func(ID) bool {
	return func(id ID) bool {
		if id == n.cfg.ID {
			return true
		}
		for _, l := range ld.learners {
			if l.id == id {
				return l.round >= round
			}
		}
		return false
	}
}

func (n *Node) answerSyncs() {
	ld := n.leader
	for len(ld.syncs) > 0 && ld.syncs[0].after <= n.committed && ld.syncs[0].round <= ld.rounds.confirmed {
		n.answerSync(ld.syncs[0])
		ld.syncs = ld.syncs[1:]
	}
}

func (n *Node) answerSync(s pendingSync) {
	if s.local {
		n.finishSync(s.conn)
		return
	}
	n.send(s.conn, packet{syncPacket, n.committed, s.data}.encode())
}
