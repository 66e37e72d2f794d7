package node

import (
	"maps"
	"slices"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/node/bugs"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// follower is the state of following or observing a leader: discovery (A24), synchronisation (A25),
// then broadcast.
type follower struct {
	leader   ID
	conn     Conn          // 0: not connected
	dialAt   clock.Instant // Never: dialing or connected
	deadline clock.Instant // to be up to date; then: to hear from the leader
	epoch    wire.Epoch    // the leader's, once known

	// From DIFF or SNAP until NEWLEADER.
	syncing bool
	restore *tree.Tree // SNAP: the leader's state
	cutting bool       // TRUNC: the log ends
	cut     wire.Zxid  // here
	staged  []tree.Txn // proposals behind it

	acked    bool      // NEWLEADER came: proposals are logged as they come
	commitTo wire.Zxid // what the leader committed, before UPTODATE allows applying it
	serving  bool

	touched map[wire.SessionID]int32 // heard from since the last ping, with their timeouts
	asking  map[wire.SessionID]Conn  // re-attaching clients that wait for the leader's word
}

func (n *Node) follow(leader ID) {
	n.role = Following
	if n.observes() {
		n.role = Observing
	}
	n.fact(history.Fact{Kind: history.Role, Note: n.role.String()})
	n.follower = &follower{
		leader: leader, dialAt: n.now.Mono, deadline: n.now.Mono.Add(n.ticks(n.cfg.InitLimit)),
		touched: map[wire.SessionID]int32{}, asking: map[wire.SessionID]Conn{},
	}
	n.dialLeader()
}

// dialLeader connects when it is time to.
func (n *Node) dialLeader() bool {
	f := n.follower
	if f.dialAt > n.now.Mono {
		return false
	}
	f.dialAt = clock.Never
	n.out.Dials = append(n.out.Dials, Dial{f.leader, QuorumChannel})
	return true
}

func (n *Node) leaderOpened(c Conn) {
	n.follower.conn = c
	var e wire.Encoder
	e.Int32(int32(n.cfg.ID))
	p := packet{followerInfo, wire.MakeZxid(n.acceptedEpoch, 0), e.Buf}
	if n.role == Observing {
		p.typ = observerInfo
	}
	n.tellLeader(p)
}

// leaderLost goes back to an election, unless the leader has not begun to lead yet: it
// may still be waiting for better votes, so a refused connection is tried again.
func (n *Node) leaderLost() {
	f := n.follower
	if f.syncing || f.acked {
		n.look("lost its leader")
		return
	}
	f.conn, f.dialAt = 0, n.now.Mono.Add(redial)
}

func (n *Node) tellLeader(p packet) { n.send(n.follower.conn, p.encode()) }

// toLeader makes a message that a Save sends when it is durable.
func (f *follower) toLeader(p packet) Message { return Message{Conn: f.conn, Data: p.encode()} }

// hearLeader handles a packet from the leader.
func (n *Node) hearLeader(p packet) {
	f := n.follower
	if f.serving {
		f.deadline = n.now.Mono.Add(n.ticks(n.cfg.SyncLimit))
	}
	f.expectFromLeader(p.typ)
	switch p.typ {
	case leaderInfo:
		n.acceptEpoch(p.zxid.Epoch())
	case diff:
		f.syncing = true
	case trunc:
		n.stageCut(p.zxid)
	case snap:
		n.stageSnapshot(p)
	case proposal:
		n.hearProposal(p)
	case commit:
		n.expectCommit(p.zxid)
		f.commitTo = p.zxid
		if f.serving {
			n.commitUpTo(p.zxid)
		}
	case inform:
		n.hearInform(p)
	case newLeader:
		n.acknowledgeHistory(p.zxid)
	case upToDate:
		n.serve()
	case ping:
		n.answerPing(p.zxid)
	case revalidate:
		n.revalidated(p)
	case syncPacket:
		n.synced(p)
	}
}

// acceptEpoch promises not to follow a leader of an older epoch. The promise is durable
// before the leader hears of it (A24). An epoch accepted before, from another leader or in
// another life, is acknowledged with -1, so that one server cannot count for two leaders of
// it (A28.6). From the same leader it is the same leadership: a server that leads again
// proposes a later epoch, having kept this one first. So if the first acknowledgement was
// lost with its connection, the second counts.
func (n *Node) acceptEpoch(e wire.Epoch) {
	f := n.follower
	current := n.currentEpoch
	var s save
	var ops []SaveOp
	switch {
	case e < n.acceptedEpoch:
		n.look("its leader's epoch is older than one it accepted")
		return
	case e == n.acceptedEpoch && n.acceptedFrom == f.leader:
		n.sometimes(true, acceptedAgain)
	case e == n.acceptedEpoch:
		n.sometimes(true, epochAcceptedBefore)
		current = -1
	default:
		n.acceptedEpoch, n.acceptedFrom = e, f.leader
		s.promised = e
		ops = []SaveOp{{Kind: SetAcceptedEpoch, Epoch: e}}
	}
	f.epoch = e
	var enc wire.Encoder
	enc.Int64(int64(current))
	enc.Int64(int64(n.committed))
	n.persist(s, ops, f.toLeader(packet{ackEpoch, n.lastLogged(), enc.Buf}))
}

// stageCut notes where the log is to end. It is cut at NEWLEADER, in one Save with what
// comes behind: until then neither memory nor disk has changed, so a sync that is
// interrupted leaves nothing behind (A28.19, Z13).
func (n *Node) stageCut(z wire.Zxid) {
	if _, ok := n.after(z); !ok || z < n.committed {
		n.look("its log cannot be cut where the leader says")
		return
	}
	f := n.follower
	f.syncing, f.cutting, f.cut = true, true, z
}

func (n *Node) stageSnapshot(p packet) {
	t, err := tree.Load(p.data)
	if err != nil {
		n.look("the leader's snapshot is malformed")
		return
	}
	n.follower.syncing, n.follower.restore = true, t
}

// hearProposal keeps a proposal: aside until NEWLEADER, then in the log. A gap means
// that this server has missed something, so it starts over (A25).
func (n *Node) hearProposal(p packet) {
	f := n.follower
	d := wire.NewDecoder(p.data)
	txn := tree.DecodeTxn(d)
	if d.Err() != nil || !follows(txn.Zxid, f.end(n)) {
		n.look("a proposal does not follow its log")
		return
	}
	if !f.acked {
		f.staged = append(f.staged, txn)
		return
	}
	n.appendLog(txn)
	n.logAndAck(txn)
}

// hearInform logs and applies what is committed. Nobody waits for this server's disk, and
// what it applies before its disk has it is on a quorum of others.
func (n *Node) hearInform(p packet) {
	f := n.follower
	d := wire.NewDecoder(p.data)
	txn := tree.DecodeTxn(d)
	if d.Err() != nil || !f.acked || n.role != Observing || !follows(txn.Zxid, n.lastLogged()) {
		n.look("an INFORM does not follow its log")
		return
	}
	n.appendLog(txn)
	n.persist(save{logged: txn.Zxid}, []SaveOp{{Kind: AppendTxn, Txn: txn}})
	f.commitTo = txn.Zxid
	if f.serving {
		n.commitUpTo(txn.Zxid)
	}
}

// end returns the zxid that the next proposal must follow.
func (f *follower) end(n *Node) wire.Zxid {
	switch {
	case len(f.staged) > 0:
		return f.staged[len(f.staged)-1].Zxid
	case f.restore != nil:
		return f.restore.Last()
	case f.cutting:
		return f.cut
	}
	return n.lastLogged()
}

// follows reports whether z can come right after prev: the next of its epoch, or the
// first of a later one.
func follows(z, prev wire.Zxid) bool {
	if z.Epoch() == prev.Epoch() {
		return z == prev+1
	}
	return z.Epoch() > prev.Epoch() && z.Counter() == 1
}

// acknowledgeHistory handles NEWLEADER: what the leader sent becomes this server's
// history, then currentEpoch says so, then the leader is told. The order is the whole
// point (A28.15, Z02-Z08): with the epoch first, a crash between the two would leave a server
// that claims the new epoch with an old log, and an election would prefer it.
func (n *Node) acknowledgeHistory(z wire.Zxid) {
	f := n.follower
	var ops []SaveOp
	if f.restore != nil {
		n.sometimes(len(f.staged) > 0 && f.staged[0].Zxid <= f.commitTo, restoreCompleted)
		f.completeRestore()
		ops = append(ops, SaveOp{Kind: InstallSnapshot, Zxid: f.restore.Last(), Bytes: f.restore.Snapshot()})
		n.restore(f.restore)
	}
	if f.cutting {
		n.cutLog(f.cut)
		ops = append(ops, SaveOp{Kind: TruncateLog, Zxid: f.cut})
	}
	for i := range f.staged {
		ops = append(ops, SaveOp{Kind: AppendTxn, Txn: f.staged[i]})
	}
	n.appendLog(f.staged...)
	n.currentEpoch = z.Epoch()
	ops = append(ops, SaveOp{Kind: SetCurrentEpoch, Epoch: z.Epoch()})
	then := []Message{f.toLeader(packet{typ: ack, zxid: z})}
	if n.lastLogged() > 0 && n.role == Following { // the leader may wait for what was logged here before, too (A28.16)
		then = append(then, f.toLeader(packet{typ: ack, zxid: n.lastLogged()}))
	}
	f.acked, f.cutting, f.restore, f.staged = true, false, nil, nil
	n.persist(save{logged: n.lastLogged(), adopted: z.Epoch()}, ops, then...)
}

// completeRestore adds to the leader's state the history that came behind it, so that both
// are installed as one. The state alone may be older than what this server acknowledged
// to an earlier leader: (1) it is installed in place of the log; (2) power fails before
// the history behind it is logged; (3) a committed write is on one disk less than it was.
func (f *follower) completeRestore() {
	for len(f.staged) > 0 && f.staged[0].Zxid <= f.commitTo {
		f.restore.Apply(&f.staged[0])
		f.staged = f.staged[1:]
	}
}

// restore replaces the state by a leader's.
func (n *Node) restore(t *tree.Tree) {
	n.tree, n.log, n.base = t, nil, t.Last()
	n.committed = t.Last()
	// Clients are told how far this state is. Told less, one could read it here, go on at a
	// server that is behind it, be let in, and see time go back (A12, A28.30).
	n.processed = max(n.processed, t.Last())
	n.fact(history.Fact{Kind: history.Restored, Zxid: t.Last(), Hash: t.Digest()})
}

// logAndAck logs a transaction and acknowledges it when it is durable.
func (n *Node) logAndAck(txn tree.Txn) {
	ops := []SaveOp{{Kind: AppendTxn, Txn: txn}}
	msg := n.follower.toLeader(packet{typ: ack, zxid: txn.Zxid})
	if n.cfg.Bugs.Has(bugs.AckBeforeSync) {
		// The bug: the acknowledgement leaves now. (1) The leader commits and tells the
		// client; (2) this server and the leader lose power before their disks have it;
		// (3) they come back without it, elect one of themselves, and the write is gone.
		n.out.Sends = append(n.out.Sends, msg)
		n.persist(save{logged: txn.Zxid}, ops)
		return
	}
	n.persist(save{logged: txn.Zxid}, ops, msg)
}

// serve handles UPTODATE: a quorum has the leader's history, so all of it is committed, and
// so is what a COMMIT has named since NEWLEADER (A28.17).
func (n *Node) serve() {
	f := n.follower
	f.serving = true
	f.deadline = n.now.Mono.Add(n.ticks(n.cfg.SyncLimit))
	n.fact(history.Fact{Kind: history.Synced, Epoch: f.epoch})
	n.updateVote(f.leader, f.epoch)
	n.serveFrom = f.commitTo
	n.reached()
	n.commitUpTo(f.commitTo)
}

// answerPing tells the leader which sessions this server has heard from, so that it does
// not expire them, and that it still follows.
func (n *Node) answerPing(round wire.Zxid) {
	f := n.follower
	var e wire.Encoder
	ids := slices.Sorted(maps.Keys(f.touched))
	e.Int32(int32(len(ids)))
	for _, s := range ids {
		e.Int64(int64(s))
		e.Int32(f.touched[s])
	}
	clear(f.touched)
	n.tellLeader(packet{ping, round, e.Buf})
}

// followerHealth gives up a silent leader, and tries to connect again.
func (n *Node) followerHealth() bool {
	if n.follower.deadline <= n.now.Mono {
		n.look("heard nothing from its leader")
		return true
	}
	return n.dialLeader()
}
