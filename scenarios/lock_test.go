package scenarios_test

import (
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/sim/guest"
	"github.com/zoobreak/zoobreak/workloads"
	programs "github.com/zoobreak/zoobreak/workloads/guest"
)

func lockScenario() *scenarios.Scenario { return scenarios.Lock(programs.Lock) }

func stored(t *testing.T, name string) *scenarios.Plan {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	p, err := scenarios.ParsePlan(b)
	require.NoError(t, err)
	return p
}

// checkOf returns one checker's result.
func checkOf(t *testing.T, out *outcome.Outcome, name string) outcome.Check {
	t.Helper()
	for _, c := range out.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no check is called %s", name)
	return outcome.Check{}
}

// The stock Lock holds what it promises as long as nothing goes wrong.
func TestTheLockIsCleanInACalmWorld(t *testing.T) {
	s := lockScenario().WithoutFaults()
	for seed := uint64(1); seed <= howMany(60); seed++ {
		out := mustRun(t, s, s.Draw(seed), scenarios.Options{})
		require.Equal(t, outcome.Pass, out.Verdict, "seed %d: %s %v", seed, out.Reason, out.Findings())
		require.False(t, out.Exact)
		require.Equal(t, "A", out.Tier)
	}
}

// One client is cut off while it holds the lock; another gets it; the first still writes.
// The counter that checks fencing tokens refuses that write and stays right; the one that
// does not loses an update.
func TestALockWithoutFencingLosesAnUpdate(t *testing.T) {
	out := mustRun(t, lockScenario(), stored(t, "lock-me-effect.json"), scenarios.Options{})
	f, found := out.Find("ME-effect: update lost after session loss")
	require.True(t, found, out.Findings())
	require.Equal(t, outcome.Limitation, f.Class)
	require.Equal(t, outcome.Fail, checkOf(t, out, "effects").Verdict)
	fenced := checkOf(t, out, "fenced-effects")
	require.Equal(t, outcome.Pass, fenced.Verdict)
	require.Positive(t, fenced.Examined)
	require.Positive(t, fenced.Threats["stale token rejected"])
	for _, name := range []string{"agreement", "durability", "liveness", "lock", "phantom"} {
		require.Equal(t, outcome.Pass, checkOf(t, out, name).Verdict, name)
	}
}

// A call of the stock Lock that fails can leave its node behind, and everyone else waits.
func TestAFailedCallLeavesItsNodeBehind(t *testing.T) {
	for _, c := range []struct {
		plan, signature string
		class           outcome.Class
	}{
		{"lock-u7-failed-lock.json", "U7-orphan-node: failed Lock leaves its node", outcome.Bug},
		{"lock-u7-failed-unlock.json", "U7-orphan-node: failed Unlock leaves its node", outcome.Limitation},
	} {
		out := mustRun(t, lockScenario(), stored(t, c.plan), scenarios.Options{})
		f, found := out.Find(c.signature)
		require.True(t, found, "%s: %v", c.plan, out.Findings())
		require.Equal(t, c.class, f.Class)
		require.Equal(t, outcome.Pass, checkOf(t, out, "fenced-effects").Verdict)
	}
}

// A call of the stock Lock can say yes to a client whose node is gone: whose session ended
// while it waited.
func TestALockCanBeGrantedWithoutItsNode(t *testing.T) {
	out := mustRun(t, lockScenario(), stored(t, "lock-u6-phantom.json"), scenarios.Options{})
	f, found := out.Find("U6-phantom-acquire: granted without its node")
	require.True(t, found, out.Findings())
	require.Equal(t, outcome.Bug, f.Class)
	require.Equal(t, outcome.Pass, checkOf(t, out, "fenced-effects").Verdict)
}

// The plans of the findings say nothing without what they are about: take away the faults
// and the run is clean, take away the operations and it is vacuous.
func TestTheStoredPlansNeedTheirFaultsAndOperations(t *testing.T) {
	for _, name := range []string{"lock-me-effect.json", "lock-u6-phantom.json", "lock-u7-failed-lock.json", "lock-u7-failed-unlock.json"} {
		p := stored(t, name)
		p.Faults = nil
		require.Empty(t, mustRun(t, lockScenario(), p, scenarios.Options{}).Findings(), name)
		p = stored(t, name)
		p.Ops = nil
		out := mustRun(t, lockScenario(), p, scenarios.Options{})
		require.Equal(t, outcome.Vacuous, out.Verdict, name)
	}
}

// guestWorld is three servers and a client that runs a program of the test's own.
func guestWorld(program func(p *guest.Process)) *scenarios.Scenario {
	return scenarios.Guests("program", 3, 1, 4e9, 5e9, func(p *guest.Process, _ []workloads.Op) { program(p) }).WithoutFaults()
}

func TestAGuestThatPanicsIsAFinding(t *testing.T) {
	s := guestWorld(func(*guest.Process) { panic("17 mistakes") })
	out, clean := scenarios.Run(s, s.Draw(1), scenarios.Options{})
	require.False(t, clean, "who knows what it left behind")
	require.Equal(t, outcome.Fail, out.Verdict)
	f := out.Findings()[0]
	require.Equal(t, "guest-panic", f.Rule)
	require.Equal(t, outcome.Bug, f.Class)
	require.Equal(t, "guest-panic: guest: the program of client A panicked: # mistakes", f.Signature)
}

// A guest that never ends costs the process, and not the result.
func TestAGuestThatDoesNotEndIsNotClean(t *testing.T) {
	s := guestWorld(func(p *guest.Process) {
		p.Acquiring("/lock")
		p.Acquired(0)
		<-make(chan int)
	})
	out, clean := scenarios.Run(s, s.Draw(1), scenarios.Options{})
	require.False(t, clean)
	require.Equal(t, outcome.Pass, out.Verdict, "%s %v", out.Reason, out.Findings())
}

// A program that holds a mutex for ever stops the simulation; real time tells.
func TestAGuestThatStandsStillIsAFinding(t *testing.T) {
	s := guestWorld(func(*guest.Process) {
		var mu sync.Mutex
		mu.Lock()
		mu.Lock()
	})
	out, clean := scenarios.Run(s, s.Draw(1), scenarios.Options{Guest: guest.Options{Patience: 200 * time.Millisecond}})
	require.False(t, clean)
	require.Equal(t, outcome.Fail, out.Verdict)
	f := out.Findings()[0]
	require.Equal(t, "stuck", f.Rule)
	require.Equal(t, outcome.Misuse, f.Class)
	require.Contains(t, f.Message, "lock_test.go:")
}

// A program that calls nothing that could be judged proves nothing.
func TestAGuestThatDoesNothingIsVacuous(t *testing.T) {
	s := guestWorld(func(*guest.Process) {})
	out := mustRun(t, s, s.Draw(1), scenarios.Options{})
	require.Equal(t, outcome.Vacuous, out.Verdict)
}
