package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zoobreak/zoobreak/checkers"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/sim/divergence"
	"github.com/zoobreak/zoobreak/sim/guest"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// Options says how to run, and what to keep. None of it changes what happens.
type Options struct {
	History bool   // keep plan and history in the outcome
	Trace   bool   // keep a line for every event
	Until   uint64 // stop after this event; 0: run to the end
	// Look, if set, keeps samples of the events in a window, instead of a trace, and stops
	// where it ends.
	Look  *divergence.Window
	Guest guest.Options // for scenarios with guests; Key is set here
	// Judged, if set, gets the outcome before the guests are wound down, which can fail
	// for reasons of theirs and must not cost the result.
	Judged func(*outcome.Outcome)
}

// Run runs a plan and judges what it saw. Clean reports whether this process may run
// another: guests that cannot be wound down stay in it.
func Run(s *Scenario, p *Plan, o Options) (out *outcome.Outcome, clean bool) {
	if s.Exact() {
		return run(s, p, o, nil)
	}
	o.Guest.Key = p.Noise.first().Of("guests")
	err := guest.Run(o.Guest, func(b *guest.Bubble) { out, clean = run(s, p, o, b) })
	if out == nil {
		out = failed(s, p, stopped(err))
	}
	return out, clean && err == nil
}

// run is the whole program on one screen.
func run(s *Scenario, p *Plan, o Options, b *guest.Bubble) (out *outcome.Outcome, clean bool) {
	w := build(s, p, b)
	w.watch(o)
	w.Arm(p.Faults)
	err := w.phase(w.startServers, warmUp)
	if err == nil {
		err = w.phase(w.startClients, time.Duration(p.Duration)-warmUp)
	}
	if err == nil && !w.Kernel.Stopped() {
		err = w.phase(w.demandProgress, s.Settle)
	}
	if b != nil && b.Err() != nil {
		err = b.Err()
	}
	log := w.Log.Sorted()
	out = w.judge(log, err)
	if o.History {
		out.Plan, out.History = p.JSON(), log
	}
	out.Trace = w.trace
	if w.sampler != nil {
		out.Samples = w.sampler.Samples()
	}
	if o.Judged != nil {
		o.Judged(out)
	}
	return out, b == nil || b.Teardown()
}

// warmUp is how long the servers run before the first client: programs are started when
// the service is up, and many take "no server" at their first call for an answer.
const warmUp = 500 * time.Millisecond

// phase begins a part of the run and lets virtual time pass. An assertion of the servers
// that does not hold ends the run as an error; any other panic is a bug of ours and is not
// caught.
func (w *world) phase(begin func(), d time.Duration) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case invariant.Violation:
			err = v
		default:
			panic(v)
		}
	}()
	begin()
	return w.Kernel.Run(w.Kernel.Now().Add(d))
}

// watch keeps what is asked for of the events.
func (w *world) watch(o Options) {
	w.Kernel.StopAfter(o.Until)
	switch {
	case o.Look != nil:
		w.Kernel.StopAfter(o.Look.To)
		w.sampler = divergence.Watch(w.Kernel, *o.Look)
	case o.Trace:
		w.Kernel.Trace(func(r kernel.Record, what string) { w.trace = append(w.trace, divergence.Line(r, what)) })
	}
}

// judge lets every checker look at the evidence.
func (w *world) judge(log *history.Log, err error) *outcome.Outcome {
	s := w.scenario
	out := &outcome.Outcome{
		Scenario: s.Name, Seed: w.plan.Seed, Exact: s.Exact(), Tier: s.Tier(),
		Digest: fmt.Sprintf("%016x", w.Kernel.Digest()), Events: w.Kernel.Events(), VirtualNS: int64(w.Kernel.Now()),
		Beyond: w.plan.Beyond, Faults: w.Ledger().Counts(), Checks: []outcome.Check{}, Marks: w.about.Marks.Counts(),
	}
	for i := range log.Ops {
		if log.Ops[i].Status == history.OK && log.Ops[i].Kind != history.Note {
			out.Ops++
		}
	}
	if err != nil {
		out.Checks = append(out.Checks, stopped(err))
	}
	if err == nil && !w.Kernel.Stopped() {
		out.Checks = append(out.Checks, s.check(log, w.plan.Beyond)...)
	}
	if w.watcher != nil { // also of a run that could not go on: why may be there
		out.Checks = append(out.Checks, w.watcher.Check())
	}
	out.Settle(s.MinOps)
	if err == nil && w.Kernel.Stopped() {
		out.Verdict, out.Reason = outcome.Unknown, "stopped on request, before the end"
	}
	return out
}

// check lets every checker look: beyond the budget only those of safety. In a partial
// scenario those that had nothing to look at are left out, unless nobody had.
func (s *Scenario) check(log *history.Log, beyond bool) (checks []outcome.Check) {
	used := 0
	for i, c := range s.Checkers {
		if beyond && checkers.OfLiveness(c) {
			continue
		}
		x := c.Check(log)
		checks = append(checks, x)
		if i >= len(serverCheckers()) && x.Verdict != outcome.Vacuous {
			used++
		}
	}
	if s.Partial && used > 0 {
		checks = slices.DeleteFunc(checks, func(c outcome.Check) bool { return c.Verdict == outcome.Vacuous })
	}
	return checks
}

// stopped is the check of a run that could not go on.
func stopped(err error) outcome.Check {
	f := outcome.Finding{Checker: "run", Rule: "assertion", Class: outcome.Bug, Message: err.Error(),
		Quote: "Every assertion in the servers holds, always."}
	var time *kernel.StuckError
	var stuck *guest.StuckError
	var panicked *guest.PanicError
	switch {
	case errors.As(err, &time), errors.As(err, &stuck):
		f.Rule, f.Class = "stuck", outcome.Misuse
		f.Quote = "A guest in tier A waits only for channels, timers and the simulated network, and waits between tries."
	case errors.As(err, &panicked):
		f.Rule, f.Quote = "guest-panic", "A program under test does not panic."
	}
	first, _, _ := strings.Cut(f.Message, "\n")
	f.Signature = f.Rule + ": " + Shape(first)
	c := outcome.Check{Name: "run", Examined: 1, Findings: []outcome.Finding{f}}
	c.Settle()
	return c
}

// Shape is a message without its numbers, so that equal failures have equal signatures.
func Shape(s string) string {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if r >= '0' && r <= '9' {
			r = '#'
		}
		if r == '#' && len(out) > 0 && out[len(out)-1] == '#' {
			continue
		}
		out = append(out, r)
	}
	return string(out)
}

// failed is the outcome of a run that ended with nothing but this.
func failed(s *Scenario, p *Plan, c outcome.Check) *outcome.Outcome {
	out := &outcome.Outcome{Scenario: s.Name, Seed: p.Seed, Exact: s.Exact(), Tier: s.Tier(), Checks: []outcome.Check{c}, Faults: []outcome.FaultCount{}}
	out.Settle(0)
	return out
}
