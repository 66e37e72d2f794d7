package zootest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zoobreak/zoobreak/checkers"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/campaign"
	"github.com/zoobreak/zoobreak/scenarios/worker"
	"github.com/zoobreak/zoobreak/sim/guest"
	"github.com/zoobreak/zoobreak/workloads"
)

// Process is one client process, as the program under test sees it.
type Process = guest.Process

// World is the shape of the simulated world. Zero fields take the default.
type World struct {
	Servers  int           // default 3
	Clients  int           // processes that run the program; default 3
	Session  time.Duration // about what the program asks for; faults are drawn around it; default 4s
	Duration time.Duration // virtual time in which faults happen; default 10s
}

func (w World) orDefault() World {
	set := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	set(&w.Servers, 3)
	set(&w.Clients, 3)
	if w.Session == 0 {
		w.Session = 4 * time.Second
	}
	if w.Duration == 0 {
		w.Duration = 10 * time.Second
	}
	return w
}

// Hunt runs the program on every client of the world, once for each of a fixed set of
// seeds, so that a commit has one verdict: 200 of them, or 20 under -short; flags choose
// others. It fails the test at the first failure that it finds, shrunk and replayed.
// Plans that failed before and were kept under testdata/zoobreak are run first.
//
// Runs happen in child processes, which execute the test function up to this call; do
// nothing before it that must not happen more than once.
func Hunt(t *testing.T, w World, program func(p *Process), options ...Option) {
	t.Helper()
	s := scenario(t.Name(), w.orDefault(), program)
	if os.Getenv(worker.Env) != "" {
		serve(t, s)
	}
	if err := s.Draw(1).Validate(); err != nil {
		t.Fatalf("zootest: the world is impossible: %v", err)
	}
	h := &hunt{t: t, scenario: s, pool: worker.NewPool(runtime.NumCPU(), command(t.Name()))}
	defer h.pool.Close()
	for _, o := range options {
		o(h)
	}
	for _, a := range h.accepted {
		if !slices.ContainsFunc(checkers.Rules(), func(r checkers.Rule) bool { return r.ID == a.rule }) {
			t.Fatalf("zootest: Accept: there is no rule %q", a.rule)
		}
	}
	h.run()
}

func scenario(name string, w World, program func(p *Process)) *scenarios.Scenario {
	return scenarios.Guests(name, w.Servers, w.Clients, w.Session, w.Duration, func(p *Process, _ []workloads.Op) { program(p) })
}

// serve is this test as a worker; it does not return.
func serve(t *testing.T, s *scenarios.Scenario) {
	err := worker.Serve(worker.InFile(), worker.OutFile(), func(string) (*scenarios.Scenario, error) { return s, nil })
	if err != nil {
		t.Log(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// hunt is one call of Hunt.
type hunt struct {
	t        *testing.T
	scenario *scenarios.Scenario
	pool     *worker.Pool
	accepted []acceptance
}

// Option changes what Hunt reports.
type Option func(*hunt)

type acceptance struct{ rule, reason string }

// Accept counts findings of a rule, such as ME-belief, instead of failing the test with
// them, for a stated reason: that a client may believe in a lock that it has lost is true
// of every lease lock, and harmless where a fencing token is checked. What was accepted,
// and what never occurred, is in the test's log.
func Accept(rule, reason string) Option {
	return func(h *hunt) { h.accepted = append(h.accepted, acceptance{rule, reason}) }
}

func (h *hunt) rules() (rules []string) {
	for _, a := range h.accepted {
		rules = append(rules, a.rule)
	}
	return rules
}

func (h *hunt) run() {
	h.t.Helper()
	if *planFlag != "" {
		h.replay(*planFlag)
		return
	}
	for _, file := range savedPlans(h.t.Name()) {
		if h.replay(file); h.t.Failed() {
			return
		}
	}
	h.search()
}

func (h *hunt) search() {
	h.t.Helper()
	s := seeds(h.t)
	ctx, cancel := h.beforeDeadline()
	defer cancel()
	summary, found, err := campaign.Hunt(ctx, campaign.Config{
		Scenarios: []*scenarios.Scenario{h.scenario}, From: s.First, To: s.Last, Only: s.Only, Extra: extraRuns, Accept: h.rules(), Confirm: confirmations, Shrink: shrinkRuns, Pool: h.pool,
	})
	switch {
	case err != nil:
		h.t.Fatalf("zootest: %v", err)
	case len(found) > 0:
		h.fail(found[0])
	case summary.Runs == summary.Vacuous+summary.Unknown:
		h.t.Errorf("zootest: %d runs prove nothing: %d were vacuous, %d undecided. Does the program call Acquired, Released or a Counter?",
			summary.Runs, summary.Vacuous, summary.Unknown)
	default:
		h.t.Log(clean(summary) + h.acceptances(summary))
	}
}

// clean says how far a result without failures reaches.
func clean(s campaign.Summary) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d runs, %d of them vacuous, no failure: one with probability above %.2g a run would have been seen with 95 %% confidence, for these faults and this program only.",
		s.Runs, s.Vacuous, 3/float64(s.Runs-s.Vacuous))
	b.WriteString("\nWhat could have endangered the rules, and how often it happened:")
	for _, name := range slices.Sorted(maps.Keys(s.Threats)) {
		fmt.Fprintf(&b, "\n  %6d  %s", s.Threats[name], name)
	}
	b.WriteString("\nFaults, and how often each changed anything:")
	for _, kind := range slices.Sorted(maps.Keys(s.Faults)) {
		fmt.Fprintf(&b, "\n  %6d  %s", s.Faults[kind].Mattered, kind)
	}
	return b.String()
}

// acceptances says how often each accepted rule was broken.
func (h *hunt) acceptances(s campaign.Summary) string {
	var b strings.Builder
	for _, a := range h.accepted {
		fmt.Fprintf(&b, "\nAccepted: %s, broken in %d runs: %s", a.rule, s.Accepted[a.rule], a.reason)
	}
	return b.String()
}

// beforeDeadline ends while there is still time to say something: the test binary dies at
// its deadline without a word about seeds.
func (h *hunt) beforeDeadline() (context.Context, context.CancelFunc) {
	deadline, ok := h.t.Deadline()
	if !ok {
		return context.WithCancel(context.Background())
	}
	return context.WithDeadline(context.Background(), deadline.Add(-time.Until(deadline)/10))
}
