package checkers

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/wire"
)

// endless is the position of what did not happen within the log.
const endless uint64 = math.MaxUint64

// evidence is a valid log, and an index of whose sessions ended when.
type evidence struct {
	*history.Log
	sessions map[int][]wire.SessionID          // of each client, in order of first use
	owner    map[wire.SessionID]int            // the client of each session
	closings map[wire.SessionID][]history.Fact // SessionClosing, in order
	deaths   history.Deaths
}

func gather(l *history.Log) (*evidence, error) {
	if err := wellFormed(l); err != nil {
		return nil, err
	}
	e := &evidence{l, map[int][]wire.SessionID{}, map[wire.SessionID]int{}, map[wire.SessionID][]history.Fact{}, l.Deaths()}
	for i := range l.Ops {
		e.claim(&l.Ops[i])
	}
	for _, f := range l.Facts {
		if f.Kind == history.SessionClosing {
			e.closings[f.Session] = append(e.closings[f.Session], f)
		}
	}
	return e, nil
}

// wellFormed adds to Validate what the checkers rely on: both lists are in the order of
// positions.
func wellFormed(l *history.Log) error {
	if err := l.Validate(); err != nil {
		return err
	}
	if !slices.IsSortedFunc(l.Ops, func(a, b history.Op) int { return cmp.Compare(a.Call, b.Call) }) {
		return fmt.Errorf("checkers: the operations of the log are not in the order of their calls")
	}
	if !slices.IsSortedFunc(l.Facts, func(a, b history.Fact) int { return cmp.Compare(a.Seq, b.Seq) }) {
		return fmt.Errorf("checkers: the facts of the log are not in the order of their positions")
	}
	return nil
}

// claim notes that the session of an operation is its client's.
func (e *evidence) claim(op *history.Op) {
	if op.Session == 0 {
		return
	}
	if _, known := e.owner[op.Session]; !known {
		e.owner[op.Session] = op.Client
		e.sessions[op.Client] = append(e.sessions[op.Client], op.Session)
	}
}

// lost returns every SessionClosing of the client's sessions between two positions, in order.
func (e *evidence) lost(client int, from, to uint64) []history.Fact {
	var all []history.Fact
	for _, s := range e.sessions[client] {
		for _, f := range e.closings[s] {
			if from < f.Seq && f.Seq < to {
				all = append(all, f)
			}
		}
	}
	slices.SortFunc(all, func(a, b history.Fact) int { return cmp.Compare(a.Seq, b.Seq) })
	return all
}

// excuse returns the session end that let a second client in: that of the client which was
// granted the lock first, between its request and the moment the other was told. Tokens
// tell who was first; without them it may have been either, because a client that is cut
// off can be told of its grant long after it has lost it.
func (e *evidence) excuse(a, b *history.Op) *history.Fact {
	tokens := a.Token > 0 && b.Token > 0 && a.Token != b.Token
	if tokens && b.Token < a.Token {
		a, b = b, a
	}
	if f := e.firstLost(a.Client, a.Call, end(b)); f != nil || tokens {
		return f
	}
	return e.firstLost(b.Client, b.Call, end(a))
}

func (e *evidence) firstLost(client int, from, to uint64) *history.Fact {
	if all := e.lost(client, from, to); len(all) > 0 {
		return &all[0]
	}
	return nil
}

// hold is the time in which a client believes that it holds a lock: from the return of its
// acquire to the call of its release, or of the acquire with which it starts again; or to
// its death: who is dead believes nothing.
type hold struct {
	acquire *history.Op
	until   uint64
}

func (h *hold) from() uint64 { return h.acquire.Return }

// holds returns all beliefs in the order in which they began.
func (e *evidence) holds() []*hold {
	type place struct {
		client int
		lock   string
	}
	var all []*hold
	open := map[place]*hold{}
	for i := range e.Ops {
		op := &e.Ops[i]
		if op.Kind != history.Acquire && op.Kind != history.Release {
			continue
		}
		at := place{op.Client, op.Name}
		if h := open[at]; h != nil {
			h.until = min(h.until, op.Call)
			delete(open, at)
		}
		if op.Kind == history.Acquire && op.Status == history.OK {
			open[at] = &hold{op, e.endOfLife(op)}
			all = append(all, open[at])
		}
	}
	slices.SortFunc(all, func(a, b *hold) int { return cmp.Compare(a.from(), b.from()) })
	return all
}

// endOfLife is where the client that did it dies, if it does.
func (e *evidence) endOfLife(op *history.Op) uint64 {
	if at, died := e.deaths.After(op.Client, op.Return); died {
		return at
	}
	return endless
}

// lostHolds counts the session ends that fell into a belief.
func (e *evidence) lostHolds() int {
	n := 0
	for _, h := range e.holds() {
		n += len(e.lost(h.acquire.Client, h.from(), h.until))
	}
	return n
}

// end is the position by which an operation had taken effect, if it ever did.
func end(op *history.Op) uint64 {
	if op.Return == 0 {
		return endless
	}
	return op.Return
}

// when is the instant to show for an operation: its end, or its call if it never returned.
func when(op *history.Op) clock.Instant {
	if op.Return == 0 {
		return op.CallAt
	}
	return op.ReturnAt
}

// failed reports whether the caller of a returned operation was told of an error.
func failed(op *history.Op) bool { return op.Status == history.Fail || op.Status == history.Unknown }

// clientName is "client A" for 1. Beyond the alphabet numbers are easier to read.
func clientName(id int) string {
	if 1 <= id && id <= 26 {
		return "client " + string(rune('A'+id-1))
	}
	return fmt.Sprintf("client %d", id)
}

// inOrder sorts positions and drops those that never were.
func inOrder(positions []uint64) []uint64 {
	kept := slices.DeleteFunc(slices.Clone(positions), func(p uint64) bool { return p == 0 })
	slices.Sort(kept)
	return slices.Compact(kept)
}
