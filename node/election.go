package node

import (
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/wire"
)

// Fast leader election (A23): everybody tells everybody the best candidate it knows; who
// sees a quorum for one candidate waits a moment for a better one, and goes.

// finalizeWait is how long a server with a quorum waits for a better candidate.
const finalizeWait = 200 * time.Millisecond

// The back-off of repeated notifications, while nobody answers.
const (
	firstResend = 200 * time.Millisecond
	lastResend  = 2 * time.Second
)

// redial is how long a server waits before it tries a failed connection again.
const redial = 100 * time.Millisecond

// vote is a candidate with the history that speaks for it.
type vote struct {
	leader ID
	zxid   wire.Zxid  // the end of its log, durable or not: what it will offer as leader
	epoch  wire.Epoch // its currentEpoch
}

// beats is the total order of candidates. Each clause compares equal in all before it:
// ZOOKEEPER-1419 was a clause that did not, and elections that never ended.
func (v vote) beats(w vote) bool {
	if v.epoch != w.epoch {
		return v.epoch > w.epoch
	}
	if v.zxid != w.zxid {
		return v.zxid > w.zxid
	}
	return v.leader > w.leader
}

// election is the state of looking for a leader, and of telling others who it is.
type election struct {
	round      int64
	vote       vote
	received   map[ID]notification // this round, from servers that look too
	outside    map[ID]notification // from servers that follow or lead
	finalizeAt clock.Instant       // Never: no quorum yet
	resendAt   clock.Instant
	backoff    time.Duration
	inbox      []notification
	links      map[ID]*electionLink
	linked     []ID // the keys of links, ascending: they are looked through at every event
}

// electionLink is the way to one other server. It keeps no messages: only the vote as it
// is when the link opens matters.
type electionLink struct {
	conn    Conn // 0: none
	dialing bool
	retryAt clock.Instant // 0: nothing to retry

	unanswered clock.Instant // since when the peer owes an answer to what was said; 0: it owes none
	heard      notification  // the last from the peer
	heardAt    clock.Instant // when it was first heard
}

// look begins an election. Whatever the server was, it stops being it: clients are sent
// away and quorum links closed. The log keeps its tail, committed or not; the vote
// speaks for all of it (A28.1, A28.2, Z01: a vote for less could lose what a quorum acknowledged).
func (n *Node) look(why string) {
	n.sometimes(n.follower != nil && n.follower.acked && n.lastLogged() > n.committed, lostWithProposals)
	n.sometimes(n.leader != nil && len(n.leader.outstanding) > 0, leftWithProposals)
	n.leaveRole()
	n.role = Looking
	n.fact(history.Fact{Kind: history.Role, Note: Looking.String() + ": " + why})
	e := &n.election
	e.round++
	e.restart(n, n.ownVote())
	for _, l := range e.links { //tidy:order-free each is set alone
		l.unanswered = 0 // nobody has been asked yet
	}
	n.broadcastVote()
}

func (n *Node) leaveRole() {
	for len(n.clients) > 0 {
		n.dropClient(n.clients[0])
	}
	if n.follower != nil {
		n.closeConn(n.follower.conn)
		n.follower = nil
	}
	if n.leader != nil {
		for _, l := range n.leader.learners {
			n.closeConn(l.conn)
		}
		n.leader = nil
	}
}

// ownVote is for this server itself, or for nobody if it may not lead: an observer, or a
// participant without weight.
func (n *Node) ownVote() vote {
	if !n.members.inForce.MayLead(n.cfg.ID) {
		return vote{epoch: -1}
	}
	return vote{leader: n.cfg.ID, zxid: n.lastLogged(), epoch: n.currentEpoch}
}

// restart forgets the votes of earlier rounds.
func (e *election) restart(n *Node, v vote) {
	e.vote, e.received, e.outside = v, map[ID]notification{}, map[ID]notification{}
	e.finalizeAt, e.backoff = clock.Never, firstResend
	e.resendAt = n.now.Mono.Add(e.backoff)
}

func (n *Node) ownNotification() notification {
	return notification{from: n.cfg.ID, state: n.role, round: n.election.round, vote: n.election.vote, config: n.members.text}
}

func (n *Node) broadcastVote() {
	n.electOwn()
	n.tellAll()
}

func (n *Node) tellAll() {
	for _, id := range n.members.inForce.Voters() {
		if id != n.cfg.ID {
			n.notify(id)
		}
	}
}

