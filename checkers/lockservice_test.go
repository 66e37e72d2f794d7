package checkers

import (
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/wire"
)

// lockService is a sequential lock service with its users, which tells its story as it
// goes. Every client asks for /lock, reads and writes a fenced and an unfenced resource,
// and releases, one small step at a time; whoever schedules the steps decides how they
// interleave.
type lockService struct {
	story
	holder *user
	token  int64
	users  []*user
	db     resource
	fenced resource
	fresh  wire.SessionID

	// What is wrong with it.
	grantsFreely, reusesTokens, acceptsAll bool
}

// resource counts its accepted writes in version, and remembers the newest token that read
// or wrote it: if reads did not count, a stale write could still slip in between the read
// and the write of the next holder.
type resource struct{ version, token int64 }

type stage int

const (
	idle stage = iota
	waiting
	granted
	holding // the client has been told
	hasRead
	writing
	written
	finished // and not yet released
	releasing
	released
)

type user struct {
	client     int
	session    wire.SessionID
	closing    bool
	at         stage
	op         history.Handle
	token      int64
	seen, safe int64 // versions read
	gone       bool  // its lock was freed by the end of its session
	unclear    bool  // the answer to its release will be lost
}

func newLockService(clients int) *lockService {
	s := &lockService{fresh: 0x100}
	for c := 1; c <= clients; c++ {
		u := &user{client: c}
		s.users = append(s.users, u)
		s.connect(u)
	}
	return s
}

func (s *lockService) connect(u *user) {
	s.fresh++
	u.session, u.closing, u.gone, u.unclear, u.at = s.fresh, false, false, false, idle
	s.did(history.Op{Kind: history.Wire, Name: "connect", Client: u.client, Session: u.session}, history.OK)
}

// step moves a client on, if it can.
func (s *lockService) step(u *user) {
	switch u.at {
	case idle:
		u.op = s.call(s.on(u, history.Acquire))
		u.at = waiting
	case waiting:
		s.grant(u)
	case granted:
		s.end(u.op, history.OK, func(op *history.Op) { op.Token = u.token })
		u.at = holding
	case holding:
		s.read(u)
	case hasRead:
		u.op = s.call(effect(history.EffectWrite, u.client, 0, 0))
		u.at = writing
	case writing:
		s.db.version++
		s.Ops[u.op].Version = s.db.version
		u.at = written
	case written:
		s.end(u.op, history.OK, nil)
		s.writeFenced(u)
		u.at = finished
	case finished:
		u.op = s.call(s.on(u, history.Release))
		u.at = releasing
	case releasing:
		s.free(u)
	case released:
		s.answer(u)
	}
}

func (s *lockService) on(u *user, kind history.Kind) history.Op {
	return history.Op{Kind: kind, Client: u.client, Name: "/lock", Session: u.session}
}

func (s *lockService) grant(u *user) {
	switch {
	case u.closing: // a dying session is served no more
		s.end(u.op, history.Fail, nil)
		s.connect(u)
	case s.holder == nil || s.grantsFreely:
		if !s.reusesTokens {
			s.token++
		}
		s.holder, u.token, u.at = u, max(s.token, 1), granted
	}
}

func (s *lockService) read(u *user) {
	u.seen, u.safe = s.db.version, s.fenced.version
	s.reads(u.client, u.seen, u.seen)
	s.readsFenced(u.client, u.safe)
	s.fenced.token = max(s.fenced.token, u.token)
	u.at = hasRead
}

func (s *lockService) writeFenced(u *user) {
	if u.token < s.fenced.token && !s.acceptsAll {
		s.writesFenced(u.client, 0, u.token)
		return
	}
	s.fenced.version++
	s.fenced.token = max(s.fenced.token, u.token)
	s.writesFenced(u.client, s.fenced.version, u.token)
}

func (s *lockService) free(u *user) {
	if s.holder == u && !u.gone {
		s.holder = nil
	}
	u.at = released
}

// answer is lost where the client is unlucky, and an error where its session is gone.
func (s *lockService) answer(u *user) {
	switch {
	case u.unclear:
		s.end(u.op, history.Unknown, nil)
		u.unclear, u.at = false, idle
	case u.closing || u.gone:
		s.end(u.op, history.Fail, nil)
		s.expire(u)
		s.connect(u)
	default:
		s.end(u.op, history.OK, nil)
		u.at = idle
	}
}

// expire begins the end of a client's session; the next one completes it.
func (s *lockService) expire(u *user) {
	switch {
	case !u.closing:
		u.closing = true
		s.fact(history.SessionClosing, 1, history.Fact{Session: u.session})
	case !u.gone:
		u.gone = true
		if s.holder == u {
			s.holder = nil
		}
		s.fact(history.SessionClosed, 1, history.Fact{Session: u.session})
	}
}

// until moves one client on to a stage.
func (s *lockService) until(u *user, at stage) {
	for u.at != at {
		s.step(u)
	}
}
