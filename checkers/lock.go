package checkers

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/wire"
)

// Lock judges with Porcupine that each lock behaves like a sequential one that also frees
// itself when its holder's session ends. Only grants with a token and a session take part.
func Lock() Checker { return lockWithin(stepBudget) }

func lockWithin(budget int) Checker {
	return judge{lockChecker, func(e *evidence, r *result) {
		for _, h := range lockHistories(e) {
			l := &lock{result: r, lockHistory: h, budget: budget}
			r.examined(h.examined)
			l.judge()
		}
		r.threat(lostWhileHeld, e.lostHolds())
	}}
}

// lockEntry is a step of the model with the interval in which it happened.
type lockEntry struct {
	lockStep
	client    int
	call, ret uint64
	op        *history.Op // nil for an expire, which is optional
}

// lockHistory is what happened to one lock.
type lockHistory struct {
	name     string
	examined int
	entries  []*lockEntry
}

// lockHistories splits the log by lock, in order of first use.
func lockHistories(e *evidence) []*lockHistory {
	var all []*lockHistory
	byName := map[string]*lockReader{}
	for i := range e.Ops {
		op := &e.Ops[i]
		if op.Kind != history.Acquire && op.Kind != history.Release && op.Kind != history.Phantom {
			continue
		}
		if byName[op.Name] == nil {
			byName[op.Name] = newLockReader(e, op.Name)
			all = append(all, byName[op.Name].lockHistory)
		}
		byName[op.Name].read(op)
	}
	for _, h := range all {
		byName[h.name].finish()
	}
	return all
}

// lockReader turns operations on one lock into entries.
type lockReader struct {
	*lockHistory
	closing, closed map[wire.SessionID]uint64 // first proposed, and then first applied
	granted         map[int]*grant            // the latest of each client, in this life
	deaths          history.Deaths
	sessions        []wire.SessionID // that were ever granted the lock
}

// grant is an acquire, and whether something may have freed it since.
type grant struct {
	*lockEntry
	unsure bool
}

func newLockReader(e *evidence, name string) *lockReader {
	r := &lockReader{&lockHistory{name: name}, map[wire.SessionID]uint64{}, map[wire.SessionID]uint64{}, map[int]*grant{}, e.deaths, nil}
	for _, f := range e.Facts {
		switch {
		case f.Kind == history.SessionClosing && r.closing[f.Session] == 0:
			r.closing[f.Session] = f.Seq
		case f.Kind == history.SessionClosed && r.closing[f.Session] != 0 && r.closed[f.Session] == 0:
			r.closed[f.Session] = f.Seq
		}
	}
	return r
}

func (r *lockReader) read(op *history.Op) {
	if g := r.granted[op.Client]; g != nil && r.deaths.Between(op.Client, g.call, op.Call) {
		delete(r.granted, op.Client)
	}
	switch {
	case op.Kind == history.Release:
		r.release(op)
	case op.Kind == history.Acquire && op.Status == history.OK && op.Token > 0 && op.Session != 0:
		r.acquire(op)
	default: // the client has no grant that the model knows of
		delete(r.granted, op.Client)
	}
}

func (r *lockReader) acquire(op *history.Op) {
	entry := r.add(op, lockStep{action: acquire, session: op.Session, token: op.Token})
	r.granted[op.Client] = &grant{lockEntry: entry}
	if !slices.Contains(r.sessions, op.Session) {
		r.sessions = append(r.sessions, op.Session)
	}
}

// release is optional if the caller was not told that it worked, and also if it was told
// so while something else may have freed the grant before: an earlier release without a
// clear answer, or the end of the session.
func (r *lockReader) release(op *history.Op) {
	g := r.granted[op.Client]
	if g == nil {
		return
	}
	closing := r.closing[g.session]
	step := lockStep{action: release, session: g.session, token: g.token}
	step.optional = op.Status != history.OK || g.unsure || closing != 0 && closing < op.Return
	entry := r.add(op, step)
	if op.Status != history.OK {
		g.unsure, entry.ret = true, endless
	}
}

func (r *lockReader) add(op *history.Op, step lockStep) *lockEntry {
	entry := &lockEntry{step, op.Client, op.Call, end(op), op}
	r.entries = append(r.entries, entry)
	r.examined++
	return entry
}

func (r *lockReader) finish() {
	for _, s := range r.sessions {
		r.expire(s)
	}
	r.narrow()
	slices.SortFunc(r.entries, func(a, b *lockEntry) int { return cmp.Compare(a.call, b.call) })
}

// expire takes effect between the proposal and the first application of the session's end.
func (r *lockReader) expire(s wire.SessionID) {
	closing := r.closing[s]
	if closing == 0 {
		return
	}
	closed := r.closed[s]
	if closed == 0 {
		closed = endless
	}
	entry := &lockEntry{lockStep: lockStep{action: expire, session: s, optional: true}, call: closing, ret: closed}
	for _, g := range r.entries {
		if g.action == acquire && g.session == s {
			entry.client, entry.token = g.client, max(entry.token, g.token)
		}
	}
	r.entries = append(r.entries, entry)
}

