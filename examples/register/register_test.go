package register

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// run runs a seed with the bugs switched on.
func run(t *testing.T, seed uint64, bugs ...string) (*scenarios.Plan, *outcome.Outcome) {
	t.Helper()
	s := Scenario()
	p := s.Draw(seed)
	p.Bugs = bugs
	require.NoError(t, s.Admit(p))
	out, clean := scenarios.Run(s, p, scenarios.Options{})
	require.True(t, clean)
	return p, out
}

func TestCleanWithoutBugs(t *testing.T) {
	seeds := uint64(1000)
	if testing.Short() {
		seeds = 100
	}
	passed := 0
	for seed := uint64(1); seed <= seeds; seed++ {
		_, out := run(t, seed)
		require.Empty(t, out.Findings(), "seed %d", seed)
		if out.Verdict == outcome.Pass {
			passed++
		}
	}
	require.Greater(t, passed, int(seeds)*19/20, "most runs must have something to say")
}

// Each bug is found within 1,000 seeds, shrinks, and the shrunk plan shows it again with
// the same digest.
func TestBugsAreFoundAndShrunk(t *testing.T) {
	for _, bug := range []string{AckBeforeSync, DeposedServes} {
		t.Run(bug, func(t *testing.T) {
			plan, signature := firstFailure(t, bug)
			s := Scenario()
			fails := func(p *scenarios.Plan) bool {
				out, _ := scenarios.Run(s, p, scenarios.Options{})
				_, found := out.Find(signature)
				return found
			}
			small, runs := scenarios.Shrink(plan, fails, 300)
			require.LessOrEqual(t, len(small.Faults), 2)
			require.LessOrEqual(t, len(small.Ops), 8)
			require.Less(t, len(small.Ops), len(plan.Ops))
			t.Logf("%v, in %d runs", small.Size(), runs)
			one, _ := scenarios.Run(s, small, scenarios.Options{})
			two, _ := scenarios.Run(s, small, scenarios.Options{Trace: true})
			require.Equal(t, one.Digest, two.Digest)
			require.True(t, fails(small))
			small.Bugs = nil
			require.False(t, fails(small), "without the bug the same plan passes")
		})
	}
}

func firstFailure(t *testing.T, bug string) (*scenarios.Plan, string) {
	for seed := uint64(1); seed <= 1000; seed++ {
		if plan, out := run(t, seed, bug); len(out.Findings()) > 0 {
			return plan, out.Findings()[0].Signature
		}
	}
	require.Fail(t, "no seed up to 1000 shows the bug")
	return nil, ""
}

func TestUnknownBugIsRefused(t *testing.T) {
	s := Scenario()
	p := s.Draw(1)
	p.Bugs = []string{"lose-everything"}
	require.EqualError(t, s.Admit(p), `scenario register has no bug "lose-everything"; it has: ack-before-sync, deposed-serves`)
}

// The checkers look: each of them fails on a history that breaks its rule, and says that
// it has seen nothing where there is nothing to see.
func TestCheckersJudge(t *testing.T) {
	did := func(l *history.Log, client int, kind history.Kind, text string, s history.Status) {
		h := l.Call(0, history.Op{Client: client, Kind: kind, Name: "/register", Text: text})
		l.Return(h, 0, s, nil)
	}
	for name, test := range map[string]struct {
		log    func(l *history.Log)
		linear outcome.Verdict
		moves  outcome.Verdict
	}{
		"nothing":            {func(l *history.Log) {}, outcome.Vacuous, outcome.Vacuous},
		"a read of what was": {func(l *history.Log) { did(l, 1, Write, "a", "ok"); did(l, 2, Read, "a", "ok") }, outcome.Pass, outcome.Vacuous},
		"a read of the past": {func(l *history.Log) { did(l, 1, Write, "a", "ok"); did(l, 2, Read, "0", "ok") }, outcome.Fail, outcome.Vacuous},
		"a write that may be": {func(l *history.Log) {
			did(l, 1, Write, "a", "unknown")
			did(l, 2, Read, "0", "ok")
			did(l, 2, Read, "a", "ok")
		}, outcome.Pass, outcome.Vacuous},
		"and then must stay": {func(l *history.Log) {
			did(l, 1, Write, "a", "unknown")
			did(l, 2, Read, "a", "ok")
			did(l, 2, Read, "0", "ok")
		}, outcome.Fail, outcome.Vacuous},
		"the probe succeeds":   {func(l *history.Log) { did(l, 0, Write, "a", "unknown"); did(l, 0, Write, "b", "ok") }, outcome.Pass, outcome.Pass},
		"the probe never does": {func(l *history.Log) { did(l, 0, Write, "a", "unknown") }, outcome.Pass, outcome.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			l := &history.Log{}
			test.log(l)
			require.Equal(t, test.linear, linearizable{}.Check(l).Verdict)
			require.Equal(t, test.moves, progress{}.Check(l).Verdict)
		})
	}
}

// README.md promises it.
func TestTheServiceIsShort(t *testing.T) {
	lines := 0
	for _, file := range []string{"server.go", "message.go"} {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		lines += bytes.Count(b, []byte("\n"))
	}
	require.Less(t, lines, 300)
}

func BenchmarkRun(b *testing.B) {
	s := Scenario()
	events := uint64(0)
	for i := range b.N {
		out, _ := scenarios.Run(s, s.Draw(uint64(i)), scenarios.Options{})
		events += out.Events
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}
