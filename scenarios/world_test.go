package scenarios_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/checkers"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/sim"
	"github.com/zoobreak/zoobreak/sim/divergence"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/workloads"
)

// ticker is a process that does one thing whenever its alarm goes off.
type ticker struct {
	env  sim.Env
	tick func(env sim.Env, now clock.Now)
}

func (k ticker) NetEvent(clock.Now, net.Event) {}
func (k ticker) DiskDone(clock.Now, disk.Done) {}
func (k ticker) Wake(now clock.Now)            { k.tick(k.env, now) }

func bootTicker(tick func(sim.Env, clock.Now)) sim.Boot {
	return func(env sim.Env, now clock.Now) (sim.Server, error) {
		tick(env, now)
		return ticker{env, tick}, nil
	}
}

func idle(sim.Env, clock.Now) {}

// tickers is a scenario of servers that tick and clients that do nothing.
func tickers(tick func(sim.Env, clock.Now)) *scenarios.Scenario {
	return &scenarios.Scenario{
		Name: "tickers", Servers: 1, Duration: 10 * time.Second, Settle: time.Second, Session: time.Second,
		Checkers: []checkers.Checker{checkers.Durability()},
		Service: &scenarios.Service{
			Server: func(scenarios.World, int) sim.Boot { return bootTicker(tick) },
			Client: func(scenarios.World, int, []workloads.Op) sim.Boot { return bootTicker(idle) },
			Probe:  func(clock.Instant, time.Duration) []workloads.Op { return nil },
		},
	}
}

// at makes a server do something once, at an instant.
func at(when clock.Instant, do func()) func(sim.Env, clock.Now) {
	return func(env sim.Env, now clock.Now) {
		if now.Mono >= when {
			do()
			return
		}
		env.Alarm.Set(when)
	}
}

func broken() { invariant.That(false, "two is less than %d", 1) }

// onlyFinding runs a plan and returns what it found, which must be one thing.
func onlyFinding(t *testing.T, s *scenarios.Scenario, p *scenarios.Plan) outcome.Finding {
	t.Helper()
	out, clean := scenarios.Run(s, p, scenarios.Options{})
	require.True(t, clean)
	require.Equal(t, outcome.Fail, out.Verdict)
	require.Len(t, out.Findings(), 1)
	return out.Findings()[0]
}

// An assertion in a server that does not hold is a finding, whenever it happens.
func TestABrokenAssertionIsAFinding(t *testing.T) {
	for _, when := range []clock.Instant{0, 3e9, 10.5e9} {
		s := tickers(at(when, broken))
		f := onlyFinding(t, s, s.Draw(1))
		require.Equal(t, "assertion", f.Rule)
		require.Equal(t, outcome.Bug, f.Class)
		require.Equal(t, "invariant violated: two is less than 1", f.Message)
		require.Equal(t, "assertion: invariant violated: two is less than #", f.Signature)
	}
}

// So is one in what a paused server does when the world heals, which is no event of the
// kernel.
func TestABrokenAssertionIsAFindingWhileHealing(t *testing.T) {
	s := tickers(at(5e9, broken))
	p := s.Draw(1)
	p.Faults = []fault.Clause{{Kind: fault.Pause, Who: fault.Server(1), At: 2e9, For: 20e9}}
	require.Equal(t, "assertion", onlyFinding(t, s, p).Rule)
}

// A panic of any other kind is a mistake in zoobreak, or in the service under test, and is
// not dressed up as a verdict.
func TestAnyOtherPanicIsNotCaught(t *testing.T) {
	s := tickers(at(3e9, func() { panic("a mistake") }))
	require.PanicsWithValue(t, "a mistake", func() { scenarios.Run(s, s.Draw(1), scenarios.Options{}) })
}

func TestAWorldThatStandsStillIsAFinding(t *testing.T) {
	s := tickers(func(env sim.Env, now clock.Now) { env.Alarm.Set(max(now.Mono, 3e9)) })
	f := onlyFinding(t, s, s.Draw(1))
	require.Equal(t, "stuck", f.Rule)
	require.Equal(t, outcome.Misuse, f.Class)
	require.Contains(t, f.Message, "more than 100000 events at the single instant 3.000000s")
	require.NotContains(t, f.Signature, "100000", "equal failures have equal signatures")
}

// Vacuous is not pass: a run must have done, and suffered, what it was meant to.
func TestVacuousRunsAreNotPasses(t *testing.T) {
	servers := scenarios.Servers()
	for name, c := range map[string]struct {
		change func(*scenarios.Plan)
		reason string
	}{
		"without operations": { // of the writers; their sessions and the probe's count
			func(p *scenarios.Plan) { p.Ops, p.Faults = nil, nil },
			"9 operations succeeded, the scenario demands 10",
		},
		"with faults that wait for ever": {
			func(p *scenarios.Plan) {
				p.Faults = []fault.Clause{{Kind: fault.Isolate, Who: fault.Client(1), At: 1e9, For: 1e9, On: fault.OnAcquire, Nth: 1}}
			},
			"faults were armed and none fired",
		},
		"with a stage that does not exist": {
			func(p *scenarios.Plan) {
				p.Faults = []fault.Clause{{Kind: fault.Stall, Who: fault.Server(1), At: 1e9, For: 1e9, Stage: "no-such-stage"}}
			},
			"faults were armed and none fired",
		},
	} {
		p := servers.Draw(1)
		c.change(p)
		out, _ := scenarios.Run(servers, p, scenarios.Options{})
		require.Equal(t, outcome.Vacuous, out.Verdict, name)
		require.Equal(t, c.reason, out.Reason, name)
	}
}

// A checker without evidence makes the run vacuous, unless the scenario says that its
// program may leave some out, and another one had something to look at.
func TestAWorldWithoutEvidenceIsVacuous(t *testing.T) {
	s := tickers(idle)
	out, _ := scenarios.Run(s, s.Draw(1), scenarios.Options{})
	require.Equal(t, outcome.Vacuous, out.Verdict)
	require.Equal(t, "durability: nothing to examine", out.Reason)
	s.Partial = true
	out, _ = scenarios.Run(s, s.Draw(1), scenarios.Options{})
	require.Equal(t, outcome.Vacuous, out.Verdict, "nobody had anything")
}

// A service that looks at something outside of its world runs differently each time; where
// it begins to is found.
func TestALeakIsLocated(t *testing.T) {
	lives := 0
	s := tickers(func(env sim.Env, now clock.Now) {
		next := now.Mono + 1e6
		if now.Mono == 2e9 {
			lives++
			next += clock.Instant(lives)
		}
		env.Alarm.Set(next)
	})
	run := func(w divergence.Window) (*outcome.Outcome, error) {
		return mustRun(t, s, s.Draw(1), scenarios.Options{Look: &w}), nil
	}
	p, err := divergence.Find(run, run)
	require.NoError(t, err)
	require.Contains(t, p.Both[len(p.Both)-1], "2.000000s  clock 10.0.0.1     alarm")
	require.Contains(t, p.Runs[0][0], "2.001000s  clock 10.0.0.1")
	require.False(t, p.Content)
}
