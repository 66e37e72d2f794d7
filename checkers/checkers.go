package checkers

import (
	"fmt"
	"slices"

	"github.com/zoobreak/zoobreak/checkers/model"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// Checker judges one log. It keeps nothing between logs.
type Checker interface {
	Name() string
	Check(l *history.Log) outcome.Check
}

// Lively is a Checker that may judge what must happen in the end. Where faults go beyond
// what is promised to be survived, nothing must.
type Lively interface {
	Checker
	OfLiveness() bool
}

// OfLiveness reports whether a checker judges nothing but liveness.
func OfLiveness(c Checker) bool {
	l, ok := c.(Lively)
	return ok && l.OfLiveness()
}

// All returns every checker. Its liveness checker accepts the write of any client.
func All() []Checker {
	return []Checker{
		Agreement(), Durability(), Liveness(AnyClient),
		Effects(), FencedEffects(), Belief(), Phantom(), Orphan(), Lock(),
		Replies(model.Config{}, func(int) string { return "" }),
	}
}

// ByName returns the checker of All with the name.
func ByName(name string) (Checker, bool) {
	for _, c := range All() {
		if c.Name() == name {
			return c, true
		}
	}
	return nil, false
}

// judge is a checker that is a name and a function.
type judge struct {
	name    string
	examine func(e *evidence, r *result)
}

func (j judge) Name() string { return j.name }

// OfLiveness implements Lively: all rules of the checker are about progress.
func (j judge) OfLiveness() bool {
	return !slices.ContainsFunc(rules, func(r Rule) bool { return r.Checker == j.name && r.Severity != Progress })
}

// Check refuses to reason about a log that no run could have produced.
func (j judge) Check(l *history.Log) outcome.Check {
	r := newResult(j.name)
	if e, err := gather(l); err != nil {
		r.undecided(err.Error())
	} else {
		j.examine(e, r)
	}
	r.check.Settle()
	return r.check
}

// result collects what one checker says about one log.
type result struct{ check outcome.Check }

// newResult names the checker's threats, so that one that never occurred shows as zero.
func newResult(name string) *result {
	c := outcome.Check{Name: name, Findings: []outcome.Finding{}, Threats: map[string]int{}}
	for _, rule := range rules {
		if rule.Checker == name {
			c.Threats[rule.Threat] = 0
		}
	}
	return &result{c}
}

func (r *result) examined(n int)            { r.check.Examined += n }
func (r *result) threat(name string, n int) { r.check.Threats[name] += n }

// undecided keeps the first reason.
func (r *result) undecided(reason string) {
	if r.check.Reason == "" {
		r.check.Reason = reason
	}
}

// find adds a finding unless this run has one of the same rule and shape already.
func (r *result) find(ruleID, shape string, class outcome.Class, evidence []uint64, format string, args ...any) {
	rule := mustRule(ruleID)
	signature := rule.ID + ": " + shape
	for _, f := range r.check.Findings {
		if f.Signature == signature {
			return
		}
	}
	r.check.Findings = append(r.check.Findings, outcome.Finding{
		Checker: r.check.Name, Rule: rule.ID, Class: class, Signature: signature,
		Message: fmt.Sprintf(format, args...), Quote: rule.Quote, Evidence: inOrder(evidence),
	})
}
