package node

import (
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/node/prep"
	"github.com/zoobreak/zoobreak/wire"
)

// leader is the state of leading.
type leader struct {
	epoch    wire.Epoch // 0 until a quorum has said which epochs it accepted
	history  wire.Zxid  // the end of the log that NEWLEADER stands for
	active   bool       // a quorum has that log
	deadline clock.Instant
	pingAt   clock.Instant

	learners []*learner        // in the order they connected
	accepted map[ID]wire.Epoch // discovery: who said what, this server included
	acked    map[ID]bool       // discovery: who accepted the epoch
	synced   map[ID]bool       // who has the history

	next        uint32     // counter of the next zxid
	outstanding []proposed // in order, not committed
	ownLogged   wire.Zxid  // this server's own acknowledgement
	changes     *prep.View
	sessions    *sessions
	syncs       []pendingSync
	rounds      rounds
	reapAt      clock.Instant
}

// learner is a server on the other end of a quorum link.
type learner struct {
	id         ID
	conn       Conn
	observer   bool // it has no vote: it gets what is committed, and counts nowhere (A28.7)
	ackedEpoch bool
	last       wire.Zxid // the end of its log, as of ACKEPOCH
	uncut      wire.Zxid // up to here its log cannot be taken back
	forwarding bool      // it has been sent the history; from now on it gets everything
	serving    bool      // it was sent UPTODATE
	logged     wire.Zxid // what it acknowledged
	round      int64     // the last that it answered
	heard      clock.Instant
}

func (n *Node) lead() {
	n.role = Leading
	n.fact(history.Fact{Kind: history.Role, Note: Leading.String()})
	n.leader = &leader{
		deadline: n.now.Mono.Add(n.ticks(n.cfg.InitLimit)), pingAt: n.now.Mono.Add(n.cfg.Tick / 2),
		accepted: map[ID]wire.Epoch{n.cfg.ID: n.acceptedEpoch}, acked: map[ID]bool{}, synced: map[ID]bool{},
	}
	n.chooseEpoch()
}

// hearLearner handles a packet from a learner, or from one that wants to become it.
func (n *Node) hearLearner(c Conn, p packet) {
	ld := n.leader
	l := ld.learner(c)
	switch {
	case l == nil && (p.typ == followerInfo || p.typ == observerInfo):
		n.welcome(c, p)
		return
	case l == nil:
		n.closeConn(c)
		return
	}
	l.heard = n.now.Mono
	switch p.typ {
	case ackEpoch:
		n.hearAckEpoch(l, p)
	case ack:
		n.hearAck(l, p.zxid)
	case ping:
		ld.touch(n, p.data)
		l.round = max(l.round, int64(p.zxid))
		n.confirm()
	case request:
		n.hearForwarded(l, p.data)
	case revalidate:
		n.hearRevalidate(l, p)
	case syncPacket:
		n.syncFor(pendingSync{conn: l.conn, data: p.data})
	}
}

func (ld *leader) learner(c Conn) *learner {
	for _, l := range ld.learners {
		if l.conn == c {
			return l
		}
	}
	return nil
}

// welcome adds a learner. A second connection of the same server replaces the first.
func (n *Node) welcome(c Conn, p packet) {
	ld := n.leader
	id := ID(wire.NewDecoder(p.data).Int32())
	if !n.member(id) || n.voter(id) != (p.typ == followerInfo) {
		n.closeConn(c)
		return
	}
	for _, l := range ld.learners {
		if l.id == id {
			n.sometimes(true, learnerReplaced)
			n.closeConn(l.conn)
			n.learnerLost(l.conn)
			break
		}
	}
	l := &learner{id: id, conn: c, observer: p.typ == observerInfo, heard: n.now.Mono}
	ld.learners = append(ld.learners, l)
	switch accepted := p.zxid.Epoch(); {
	case accepted > ld.epoch && ld.epoch != 0:
		// It could not follow this epoch, and would be turned away until the next election. (1)
		// It accepted epoch 7 of a leader that nobody else heard; (2) the others, at 5, have a
		// leader of 6. That one leads again in an epoch that it can accept.
		n.laterEpoch = accepted
		n.look("a learner has accepted a later epoch")
		return
	case ld.epoch != 0:
		n.sendLeaderInfo(l)
		return
	}
	ld.accepted[id] = p.zxid.Epoch()
	n.chooseEpoch()
}

