package scenarios

import (
	"fmt"
	"slices"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/workloads"
)

// DrawSeed draws the plan of a seed that may branch, with bugs switched on. At which instant
// a branch begins is known only after running up to its event, so it does; the plan that
// comes back has it all as data, and needs no seed any more.
func (s *Scenario) DrawSeed(seed Seed, bugs ...string) (*Plan, error) {
	p := s.Draw(seed.Root)
	p.Bugs = append(p.Bugs, bugs...)
	if err := s.Admit(p); err != nil {
		return nil, err
	}
	for _, b := range seed.Branches {
		at, err := s.reach(p, b.After)
		if err != nil {
			return nil, fmt.Errorf("seed %v: %w", seed, err)
		}
		p = p.branch(s.Draw(b.Seed), at)
	}
	p.Seed = seed.String()
	return p, s.Admit(p)
}

// reach returns the instant of an event.
func (s *Scenario) reach(p *Plan, event uint64) (clock.Instant, error) {
	if !s.Exact() {
		return 0, fmt.Errorf("scenario %s has guests, so the same event need not come at the same instant again, and only exact scenarios have seeds that branch; instead, save the plan with run --out and add an interval to its noise", s.Name)
	}
	out, _ := Run(s, p, Options{Until: event})
	if out.Events < event {
		return 0, fmt.Errorf("the run has only %d events, and cannot branch after event %d", out.Events, event)
	}
	return clock.Instant(out.VirtualNS), nil
}

// branch returns a plan that is p up to and with an instant, and has the noise, and what has
// not begun by then, of another. Faults keep their places, which their events are named by:
// drawn faults are in the order of time.
func (p *Plan) branch(other *Plan, at clock.Instant) *Plan {
	q := *p
	from := clock.Span(at) + 1
	q.Noise = append(p.Noise.before(from), NoiseInterval{From: from, Key: other.Noise[0].Key})
	q.Faults, q.Ops = []fault.Clause{}, []workloads.Op{}
	for _, c := range p.Faults {
		if c.At < from {
			q.Faults = append(q.Faults, c)
		}
	}
	for _, c := range other.Faults {
		if c.At >= from {
			q.Faults = append(q.Faults, c)
		}
	}
	q.takeOps(p.Ops, other.Ops, from)
	return &q
}

// before returns the intervals that begin before an instant. One that begins just then was
// branched away from before its first event.
func (n Noise) before(at clock.Span) (kept Noise) {
	for _, x := range n {
		if x.From < at {
			kept = append(kept, x)
		}
	}
	return kept
}

// ranFast reports whether the client's clock has run fast: it may have begun operations
// whose time, by the world's clock, has not come.
func (p *Plan) ranFast(client int, before clock.Span) bool {
	return slices.ContainsFunc(p.Faults, func(c fault.Clause) bool {
		return c.Kind == fault.ClockRate && c.Percent > 100 && c.At < before && (c.Who == fault.Client(client) || c.Who == fault.It())
	})
}

// takeOps joins the operations of one plan with the later ones of another, by client.
func (p *Plan) takeOps(earlier, later []workloads.Op, from clock.Span) {
	written := map[string]bool{}
	for _, op := range earlier {
		if op.At < from || p.ranFast(op.Client, from) {
			p.Ops, written[op.Value] = append(p.Ops, op), true
		}
	}
	for _, op := range later {
		// Where every drawn write has a value of its own, checkers count on it.
		for op.Value != "" && written[op.Value] {
			op.Value += "'"
		}
		if op.At >= from && !p.ranFast(op.Client, from) {
			p.Ops = append(p.Ops, op)
		}
	}
	slices.SortStableFunc(p.Ops, func(a, b workloads.Op) int { return a.Client - b.Client })
}
