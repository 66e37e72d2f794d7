package plots

import (
	"math"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
)

// builder turns evidence into marks.
type builder struct {
	*chart
	rowOf map[source]int
}

// add records a mark, if its row is shown, inside the time axis.
func (b *builder) add(k kind, who source, from, to clock.Instant) {
	row, shown := b.rowOf[who]
	if !shown {
		return
	}
	from = min(max(from, 0), b.end)
	b.marks = append(b.marks, mark{kind: k, row: row, from: from, to: min(max(to, from), b.end)})
}

// faults pairs the start of each clause with its end, or with the healing, or with the
// end of the run.
func (b *builder) faults(facts []history.Fact) {
	open := newIntervals[string]()
	for i := range facts {
		switch f := &facts[i]; f.Kind {
		case history.FaultOn:
			open.begin(f.Note, f.At)
		case history.FaultOff:
			open.end(f.Note, f.At)
		case history.Healed:
			open.endAll(f.At)
			b.add(healed, source{}, f.At, f.At)
		}
	}
	open.endAll(b.end)
	for _, iv := range open.all {
		b.add(fault, source{}, iv.from, iv.to)
	}
}

// servers shows when each server ran, and when it led.
func (b *builder) servers(facts []history.Fact) {
	up, leads := newIntervals[source](), newIntervals[source]()
	for i := range facts {
		f := &facts[i]
		who := source{2, f.Server}
		switch f.Kind {
		case history.Started:
			up.begin(who, f.At)
		case history.Stopped, history.Halted:
			up.end(who, f.At)
			leads.end(who, f.At)
		case history.Role:
			leads.end(who, f.At)
			if f.Note == "leading" {
				leads.begin(who, f.At)
			}
		}
	}
	b.addIntervals(running, up)
	b.addIntervals(leading, leads)
}

// beliefs shows from when to when each client believed that it held a lock: from the
// answer to its request until it asks for the release, or dies.
func (b *builder) beliefs(ops []history.Op, facts []history.Fact) {
	held := newIntervals[source]()
	deaths := func(before uint64) {
		for ; len(facts) > 0 && facts[0].Seq < before; facts = facts[1:] {
			if f := facts[0]; f.Kind == history.ClientStopped {
				held.end(source{1, f.Client}, f.At)
			}
		}
	}
	for i := range ops {
		op := &ops[i]
		who := source{1, op.Client}
		deaths(op.Call)
		switch {
		case op.Kind == history.Acquire && op.Status == history.OK:
			held.end(who, op.ReturnAt)
			held.begin(who, op.ReturnAt)
		case op.Kind == history.Release:
			held.end(who, op.CallAt)
		}
	}
	deaths(math.MaxUint64)
	b.addIntervals(belief, held)
}

func (b *builder) addIntervals(k kind, iv *intervals[source]) {
	iv.endAll(b.end)
	for _, v := range iv.all {
		b.add(k, v.key, v.from, v.to)
	}
}

// instants shows the operations that are points.
func (b *builder) instants(ops []history.Op) {
	for i := range ops {
		op := &ops[i]
		k, at, ok := point(op)
		if ok {
			b.add(k, source{1, op.Client}, at, at)
		}
	}
}

// point says as what, and when, an operation is drawn. What returned is drawn there.
func point(op *history.Op) (k kind, at clock.Instant, ok bool) {
	at = op.ReturnAt
	if op.Return == 0 {
		at = op.CallAt
	}
	switch op.Kind {
	case history.Wire:
		return request, op.CallAt, true
	case history.Phantom:
		return phantom, at, true
	case history.EffectRead:
		return read, at, op.Status == history.OK
	case history.EffectWrite:
		return effect(op), at, true
	}
	return 0, 0, false
}

func effect(op *history.Op) kind {
	switch {
	case op.Status == history.Fail:
		return refused
	case op.Status == history.OK || op.Version > 0:
		return accepted
	}
	return unanswered
}

// intervals pairs beginnings with ends by key, in order of beginning.
type intervals[K comparable] struct {
	all  []interval[K]
	open map[K][]int
}

type interval[K comparable] struct {
	key      K
	from, to clock.Instant
}

func newIntervals[K comparable]() *intervals[K] { return &intervals[K]{open: map[K][]int{}} }

func (s *intervals[K]) begin(key K, at clock.Instant) {
	s.open[key] = append(s.open[key], len(s.all))
	s.all = append(s.all, interval[K]{key: key, from: at, to: clock.Never})
}

// end closes the oldest open interval of the key, if there is one.
func (s *intervals[K]) end(key K, at clock.Instant) {
	if waiting := s.open[key]; len(waiting) > 0 {
		s.all[waiting[0]].to = at
		s.open[key] = waiting[1:]
	}
}

// endAll closes what is still open.
func (s *intervals[K]) endAll(at clock.Instant) {
	for i := range s.all {
		if s.all[i].to == clock.Never {
			s.all[i].to = at
		}
	}
	clear(s.open)
}
