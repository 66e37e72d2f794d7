package scenarios_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

func mustRun(t *testing.T, s *scenarios.Scenario, p *scenarios.Plan, o scenarios.Options) *outcome.Outcome {
	t.Helper()
	require.NoError(t, s.Admit(p))
	out, clean := scenarios.Run(s, p, o)
	require.True(t, clean)
	return out
}

// howMany is fewer under -short.
func howMany(seeds uint64) uint64 {
	if testing.Short() {
		return seeds / 10
	}
	return seeds
}

// The service keeps what it promises under every fault that it promises to survive; and
// the campaign was worth something: every kind of fault happened, and mattered.
func TestServersSurvive(t *testing.T) {
	s := scenarios.Servers()
	faults := map[string]outcome.Totals{}
	digests := map[string]uint64{}
	vacuous := uint64(0)
	marks := map[string]int{}
	for seed := uint64(1); seed <= howMany(300); seed++ {
		out := mustRun(t, s, s.Draw(seed), scenarios.Options{})
		if out.Verdict == outcome.Vacuous { // a plan of one clause, that was refused or waited in vain
			require.Equal(t, "faults were armed and none fired", out.Reason, "seed %d", seed)
			vacuous++
			continue
		}
		require.Equal(t, outcome.Pass, out.Verdict, "seed %d: %s %v", seed, out.Reason, out.Findings())
		require.NotContains(t, digests, out.Digest, "seeds %d and %d ran alike", seed, digests[out.Digest])
		digests[out.Digest] = seed
		for _, f := range out.Faults {
			sum := faults[f.Kind]
			sum.Add(f)
			faults[f.Kind] = sum
		}
		for name, n := range out.Marks {
			marks[name] += n
		}
	}
	requireReached(t, marks)
	require.Less(t, vacuous, howMany(300)/20+1)
	for _, kind := range s.Faults.Kinds {
		require.Positive(t, faults[string(kind)].Mattered, kind)
	}
}

// rare marks are reached in fewer than one of fifty runs: only a long campaign can be asked to.
var rare = []string{
	"log: older snapshot", "log: truncated", "log: snapshot abandoned", "log: snapshot skipped", "sync: SNAP and what follows", "discovery: learner knows more", "discovery: second connection",
	"broadcast: learner does not keep up", "session: client has seen more",
}

func requireReached(t *testing.T, marks map[string]int) {
	t.Helper()
	require.GreaterOrEqual(t, len(marks), 20)
	for name, n := range marks {
		if !testing.Short() && !slices.Contains(rare, name) {
			require.Positive(t, n, "the campaign never reaches %q", name)
		}
	}
}

// A mark that nothing can reach is in the result all the same, with zero. Two runs in one
// process have nothing of each other.
func TestMarksBelongToTheirRun(t *testing.T) {
	s := scenarios.Servers()
	calm := mustRun(t, s.WithoutFaults(), s.WithoutFaults().Draw(1), scenarios.Options{}).Marks
	require.Contains(t, calm, "log: torn tail")
	require.Zero(t, calm["log: torn tail"])
	require.Positive(t, calm["election: vote changed"])
	mustRun(t, s, s.Draw(1), scenarios.Options{})
	require.Equal(t, calm, mustRun(t, s.WithoutFaults(), s.WithoutFaults().Draw(1), scenarios.Options{}).Marks)
}

func TestServersAreCleanWithoutFaults(t *testing.T) {
	s := scenarios.Servers().WithoutFaults()
	for seed := uint64(1); seed <= howMany(50); seed++ {
		out := mustRun(t, s, s.Draw(seed), scenarios.Options{})
		require.Equal(t, outcome.Pass, out.Verdict, "seed %d: %s %v", seed, out.Reason, out.Findings())
		require.Empty(t, out.Faults)
	}
}

// The deliberate bug is the proof that the checkers look. Who watches the disks sees it at
// the first commit; who sees only what clients and states show needs a seed, within the
// first thousand, in which a write is lost.
func TestAcknowledgingBeforeSyncIsFound(t *testing.T) {
	s := scenarios.Servers()
	blind := scenarios.Servers()
	blind.Service = scenarios.ZooKeeper()
	blind.Service.Watch = nil
	for seed := uint64(1); seed <= 1000; seed++ {
		p := s.Draw(seed)
		p.Bugs = []string{"ack-before-sync"}
		if seed == 1 {
			_, seen := mustRun(t, s, p, scenarios.Options{}).Find("committed-log-durability: not on a quorum")
			require.True(t, seen)
		}
		out := mustRun(t, blind, p, scenarios.Options{})
		if out.Verdict == outcome.Pass || out.Verdict == outcome.Vacuous {
			continue
		}
		for _, f := range out.Findings() {
			require.Contains(t, []string{"prefix-agreement", "acked-write-durable"}, f.Rule, "seed %d: %s", seed, f.Message)
		}
		require.Equal(t, outcome.Fail, out.Verdict)
		without := mustRun(t, s, s.Draw(seed), scenarios.Options{})
		require.Equal(t, outcome.Pass, without.Verdict, "seed %d fails without the bug, too", seed)
		return
	}
	t.Fatal("1000 seeds do not show the bug")
}

// Observers serve, and who counts them in quorums loses writes.
func TestObserversServeAndCountNowhere(t *testing.T) {
	s := scenarios.Observers()
	for seed := uint64(1); seed <= 100; seed++ {
		p := s.Draw(seed)
		p.Bugs = []string{"observers-count"}
		out := mustRun(t, s, p, scenarios.Options{})
		if _, found := out.Find("acked-write-durable: write missing from a server"); !found {
			continue
		}
		without := mustRun(t, s, s.Draw(seed), scenarios.Options{})
		require.Equal(t, outcome.Pass, without.Verdict, "seed %d fails without the bug, too", seed)
		return
	}
	t.Fatal("100 seeds do not show the bug")
}

// What is kept and printed changes nothing of what happens.
func TestOptionsDoNotChangeTheRun(t *testing.T) {
	s := scenarios.Servers()
	plain := mustRun(t, s, s.Draw(7), scenarios.Options{})
	judged := ""
	full := mustRun(t, s, s.Draw(7), scenarios.Options{History: true, Trace: true, Judged: func(o *outcome.Outcome) { judged = o.Digest }})
	require.Equal(t, plain.Digest, full.Digest)
	require.Equal(t, plain.Digest, judged)
	require.Equal(t, plain.Checks, full.Checks)
	require.Equal(t, plain.Faults, full.Faults)
	require.Equal(t, plain.Events, uint64(len(full.Trace)))
	require.Nil(t, plain.History)
	require.NotEmpty(t, full.History.Facts)
	require.JSONEq(t, string(s.Draw(7).JSON()), string(full.Plan))
}

// A run that is stopped early is the beginning of the whole run, and no verdict.
func TestUntilStopsOnTheWay(t *testing.T) {
	s := scenarios.Servers()
	whole := mustRun(t, s, s.Draw(7), scenarios.Options{Trace: true})
	for _, until := range []uint64{1, 100, whole.Events / 2} {
		part := mustRun(t, s, s.Draw(7), scenarios.Options{Trace: true, Until: until})
		require.Equal(t, until, part.Events)
		require.Equal(t, whole.Trace[:until], part.Trace)
		require.Equal(t, outcome.Unknown, part.Verdict)
		require.Equal(t, "stopped on request, before the end", part.Reason)
	}
	beyond := mustRun(t, s, s.Draw(7), scenarios.Options{Until: whole.Events + 1})
	require.Equal(t, whole.Digest, beyond.Digest)
	require.Equal(t, outcome.Pass, beyond.Verdict)
}