// electOwn counts this server's own vote, which alone may be a quorum of one.
func (n *Node) electOwn() {
	n.election.received[n.cfg.ID] = n.ownNotification()
	n.checkQuorum()
}

// notify sends the current vote to one server, by way of a connection if there is none.
func (n *Node) notify(to ID) {
	l := n.election.links[to]
	if l == nil {
		l = n.election.link(to)
	}
	if l.conn != 0 && l.unanswered != 0 && n.now.Mono.Sub(l.unanswered) >= patience {
		n.dropLink(l)
	}
	if l.conn != 0 {
		n.say(l)
		return
	}
	if !l.dialing && l.retryAt == 0 {
		l.dialing = true
		n.out.Dials = append(n.out.Dials, Dial{to, ElectionChannel})
	}
}

func (n *Node) say(l *electionLink) {
	n.send(l.conn, n.ownNotification().encode())
	if n.role == Looking && l.unanswered == 0 {
		l.unanswered = n.now.Mono
	}
}

// patience is how long a link is trusted on which nothing comes of what is said. It is over
// when a word comes that was sent after the longest pause: were it as long as that, a word
// that travels a little faster than the one before would find it not over yet, and the next
// comes a whole pause later.
const patience = lastResend * 3 / 4

// dropLink gives up a connection that seems to lead nowhere; the next word takes a new one.
// Election links are silent for weeks, so something on the way may have forgotten them, and
// neither end is told: TCP would find out after a quarter of an hour of retransmission
// (ZOOKEEPER-1748). Each end has a sign of its own:
//
//   - Who looks for a leader hears no answer, although it asks and asks: its own link is dead.
//   - Who has answered is asked the same again, and again: its answers do not arrive.
func (n *Node) dropLink(l *electionLink) {
	n.closeConn(l.conn)
	l.conn, l.unanswered, l.heardAt = 0, 0, n.now.Mono
}

// heardFrom takes in that a peer is there, and drops the link to it if it keeps asking.
func (n *Node) heardFrom(x notification) {
	l := n.election.links[x.from]
	switch {
	case l == nil:
		return
	case x != l.heard:
		l.heard, l.heardAt = x, n.now.Mono
	case x.state == Looking && l.conn != 0 && n.now.Mono.Sub(l.heardAt) >= patience:
		n.dropLink(l)
	}
	l.unanswered = 0
}

// electionOpened says what there is to say by now.
func (n *Node) electionOpened(peer ID, c Conn) {
	l := n.election.links[peer]
	l.conn, l.dialing, l.unanswered = c, false, 0
	n.say(l)
}

// electionLost schedules another try if there is anything to say.
func (n *Node) electionLost(peer ID) {
	l := n.election.links[peer]
	l.conn, l.dialing = 0, false
	if n.role == Looking {
		l.retryAt = n.now.Mono.Add(redial)
	}
}

// electOne is the election stage: one notification, or one timer that is due.
func (n *Node) electOne() bool {
	e := &n.election
	if len(e.inbox) > 0 {
		x := e.inbox[0]
		e.inbox = e.inbox[1:]
		n.hear(x)
		return true
	}
	return n.retryLinks() || n.role == Looking && (n.finalize() || n.resend())
}

func (n *Node) retryLinks() bool {
	for _, id := range n.election.linked {
		if l := n.election.links[id]; l.retryAt != 0 && l.retryAt <= n.now.Mono {
			l.retryAt, l.dialing = 0, true
			n.out.Dials = append(n.out.Dials, Dial{id, ElectionChannel})
			return true
		}
	}
	return false
}

func (n *Node) finalize() bool {
	if n.election.finalizeAt > n.now.Mono {
		return false
	}
	n.elected()
	return true
}

func (n *Node) resend() bool {
	e := &n.election
	if e.resendAt > n.now.Mono {
		return false
	}
	e.backoff = min(2*e.backoff, lastResend)
	e.resendAt = n.now.Mono.Add(e.backoff)
	n.broadcastVote()
	return true
}

// electionDue returns when the election stage next has work, or 0.
func (n *Node) electionDue() clock.Instant {
	due := clock.Never
	for _, l := range n.election.links { //tidy:order-free a minimum
		if l.retryAt != 0 {
			due = min(due, l.retryAt)
		}
	}
	if n.role == Looking {
		due = min(due, n.election.finalizeAt, n.election.resendAt)
	}
	return due
}

