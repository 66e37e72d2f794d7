package node

import (
	"maps"
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/node/prep"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// sessionIDs makes ids that no other server makes, and no earlier life of this one unless
// the calendar was set back since: the server in the top byte, then calendar time, then a
// count (A10).
type sessionIDs struct {
	server ID
	last   wire.SessionID
}

func (s *sessionIDs) next(now clock.Wall) wire.SessionID {
	fresh := wire.SessionID(int64(s.server)<<56 | int64(uint64(now.Millis())<<24>>8))
	if s.last == 0 {
		s.last = fresh
	} else {
		s.last = max(s.last+1, fresh)
	}
	return s.last
}

// freshSession returns an id that no session of the state has. Without a look at the state:
// (1) this server gives out an id; (2) its calendar is set back; (3) it restarts, and gives
// out the same id when the calendar comes to the same millisecond; (4) two clients share a
// session, and the ephemeral nodes of both.
func (n *Node) freshSession() wire.SessionID {
	for {
		id := n.ids.next(n.now.Wall)
		if _, taken := n.tree.SessionTimeout(id); !taken {
			return id
		}
	}
}

// password is derived from the id, so that any server can check it.
func password(s wire.SessionID) []byte {
	var e wire.Encoder
	k := rng.New(uint64(s)).Of("session password")
	e.Int64(int64(k.Int(0).Uint64()))
	e.Int64(int64(k.Int(1).Uint64()))
	return e.Buf
}

// sessions is the leader's view of all sessions: who is alive, and who speaks for whom.
type sessions struct {
	tick  time.Duration
	known map[wire.SessionID]*session
	due   clock.Instant // no session expires before it
}

type session struct {
	timeout time.Duration
	expires clock.Instant
	closing bool
	owner   source // where its client is attached; writes from elsewhere are refused
}

// newSessions starts with every session of the state, each with a full timeout: a change
// of leader extends lives and never shortens them (A28.31).
func newSessions(n *Node) *sessions {
	s := &sessions{tick: n.cfg.Tick, known: map[wire.SessionID]*session{}, due: clock.Never}
	for _, id := range n.tree.Sessions() {
		ms, _ := n.tree.SessionTimeout(id)
		s.add(n, id, ms)
	}
	return s
}

func (s *sessions) add(n *Node, id wire.SessionID, ms int32) {
	if s.known[id] == nil {
		s.known[id] = &session{}
		s.touch(n, id, ms)
	}
}

// apply follows the transactions as they are applied: a session ends then, not when its
// end is proposed (A28.27).
func (s *sessions) apply(n *Node, x *tree.Txn) {
	switch x.Op {
	case wire.OpCreateSession:
		s.add(n, x.Session, x.TimeoutMillis)
	case wire.OpCloseSession:
		delete(s.known, x.Session)
	}
}

// touch gives a session its full timeout again, rounded up to the next tick as ZooKeeper
// does, and reports whether it is alive.
func (s *sessions) touch(n *Node, id wire.SessionID, ms int32) bool {
	x := s.known[id]
	if x == nil || x.closing {
		return false
	}
	x.timeout = time.Duration(ms) * time.Millisecond
	tick := clock.Instant(s.tick)
	x.expires = (n.now.Mono.Add(x.timeout)/tick + 1) * tick
	s.due = min(s.due, x.expires)
	return true
}

// again touches a session with the timeout that it has.
func (s *sessions) again(n *Node, id wire.SessionID) {
	if x := s.known[id]; x != nil {
		s.touch(n, id, int32(x.timeout/time.Millisecond))
	}
}

// attach makes from the one who may write for the session.
func (s *sessions) attach(n *Node, id wire.SessionID, ms int32, from source) bool {
	if !s.touch(n, id, ms) {
		return false
	}
	s.known[id].owner = from
	return true
}

func (s *sessions) close(id wire.SessionID) {
	if x := s.known[id]; x != nil {
		x.closing = true
	}
}

// check refuses requests of sessions that are gone or going, and those from a server that
// the client has left: they may have been delayed there for long (S7).
func (s *sessions) check(id wire.SessionID, req *wire.Request, from source) wire.Code {
	x := s.known[id]
	switch {
	case req.Op == wire.OpCreateSession && x == nil:
		return wire.OK
	case req.Op == wire.OpCreateSession:
		return wire.SessionExpired // the id is taken; the client asks again and gets another
	case x == nil || x.closing:
		return wire.SessionExpired
	case x.owner == source{}:
		x.owner = from
	case x.owner != from:
		return wire.SessionMoved
	}
	return wire.OK
}

// expireOne is the expiry stage: it closes one session whose time has run out, or deletes
// the containers and TTL nodes whose time has.
func (n *Node) expireOne() bool { return n.expireSession() || n.reap() }

func (n *Node) expireSession() bool {
	if n.sessionDue() == 0 || n.sessionDue() > n.now.Mono {
		return false
	}
	s := n.leader.sessions
	s.due = clock.Never
	for _, id := range slices.Sorted(maps.Keys(s.known)) {
		x := s.known[id]
		switch {
		case x.closing:
		case x.expires > n.now.Mono:
			s.due = min(s.due, x.expires)
		default:
			n.sometimes(true, sessionExpired)
			n.fact(history.Fact{Kind: history.SessionExpired, Session: id})
			n.prepare(prep.Request{Request: &wire.Request{Op: wire.OpCloseSession}, Session: id}, x.owner)
			s.due = n.now.Mono // look again: there may be more
			return true
		}
	}
	return true
}

// expiryDue returns when the expiry stage next has work, or 0 if this server does not judge.
func (n *Node) expiryDue() clock.Instant {
	sessions, reap := n.sessionDue(), n.reapDue()
	if sessions == 0 || reap == 0 {
		return max(sessions, reap)
	}
	return min(sessions, reap)
}

// sessionDue returns when the next session may expire, or 0.
func (n *Node) sessionDue() clock.Instant {
	if n.leader == nil || !n.leader.active || n.leader.sessions.due == clock.Never {
		return 0
	}
	return n.leader.sessions.due
}

// touch takes in a learner's list of sessions it has heard from.
func (ld *leader) touch(n *Node, data []byte) {
	d := wire.NewDecoder(data)
	for range d.Int32() {
		if d.Err() != nil || ld.sessions == nil {
			return
		}
		ld.sessions.touch(n, wire.SessionID(d.Int64()), d.Int32())
	}
}

// hearForwarded prepares a write that a learner's client asked for.
func (n *Node) hearForwarded(l *learner, data []byte) {
	q, err := decodeForwarded(data)
	if err != nil || !n.leader.active {
		return
	}
	n.leader.sessions.again(n, q.Session)
	n.prepare(q, source{learner: l.id})
}

// hearRevalidate answers whether a session may attach to a learner.
func (n *Node) hearRevalidate(l *learner, p packet) {
	if !n.leader.active {
		return
	}
	d := wire.NewDecoder(p.data)
	id := wire.SessionID(d.Int64())
	valid := n.leader.sessions.attach(n, id, d.Int32(), source{learner: l.id})
	var e wire.Encoder
	e.Int64(int64(id))
	e.Bool(valid)
	n.tell(l, packet{typ: revalidate, data: e.Buf})
}
