package scenarios

import (
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/workloads"
)

// Shrink makes a failing plan small: it takes away faults, operations and clients, and
// shortens what is left, as long as fails says that the plan still fails in the same way.
// It runs to a fixpoint or until budget calls of fails are spent; it counts runs and not
// seconds, so that its result does not depend on the machine. It returns the smallest
// plan that failed, and the runs it took.
func Shrink(p *Plan, fails func(*Plan) bool, budget int) (*Plan, int) {
	s := &shrinker{best: p, fails: fails, left: budget}
	for s.advances(s.singly) || s.advances(s.jointly) {
	}
	return s.best, budget - s.left
}

// advances reports whether a pass made the plan any smaller.
func (s *shrinker) advances(pass func()) bool {
	before := s.successes
	pass()
	return s.successes > before && s.left > 0
}

// singly changes one thing at a time.
func (s *shrinker) singly() {
	s.faults()
	s.triggers()
	s.clients()
	s.crowds(fewNoises)
	s.ops()
	if s.crowds(manyNoises) {
		s.ops()
	}
	s.successors()
	s.simplify()
	s.duration()
	if s.best.Mixed > 0 {
		s.try(func(p *Plan) { p.Mixed = 0 })
	}
	s.knobs()
	if s.best.Beyond {
		s.try(func(p *Plan) { p.Beyond = false })
	}
	s.noise()
}

// knobs puts back what was turned.
func (s *shrinker) knobs() {
	for _, back := range usualSettings {
		k := s.best.Knobs
		if back(&k); k != s.best.Knobs {
			s.try(func(p *Plan) { back(&p.Knobs) })
		}
	}
}

type shrinker struct {
	best      *Plan
	fails     func(*Plan) bool
	left      int
	successes int
}

// try runs a changed copy of the best plan and keeps it if it fails as well.
func (s *shrinker) try(change func(*Plan)) bool {
	if s.left == 0 {
		return false
	}
	c := *s.best
	c.Faults, c.Ops, c.Idle, c.Noise = slices.Clone(c.Faults), slices.Clone(c.Ops), slices.Clone(c.Idle), slices.Clone(c.Noise)
	change(&c)
	if c.Validate() != nil {
		return false
	}
	s.left--
	if !s.fails(&c) {
		return false
	}
	s.best = &c
	s.successes++
	return true
}

func (s *shrinker) faults() {
	s.minimise(func() int { return len(s.best.Faults) }, func(p *Plan, from, to int) {
		p.Faults = slices.Delete(p.Faults, from, to)
	})
}

func (s *shrinker) ops() {
	s.minimise(func() int { return len(s.best.Ops) }, func(p *Plan, from, to int) {
		p.Ops = slices.Delete(p.Ops, from, to)
	})
}

// minimise is delta debugging (Zeller and Hildebrandt 2002) by complements: take away
// chunks, halving their size whenever no chunk can go.
func (s *shrinker) minimise(length func() int, remove func(p *Plan, from, to int)) {
	for chunk := length(); chunk >= 1; chunk /= 2 {
		for from := 0; from < length(); {
			to := min(from+chunk, length())
			if !s.try(func(p *Plan) { remove(p, from, to) }) {
				from = to
			}
		}
	}
}

// successors lets the next operation of a client take the place, and the time, of one
// that is taken away: often an operation matters only because something happens then.
func (s *shrinker) successors() {
	for i := 0; i < len(s.best.Ops); {
		next := slices.IndexFunc(s.best.Ops[i+1:], func(o workloads.Op) bool { return o.Client == s.best.Ops[i].Client })
		if next < 0 || !s.try(func(p *Plan) {
			p.Ops[i+1+next].At = p.Ops[i].At
			p.Ops = slices.Delete(p.Ops, i, i+1)
		}) {
			i++
		}
	}
}

// clients makes whole clients idle.
func (s *shrinker) clients() {
	for c := s.best.Clients; c >= 1; c-- {
		if s.best.idle(c) {
			continue
		}
		s.try(func(p *Plan) {
			p.Idle = append(p.Idle, c)
			slices.Sort(p.Idle)
			p.Ops = slices.DeleteFunc(p.Ops, func(o workloads.Op) bool { return o.Client == c })
		})
	}
}

// triggers makes faults begin at an earlier occasion: the operations before it are then
// no longer needed.
func (s *shrinker) triggers() {
	for i := range s.best.Faults {
		for nth := 1; nth < s.best.Faults[i].Nth; nth++ {
			if s.try(func(p *Plan) { p.Faults[i].Nth = nth }) {
				break
			}
		}
	}
}

// simplify makes each fault say less, for as long as something less still does it.
func (s *shrinker) simplify() {
	for i := range s.best.Faults {
		for simpler := true; simpler; {
			simpler = slices.ContainsFunc(s.best.Faults[i].Simpler(s.best.Servers), func(c fault.Clause) bool {
				return s.try(func(p *Plan) { p.Faults[i] = c })
			})
		}
	}
}

// duration ends the run earlier.
func (s *shrinker) duration() {
	for shorter := true; shorter; {
		half := clock.Span(time.Duration(s.best.Duration) * 3 / 4 / time.Millisecond * time.Millisecond)
		shorter = time.Duration(half) >= time.Second && s.try(func(p *Plan) { p.Duration = half })
	}
}

// noise takes away where the plan branches: what came before then goes on. It comes last
// because it moves every latency behind the branch, so it succeeds rarely, and more often
// when little is left.
func (s *shrinker) noise() {
	s.minimise(func() int { return len(s.best.Noise) - 1 }, func(p *Plan, from, to int) {
		p.Noise = slices.Delete(p.Noise, from+1, to+1)
	})
}
