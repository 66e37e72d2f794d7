package guest

import (
	"errors"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/wire"
)

// defaultLock is the name of a lock that its program does not name.
const defaultLock = "lock"

// marks turns what a program says about its lock into operations of the history. For the
// driver.
type marks struct {
	p       *Process
	lock    string // the latest named
	token   int64  // of the latest acquisition
	session wire.SessionID
	since   position        // when the last operation of the client ended
	asked   *position       // Acquiring was said, and nothing after it
	release *history.Handle // Releasing was said, and nothing after it
}

// position is a place in the history.
type position struct {
	seq uint64
	at  clock.Instant
}

func (m *marks) here() position { return position{m.p.spec.Log.Next(), m.p.b.k.Now()} }

// idle notes that the client is between two operations.
func (m *marks) idle() { m.since = m.here() }

// settle ends a release of which the program said only that it begins, before another
// operation begins.
func (m *marks) settle() {
	if m.release != nil {
		m.released(history.Unknown, "the program never said how it ended")
	}
}

func (m *marks) acquiring(lock string) {
	m.settle()
	m.name(lock)
	here := m.here()
	m.asked = &here
}

func (m *marks) name(lock string) {
	if lock != "" {
		m.lock = lock
	}
}

// acquire records an operation that began when Acquiring was said, or, without that, when
// the client's last operation ended.
func (m *marks) acquire(op history.Op) {
	m.settle()
	from := m.since
	if m.asked != nil && m.asked.seq > from.seq {
		from = *m.asked
	}
	m.asked = nil
	op.Client, op.Name, op.Call, op.CallAt = m.p.spec.Index, m.lock, from.seq, from.at
	if op.Status != history.Pending {
		here := m.here()
		op.Return, op.ReturnAt = here.seq, here.at
	}
	m.p.spec.Log.Add(op)
	m.fold(op)
	m.idle()
}

func (m *marks) acquired(lock string, token, session int64) {
	m.name(lock)
	m.token, m.session = token, wire.SessionID(session)
	m.acquire(history.Op{Kind: history.Acquire, Status: history.OK, Token: token, Session: m.session})
}

func (m *marks) releasing() {
	m.settle()
	h := m.p.spec.Log.Call(m.p.b.k.Now(), history.Op{Client: m.p.spec.Index, Kind: history.Release, Name: m.lock, Token: m.token, Session: m.session})
	m.release = &h
}

// released may come without releasing; the operation then takes no time.
func (m *marks) released(s history.Status, reason string) {
	if m.release == nil {
		m.releasing()
	}
	m.p.spec.Log.Return(*m.release, m.p.b.k.Now(), s, func(op *history.Op) {
		op.Error = reason
		m.fold(*op)
	})
	m.release = nil
	m.idle()
}

func (m *marks) fold(op history.Op) {
	m.p.b.k.Fold(rng.Mix(rng.HashString(string(op.Kind)+string(op.Status)+op.Name+op.Error), uint64(op.Client)^uint64(op.Token)<<8))
}

// flush records an acquisition that was begun and has not ended.
func (m *marks) flush() {
	if m.asked != nil {
		m.acquire(history.Op{Kind: history.Acquire})
	}
}

// mark asks the driver to note something, and waits until it has.
func (p *Process) mark(do func()) { p.ask(&task{do: do, mark: true}) }

// Acquiring says that the lock is about to be requested. It is optional: without it the
// request counts as made when the last operation of this process ended.
func (p *Process) Acquiring(lock string) { p.mark(func() { p.marks.acquiring(lock) }) }

// Acquired says that the program believes that it holds the lock. The token is the fencing
// token that came with it; 0 means none.
func (p *Process) Acquired(token int64) { p.AcquiredAs("", token, 0) }

// AcquiredAs is Acquired for a named lock, in a known session.
func (p *Process) AcquiredAs(lock string, token, session int64) {
	p.mark(func() { p.marks.acquired(lock, token, session) })
}

// AcquireFailed says that the request of the lock failed. Unless the error says of itself
// that it is definite (a method "Definite() bool"), the request may have taken effect.
func (p *Process) AcquireFailed(err error) {
	status, reason := judge(err)
	p.mark(func() { p.marks.acquire(history.Op{Kind: history.Acquire, Status: status, Error: reason}) })
}

// Phantom says that the lock was granted, but that what proves it is not there.
func (p *Process) Phantom(reason string) {
	p.mark(func() { p.marks.acquire(history.Op{Kind: history.Phantom, Status: history.OK, Error: reason}) })
}

// Releasing says that the release is about to be requested. It is optional.
func (p *Process) Releasing() { p.mark(p.marks.releasing) }

// Released says that the lock was released.
func (p *Process) Released() { p.mark(func() { p.marks.released(history.OK, "") }) }

// ReleaseFailed says that the release failed; see AcquireFailed.
func (p *Process) ReleaseFailed(err error) {
	status, reason := judge(err)
	p.mark(func() { p.marks.released(status, reason) })
}

// judge says what an error leaves possible.
func judge(err error) (history.Status, string) {
	if err == nil {
		return history.Unknown, "no reason given"
	}
	var d interface{ Definite() bool }
	if errors.As(err, &d) && d.Definite() {
		return history.Fail, err.Error()
	}
	return history.Unknown, err.Error()
}
