package campaign

import (
	"fmt"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/scenarios/worker"
)

// triage shrinks a finding and confirms what is left, unless the caller is in a hurry or
// each run would cost seconds.
func (h *hunt) triage(s sighting, hurry bool) (Found, error) {
	p, err := s.scenario.DrawSeed(s.seed, h.Bugs...)
	if err != nil {
		return Found{}, err
	}
	if hurry || costly(s.finding) {
		return Found{Scenario: s.scenario, Finding: s.finding, Seed: s.seed, Original: p, Plan: p, Outcome: s.outcome, Variants: h.summary.Failing[s.finding.Signature]}, nil
	}
	f, err := Triage(h.Pool, s.scenario, p, s.finding.Signature, h.Shrink, h.Confirm)
	if f.Finding.Signature == "" { // seen once and never again: tier A allows that
		f.Finding = s.finding
	}
	f.Seed, f.Variants = s.seed, h.summary.Failing[s.finding.Signature]
	return f, err
}

// Triage shrinks a plan that failed with a signature, in at most budget runs, and repeats
// the result with its history kept, the first time in a process that has run nothing
// before.
func Triage(pool *worker.Pool, s *scenarios.Scenario, p *scenarios.Plan, signature string, budget, repeats int) (Found, error) {
	f := Found{Scenario: s, Original: p, Of: repeats}
	var broken error
	fails := func(c *scenarios.Plan) bool {
		out, err := pool.Run(worker.Request{Scenario: s.Name, Plan: c.JSON()})
		if err != nil {
			broken = err
			return false
		}
		_, found := out.Find(signature)
		return found
	}
	f.Plan, f.Runs = scenarios.Shrink(p, fails, budget)
	if broken != nil {
		return f, fmt.Errorf("shrinking: %w", broken)
	}
	return f, f.confirm(pool, signature)
}

// confirm repeats the plan. For an exact scenario every repeat must have the same digest.
func (f *Found) confirm(pool *worker.Pool, signature string) error {
	digest := ""
	for i := range f.Of {
		q := worker.Request{Scenario: f.Scenario.Name, Plan: f.Plan.JSON(), History: true}
		run := pool.Run
		if i == 0 {
			run = pool.RunFresh
		}
		out, err := run(q)
		if err != nil {
			return fmt.Errorf("confirming: %w", err)
		}
		if digest != "" && digest != out.Digest && f.Scenario.Exact() {
			f.Mismatches++
		}
		digest = out.Digest
		f.keep(out, signature)
	}
	return nil
}

func (f *Found) keep(out *outcome.Outcome, signature string) {
	finding, ok := out.Find(signature)
	if ok {
		f.Reproduced++
	}
	if ok || f.Outcome == nil {
		f.Outcome = out
	}
	if ok {
		f.Finding = finding
	}
}