// chooseEpoch picks an epoch newer than any that a quorum has accepted, so that no older
// leader can still gather one (A24). It is durable before anyone hears of it (A28.5, Z42).
func (n *Node) chooseEpoch() {
	ld := n.leader
	if ld.epoch != 0 || !n.quorum(func(id ID) bool { _, ok := ld.accepted[id]; return ok }) {
		return
	}
	for _, e := range ld.accepted { //tidy:order-free a maximum
		ld.epoch = max(ld.epoch, e+1, n.laterEpoch+1) // later than an equal one, too: that may have a leader (A28.4, Z41)
	}
	n.acceptedEpoch, n.acceptedFrom = ld.epoch, n.cfg.ID
	n.persist(save{promised: ld.epoch}, []SaveOp{{Kind: SetAcceptedEpoch, Epoch: ld.epoch}})
	for _, l := range ld.learners {
		n.sendLeaderInfo(l)
	}
	ld.acked[n.cfg.ID] = true
	n.beginEpoch()
}

// sendLeaderInfo goes through a Save, and so behind the one that keeps the epoch.
func (n *Node) sendLeaderInfo(l *learner) {
	p := packet{typ: leaderInfo, zxid: wire.MakeZxid(n.leader.epoch, 0)}
	n.persist(save{}, nil, Message{Conn: l.conn, Data: p.encode()})
}

// hearAckEpoch counts an acceptance, unless it shows that the learner knows more than
// this server: then this server must not lead (A28.8). What an observer has more than the
// one that a quorum elected was never committed, and is no reason.
func (n *Node) hearAckEpoch(l *learner, p packet) {
	ld := n.leader
	d := wire.NewDecoder(p.data)
	current := wire.Epoch(d.Int64())
	l.last, l.uncut, l.ackedEpoch = p.zxid, wire.Zxid(d.Int64()), true
	if ld.begun() {
		n.synchronise(l)
		return
	}
	more := current > n.currentEpoch || current == n.currentEpoch && p.zxid > n.lastLogged()
	if more && !l.observer {
		n.sometimes(true, longerHistory)
		n.look("a learner has a longer history")
		return
	}
	if current >= 0 {
		ld.acked[l.id] = true
	}
	n.beginEpoch()
}

// begun reports whether a quorum has accepted the epoch.
func (ld *leader) begun() bool { return ld.changes != nil }

// beginEpoch starts the epoch when a quorum has accepted it: this server's log, all of
// it, is the history that the epoch starts from.
func (n *Node) beginEpoch() {
	ld := n.leader
	if ld.begun() || !n.quorum(func(id ID) bool { return ld.acked[id] }) {
		return
	}
	ld.history = n.lastLogged()
	ld.changes = prep.NewView(n.cfg.prep(), n.tree)
	n.currentEpoch = ld.epoch
	n.persist(save{leading: ld.epoch, adopted: ld.epoch}, []SaveOp{{Kind: SetCurrentEpoch, Epoch: ld.epoch}})
	for _, l := range append([]*learner(nil), ld.learners...) {
		if l.ackedEpoch {
			n.synchronise(l)
		}
	}
}

func (n *Node) tell(l *learner, p packet) { n.send(l.conn, p.encode()) }

// savedOwn counts this server's own disk.
func (ld *leader) savedOwn(n *Node, s save) {
	if s.leading == ld.epoch && s.leading != 0 {
		ld.synced[n.cfg.ID] = true
		n.activate()
	}
	if s.logged > ld.ownLogged {
		ld.ownLogged = s.logged
		n.tryCommit()
	}
}

