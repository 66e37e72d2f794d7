package scenarios

import (
	"cmp"
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/workloads"
)

// jointly changes several things at once, when nothing can be changed alone any more:
// because one part makes up for another, or because of how latencies happen to fall.
func (s *shrinker) jointly() {
	s.merge()
	s.substitutes()
	s.luck()
	s.pairs()
	s.earlier()
}

// fewParts is how small a plan must be before its parts are tried in pairs: those are at
// most 66 runs a pass.
const fewParts = 12

// pairs takes away two parts together: a write and the read that would notice that it is
// missing, or a fault and the operation that only matters while it lasts.
func (s *shrinker) pairs() {
	parts := func() int { return len(s.best.Faults) + len(s.best.Ops) }
	for i := 0; i < parts() && parts() <= fewParts; i++ {
		for j := i + 1; j < parts(); {
			if s.try(func(p *Plan) { p.removePart(j); p.removePart(i) }) {
				j = i + 1
			} else {
				j++
			}
		}
	}
}

// removePart counts the faults first.
func (p *Plan) removePart(i int) {
	if n := len(p.Faults); i < n {
		p.Faults = slices.Delete(p.Faults, i, i+1)
	} else {
		p.Ops = slices.Delete(p.Ops, i-n, i-n+1)
	}
}

// substitutes takes a fault away and lets another do its work: for longer, harder, or by
// cutting off what it had only slowed down.
func (s *shrinker) substitutes() {
	for gone := 0; gone < len(s.best.Faults) && len(s.best.Faults) <= fewParts; {
		if !s.substitute(gone) {
			gone++
		}
	}
}

func (s *shrinker) substitute(gone int) bool {
	for i := range s.best.Faults {
		if i == gone {
			continue
		}
		for _, c := range stronger(s.best.Faults[i], s.best.Faults[gone]) {
			if s.try(func(p *Plan) {
				p.Faults[i] = c
				p.Faults = slices.Delete(p.Faults, gone, gone+1)
			}) {
				return true
			}
		}
	}
	return false
}

// stronger returns a fault in forms that may do what another did as well.
func stronger(c, other fault.Clause) (forms []fault.Clause) {
	if c.For == 0 {
		return nil
	}
	longer := c
	if end := max(c.At+c.For, other.At+other.For); !c.Waits() && !other.Waits() {
		longer.At = min(c.At, other.At)
		longer.For = end - longer.At
	} else {
		longer.For += other.For
	}
	longer.Extra += other.Extra
	if c.Extra == 0 {
		longer.Extra = 0
	}
	forms = append(forms, longer)
	if c.Kind == fault.SlowLink {
		longer.Kind, longer.Extra = fault.Isolate, 0
		forms = append(forms, longer)
	}
	return forms
}

// How many other latencies a smaller plan gets to fail with.
const (
	fewNoises  = 3
	manyNoises = 10
)

// luck takes a fault away and lets all latencies fall anew. Many failures are a race, and
// what decides it in the smaller plan need not be what decided it in the larger one.
func (s *shrinker) luck() {
	for i := 0; i < len(s.best.Faults) && len(s.best.Faults) <= fewParts; {
		if !s.lucky(manyNoises, func(p *Plan) { p.Faults = slices.Delete(p.Faults, i, i+1) }) {
			i++
		}
	}
}

// crowds does the same to operations, halves and quarters of them, while there are many:
// one by one each is a run, and most of the budget.
func (s *shrinker) crowds(noises uint64) (any bool) {
	for part := 2; part <= 4 && len(s.best.Ops) > fewParts; part *= 2 {
		chunk := len(s.best.Ops) / part
		for from := 0; from+chunk <= len(s.best.Ops); {
			if !s.lucky(noises, func(p *Plan) { p.Ops = slices.Delete(p.Ops, from, from+chunk) }) {
				from += chunk
				continue
			}
			any = true
		}
	}
	return any
}

func (s *shrinker) lucky(noises uint64, change func(*Plan)) bool {
	for key := range noises {
		if s.try(func(p *Plan) { change(p); p.Noise[0].Key = key + 1 }) {
			return true
		}
	}
	return false
}

// merge lets one client do what two did.
func (s *shrinker) merge() {
	for from := s.best.Clients; from > 1; from-- {
		for to := 1; to <= s.best.Clients; to++ {
			if to != from && !s.best.idle(to) && !s.best.idle(from) {
				s.try(func(p *Plan) { p.moveOps(from, to) })
			}
		}
	}
}

// moveOps keeps the operations of a client in the order of time.
func (p *Plan) moveOps(from, to int) {
	for i := range p.Ops {
		if p.Ops[i].Client == from {
			p.Ops[i].Client = to
		}
	}
	slices.SortStableFunc(p.Ops, func(a, b workloads.Op) int {
		return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.At, b.At))
	})
	p.Idle = append(p.Idle, from)
	slices.Sort(p.Idle)
}

// earlier pulls all operations forward, and the faults with them, so that the run can end
// earlier. Halving what is tried makes it a few runs.
func (s *shrinker) earlier() {
	if len(s.best.Ops) == 0 {
		return
	}
	first := slices.MinFunc(s.best.Ops, func(a, b workloads.Op) int { return cmp.Compare(a.At, b.At) }).At
	for by := first - clock.Span(warmUp); by >= shortPull; by /= 2 {
		by = clock.Span(time.Duration(by) / time.Millisecond * time.Millisecond)
		if s.try(func(p *Plan) { p.pull(by) }) {
			return
		}
	}
}

// shortPull is not worth a run.
const shortPull = clock.Span(50 * time.Millisecond)

func (p *Plan) pull(by clock.Span) {
	for i := range p.Ops {
		p.Ops[i].At -= by
	}
	for i := range p.Faults {
		p.Faults[i].At = max(0, p.Faults[i].At-by)
	}
}