// hear handles a notification. One of a server that has no vote, as an observer, is a
// question: it is answered, and counts nowhere (A28.7).
func (n *Node) hear(x notification) {
	n.heardFrom(x)
	switch {
	case n.role != Looking || !n.voter(x.from):
		if x.state == Looking {
			n.notify(x.from) // tell who looks that there is a leader
		}
	case x.state == Looking:
		n.hearCandidate(x)
	default:
		n.hearSettled(x)
	}
}

// hearCandidate handles the vote of a server that looks as well.
func (n *Node) hearCandidate(x notification) {
	e := &n.election
	delete(e.outside, x.from) // whatever it said when it followed or led is over
	switch {
	case x.round < e.round:
		n.notify(x.from) // it is behind
		return
	case x.round > e.round:
		n.sometimes(true, roundAdopted)
		// Not my current vote but my first: what I adopted in an older round may come
		// from a server that is gone.
		e.round = x.round
		e.restart(n, n.better(x.vote, n.ownVote()))
		n.broadcastVote()
	case n.better(x.vote, e.vote) != e.vote:
		n.sometimes(true, voteChanged)
		e.vote = x.vote
		n.broadcastVote()
	}
	e.received[x.from] = x
	n.checkQuorum()
}

// better returns the better of two votes; one for a server that may not lead is worse
// than any.
func (n *Node) better(a, b vote) vote {
	if a.beats(b) && n.members.inForce.MayLead(a.leader) {
		return a
	}
	return b
}

// checkQuorum starts the final wait when a quorum agrees with this server's vote, and
// ends it when that is no longer so.
func (n *Node) checkQuorum() {
	e := &n.election
	agrees := func(id ID) bool {
		x, ok := e.received[id]
		return ok && x.vote == e.vote && e.vote.leader != 0
	}
	switch {
	case !n.quorum(agrees):
		n.sometimes(e.finalizeAt != clock.Never, quorumDissolved)
		e.finalizeAt = clock.Never
	case n.everyVoter(agrees):
		e.finalizeAt = n.now.Mono // nobody is left who could know better
	case e.finalizeAt == clock.Never:
		e.finalizeAt = n.now.Mono.Add(finalizeWait)
	}
}

// hearSettled handles the vote of a server that follows or leads: join its leader if a
// quorum stands behind it and it says itself that it leads. Without the second half a
// server could follow one that has resigned and whose followers do not know it yet
// (ZOOKEEPER-1514).
func (n *Node) hearSettled(x notification) {
	e := &n.election
	leader := x.vote.leader
	if leader == n.cfg.ID {
		// It follows this server already, having seen the quorum first. Of another round it
		// would follow an earlier life of this server, which is over.
		if x.round == e.round {
			e.received[x.from] = x
			n.checkQuorum()
		}
		return
	}
	e.outside[x.from] = x
	standsBehind := func(id ID) bool { return e.stands(id, x) }
	if l, ok := e.outside[leader]; !ok || l.state != Leading || !n.quorum(standsBehind) {
		return
	}
	n.sometimes(true, settledJoined)
	e.round = x.round
	e.vote = x.vote
	n.elected()
}

// stands reports whether a server stands behind the leader of a settled server's vote.
// Rounds and zxids of settled servers differ; the leader and its epoch do not
// (ZOOKEEPER-1732, 1805). Of this very round the votes of lookers count too, this
// server's own among them: they are part of the quorum that elected the leader.
func (e *election) stands(id ID, x notification) bool {
	if y, ok := e.outside[id]; ok {
		return y.vote.leader == x.vote.leader && y.vote.epoch == x.vote.epoch
	}
	y, ok := e.received[id]
	return ok && x.round == e.round && y.vote.leader == x.vote.leader
}

// elected ends the election.
func (n *Node) elected() {
	e := &n.election
	e.finalizeAt, e.resendAt = clock.Never, clock.Never
	if e.vote.leader == n.cfg.ID {
		n.lead()
		n.tellAll() // whoever has not seen the quorum need not wait for its next resend
	} else {
		n.follow(e.vote.leader)
	}
}

// updateVote makes the vote that settled servers tell show the epoch they are in, so
// that who joins later sees equal votes.
func (n *Node) updateVote(leader ID, epoch wire.Epoch) {
	n.election.vote = vote{leader: leader, zxid: n.lastLogged(), epoch: epoch}
}