// hearAck counts a learner's disk: for the history, or for a proposal.
func (n *Node) hearAck(l *learner, z wire.Zxid) {
	ld := n.leader
	n.expectAck(l, z)
	if z == wire.MakeZxid(ld.epoch, 0) {
		ld.synced[l.id] = true
		if ld.active {
			n.bringUp(l)
		} else {
			n.activate()
		}
		return
	}
	l.logged = max(l.logged, z)
	n.tryCommit()
}

// activate makes this server the leader in full, when a quorum has its history: all of
// that is committed, and new transactions may follow. Not before: serving earlier would
// show clients what another leader may yet replace (A28.20, A28.22, Z26).
func (n *Node) activate() {
	ld := n.leader
	if ld.active || !ld.begun() || !n.quorum(func(id ID) bool { return ld.synced[id] }) {
		return
	}
	ld.active = true
	n.fact(history.Fact{Kind: history.Established, Epoch: ld.epoch, Zxid: ld.history})
	n.updateVote(n.cfg.ID, ld.epoch)
	n.serveFrom = ld.history
	n.reached()
	ld.takeOver(n)
	n.commitUpTo(ld.history)
	for _, l := range ld.learners {
		if ld.synced[l.id] {
			n.bringUp(l)
		}
	}
}

// takeOver makes the leader's view of what is outstanding, and of the sessions, include
// the part of the history that is not applied yet, however that came here (A28.28).
func (ld *leader) takeOver(n *Node) {
	ld.sessions = newSessions(n)
	ld.reapAt = n.now.Mono.Add(n.cfg.ContainerCheck)
	behind, _ := n.after(n.tree.Last())
	for i := range behind {
		ld.changes.Note(&behind[i])
		ld.sessions.apply(n, &behind[i])
	}
}

// bringUp lets a learner that has the history serve.
func (n *Node) bringUp(l *learner) {
	if !l.serving {
		l.serving = true
		n.tell(l, packet{typ: upToDate})
	}
}

// learnerLost forgets a learner. Whether enough are left is judged by leaderHealth.
func (n *Node) learnerLost(c Conn) {
	ld := n.leader
	for i, l := range ld.learners {
		if l.conn == c {
			ld.learners = append(ld.learners[:i:i], ld.learners[i+1:]...)
			delete(ld.synced, l.id)
			if ld.epoch == 0 {
				delete(ld.accepted, l.id)
			}
			return
		}
	}
}

// leaderHealth pings the learners, drops silent ones, and resigns when no quorum is left.
func (n *Node) leaderHealth() bool {
	ld := n.leader
	if !ld.active && ld.deadline <= n.now.Mono {
		n.look("no quorum came to follow it")
		return true
	}
	if ld.pingAt > n.now.Mono {
		return false
	}
	ld.pingAt = n.now.Mono.Add(n.cfg.Tick / 2)
	alive := map[ID]bool{n.cfg.ID: true}
	for _, l := range append([]*learner(nil), ld.learners...) {
		if n.givenUp(l) {
			n.closeConn(l.conn)
			n.learnerLost(l.conn)
			continue
		}
		if l.serving || !ld.active {
			alive[l.id] = true
		}
		if l.serving {
			n.ping(l)
		}
	}
	if ld.active && !n.quorum(func(id ID) bool { return alive[id] }) {
		n.look("no quorum follows it any more")
	}
	return true
}

// givenUp reports whether a learner is as good as gone: silent, or alive but without a
// disk that keeps up, so that proposals would wait for it for ever (A26).
func (n *Node) givenUp(l *learner) bool {
	if !l.serving {
		return n.now.Mono.Sub(l.heard) > n.ticks(n.cfg.InitLimit)
	}
	limit := n.ticks(n.cfg.SyncLimit)
	lagging := false
	if out := n.leader.outstanding; len(out) > 0 && !l.observer {
		lagging = l.logged < out[0].zxid && n.now.Mono.Sub(out[0].at) > limit
	}
	silent := n.now.Mono.Sub(l.heard) > limit
	n.sometimes(lagging && !silent, slowDiskGivenUp)
	return lagging || silent
}