// narrow ends every release and expire where it can no longer matter: tokens grow, so
// once a later grant has returned, the earlier one is over whatever freed it. The answer
// stays the same, and operations without an end, which make the search explode, are rare.
func (r *lockReader) narrow() {
	over := r.firstReturns()
	for _, e := range r.entries {
		if e.action != acquire && e.optional {
			i, _ := slices.BinarySearchFunc(over, e.token+1, func(g *lockEntry, t int64) int { return cmp.Compare(g.token, t) })
			if i < len(over) {
				e.ret = min(e.ret, max(e.call, over[i].ret))
			}
		}
	}
}

// firstReturns gives the grants by token, each with the earliest return of any grant from
// there on.
func (r *lockReader) firstReturns() []*lockEntry {
	var grants []*lockEntry
	for _, e := range r.entries {
		if e.action == acquire {
			grants = append(grants, &lockEntry{lockStep: e.lockStep, ret: e.ret})
		}
	}
	slices.SortFunc(grants, func(a, b *lockEntry) int { return cmp.Compare(a.token, b.token) })
	for i := len(grants) - 2; i >= 0; i-- {
		grants[i].ret = min(grants[i].ret, grants[i+1].ret)
	}
	return grants
}

// lock judges the history of one lock.
type lock struct {
	*result
	*lockHistory
	budget int
}

func (l *lock) judge() {
	switch search(operationsUntil(l.entries, endless-1), l.budget) {
	case exhausted:
		l.undecided(fmt.Sprintf("no order of the %d operations on %s was found within %d steps", len(l.entries), l.name, l.budget))
	case unordered:
		l.blame(l.firstUnplaced())
	}
}

// firstUnplaced is the operation whose return makes the history impossible: until then an
// order existed. A prefix of a possible history is possible, so bisection finds it.
// Optional steps fit everywhere, so it is none of those.
func (l *lock) firstUnplaced() *lockEntry {
	returned := slices.DeleteFunc(slices.Clone(l.entries), func(e *lockEntry) bool { return e.optional })
	slices.SortFunc(returned, func(a, b *lockEntry) int { return cmp.Compare(a.ret, b.ret) })
	i := sort.Search(len(returned)-1, func(i int) bool {
		return search(operationsUntil(l.entries, returned[i].ret), l.budget) == unordered
	})
	return returned[i]
}

func (l *lock) blame(e *lockEntry) {
	if e.action == release {
		l.find(linearizable, "released but not held", outcome.Bug, []uint64{e.op.Call, e.op.Return},
			"%s released %s (token %d) with success at %s, but it had released it before and its session had not ended",
			clientName(e.client), l.name, e.token, e.op.ReturnAt)
		return
	}
	if g := l.newerBefore(e); g != nil {
		l.find(linearizable, "token not increasing", outcome.Bug, []uint64{g.op.Call, g.op.Return, e.op.Call, e.op.Return},
			"%s acquired %s at %s with token %d, although %s had been granted token %d at %s",
			clientName(e.client), l.name, e.op.ReturnAt, e.token, clientName(g.client), g.token, g.op.ReturnAt)
		return
	}
	l.heldTwice(e)
}

// newerBefore is the newest grant whose token forbids that of e: it has the same, or a
// newer one and had returned before e was called.
func (l *lock) newerBefore(e *lockEntry) *lockEntry {
	var newest *lockEntry
	for _, g := range l.entries {
		same := g != e && g.token == e.token && g.ret < e.ret
		newer := g.token > e.token && g.ret < e.call
		if g.action == acquire && (same || newer) && (newest == nil || g.token > newest.token) {
			newest = g
		}
	}
	return newest
}

func (l *lock) heldTwice(e *lockEntry) {
	what := fmt.Sprintf("%s acquired %s at %s with token %d", clientName(e.client), l.name, e.op.ReturnAt, e.token)
	g := l.neighbour(e)
	if g == nil {
		l.find(linearizable, "granted while held", outcome.Bug, []uint64{e.op.Call, e.op.Return}, "%s, which no order of all operations allows", what)
		return
	}
	l.find(linearizable, "granted while held", outcome.Bug, []uint64{g.op.Call, g.op.Return, e.op.Call, e.op.Return},
		"%s, but %s had it with token %d, granted by %s, and neither a release nor the end of a session fits between the two",
		what, clientName(g.client), g.token, g.op.ReturnAt)
}

// neighbour is the grant with the next older token that had returned by then, or else
// with the next newer.
func (l *lock) neighbour(e *lockEntry) *lockEntry {
	var older, newer *lockEntry
	for _, g := range l.entries {
		switch {
		case g == e || g.action != acquire || g.ret > e.ret:
		case g.token <= e.token && (older == nil || g.token > older.token):
			older = g
		case g.token > e.token && (newer == nil || g.token < newer.token):
			newer = g
		}
	}
	if older != nil {
		return older
	}
	return newer
}
