package campaign_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/checkers"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/campaign"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/scenarios/worker"
	"github.com/zoobreak/zoobreak/sim"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/workloads"
)

// TestMain makes this test binary a worker when it is started as one.
func TestMain(m *testing.M) {
	if os.Getenv(worker.Env) == "" {
		os.Exit(m.Run())
	}
	if err := worker.Serve(worker.InFile(), worker.OutFile(), find); err != nil {
		panic(err)
	}
}

func find(name string) (*scenarios.Scenario, error) {
	for _, s := range []*scenarios.Scenario{servers(), drifter(), hanger(), idler()} {
		if s.Name == name {
			return s, nil
		}
	}
	return nil, fmt.Errorf("no scenario is called %s", name)
}

// one is a process that does one thing, at one instant.
type one struct{ do func() }

func (one) NetEvent(clock.Now, net.Event) {}
func (one) DiskDone(clock.Now, disk.Done) {}
func (o one) Wake(clock.Now)              { o.do() }

func boot(at func() clock.Instant, do func()) sim.Boot {
	return func(env sim.Env, _ clock.Now) (sim.Server, error) {
		env.Alarm.Set(at())
		return one{do}, nil
	}
}

// fake is a scenario of one server that does one thing.
func fake(name string, at func() clock.Instant, do func()) *scenarios.Scenario {
	never := func() clock.Instant { return clock.Never }
	return &scenarios.Scenario{
		Name: name, Servers: 1, Duration: 5 * time.Second, Settle: time.Second, Session: time.Second,
		Service: &scenarios.Service{
			Server: func(scenarios.World, int) sim.Boot { return boot(at, do) },
			Client: func(scenarios.World, int, []workloads.Op) sim.Boot { return boot(never, func() {}) },
			Probe:  func(clock.Instant, time.Duration) []workloads.Op { return nil },
		},
	}
}

var runs int // of the drifter in this process

// drifter says that it is exact and is not: it fails later each time that it is run.
func drifter() *scenarios.Scenario {
	at := func() clock.Instant {
		runs++
		return clock.Instant(runs) * 1e8
	}
	return fake("drifter", at, func() { invariant.That(false, "nothing drifts") })
}

// servers is the scenario without its watch over invariants, which sees the bug of these
// tests in every run: here it must be rare, and show in two ways.
func servers() *scenarios.Scenario {
	s := scenarios.Servers()
	s.Service = scenarios.ZooKeeper()
	s.Service.Watch = nil
	return s
}

// hanger never comes back.
func hanger() *scenarios.Scenario {
	return fake("hanger", func() clock.Instant { return 1e9 }, func() { time.Sleep(time.Hour) })
}

// idler arms faults that never fire, and asks a checker that finds nothing to look at.
func idler() *scenarios.Scenario {
	s := servers()
	s.Name = "idler"
	s.Faults.Kinds, s.Faults.Stages = []fault.Kind{fault.Stall}, []string{"no-such-stage"}
	s.Checkers = append(s.Checkers, checkers.Orphan())
	return s
}

func newPool(t *testing.T, n int) *worker.Pool {
	t.Helper()
	p := worker.NewPool(n, func() *exec.Cmd {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0") // or each would end a second late
		return c
	})
	t.Cleanup(p.Close)
	return p
}

func only(s *scenarios.Scenario) []*scenarios.Scenario { return []*scenarios.Scenario{s} }

// losingSeed is the first seed that shows two rules broken by the bug, behind five that show
// none. It is looked for, because whatever moves a latency moves it.
var losingSeed = sync.OnceValue(func() uint64 {
	s, clean := servers(), 0
	for seed := uint64(1); seed <= 5000; seed++ {
		p := s.Draw(seed)
		p.Bugs = []string{"ack-before-sync"}
		out, _ := scenarios.Run(s, p, scenarios.Options{})
		switch findings := len(out.Findings()); {
		case findings == 0:
			clean++
		case findings == 2 && clean >= 5:
			return seed
		default:
			clean = 0
		}
	}
	panic("no seed up to 5000 shows two rules broken")
})

// losing is a hunt that finds the bug that is switched on, at its sixth seed.
func losing(t *testing.T, workers int) campaign.Config {
	return campaign.Config{
		Scenarios: only(servers()), From: losingSeed() - 5, To: losingSeed() + 4, Bugs: []string{"ack-before-sync"},
		KeepGoing: true, Confirm: 2, Shrink: 25, Pool: newPool(t, workers),
	}
}

// result is what must not depend on the machine.
func result(t *testing.T, s campaign.Summary, found []campaign.Found) string {
	t.Helper()
	s.WallNS = 0
	text, err := json.MarshalIndent(s, "", " ")
	require.NoError(t, err)
	for _, f := range found {
		text = append(text, fmt.Sprintf("\n%s %s, %d of %d, %d runs, %d like it, plan %x",
			f.Finding.Signature, f.Outcome.Digest, f.Reproduced, f.Of, f.Runs, f.Variants, sha256.Sum256(f.Plan.JSON()))...)
	}
	return string(text)
}

// However many workers there are, and however they take turns, the campaign and its
// findings are the same.
func TestTheNumberOfWorkersChangesNothing(t *testing.T) {
	for name, config := range map[string]func(*testing.T, int) campaign.Config{
		"clean": func(t *testing.T, n int) campaign.Config {
			return campaign.Config{Scenarios: []*scenarios.Scenario{servers(), idler()}, From: 1, To: 20, Pool: newPool(t, n)}
		},
		"keeps going": losing,
		"stops": func(t *testing.T, n int) campaign.Config {
			c := losing(t, n)
			c.KeepGoing = false
			return c
		},
		"looks for a better one": func(t *testing.T, n int) campaign.Config {
			c := losing(t, n)
			c.KeepGoing, c.Extra = false, 3
			return c
		},
	} {
		want := ""
		for _, workers := range []int{1, 2, 4} {
			summary, found, err := campaign.Hunt(t.Context(), config(t, workers))
			require.NoError(t, err)
			got := result(t, summary, found)
			if want == "" {
				want = got
			}
			require.Equal(t, want, got, "%s, %d workers", name, workers)
		}
	}
}

// A hunt stops at its first finding, or a few runs later if it may look for a more
// telling one, or goes through all its seeds.
func TestWhenAHuntStops(t *testing.T) {
	for _, c := range []struct {
		keepGoing  bool
		extra, run int
	}{{false, 0, 6}, {false, 3, 9}, {true, 0, 10}} {
		cfg := losing(t, 2)
		cfg.KeepGoing, cfg.Extra, cfg.Shrink, cfg.Confirm = c.keepGoing, c.extra, 0, 1
		summary, found, err := campaign.Hunt(t.Context(), cfg)
		require.NoError(t, err)
		require.Equal(t, c.run, summary.Runs)
		require.Equal(t, summary.Findings, len(found))
	}
}

// A listener hears of every run, in the order of seeds, and of every finding.
func TestTheListenerHearsEverythingInOrder(t *testing.T) {
	cfg := losing(t, 2)
	var seeds, told []string
	var counts []int
	shown := map[string]int{}
	cfg.Listen = campaign.Listener{
		Run: func(o *outcome.Outcome) {
			seeds = append(seeds, o.Seed)
			for _, f := range o.Findings() {
				shown[f.Signature]++
			}
		},
		Progress: func(s campaign.Summary) { counts = append(counts, s.Runs) },
		Finding: func(f campaign.Found) error {
			told = append(told, f.Finding.Signature)
			return nil
		},
	}
	summary, found, err := campaign.Hunt(t.Context(), cfg)
	require.NoError(t, err)
	for i := range 10 {
		require.Equal(t, strconv.Itoa(int(losingSeed())-5+i), seeds[i])
		require.Equal(t, i+1, counts[i])
	}
	require.Equal(t, []string{"prefix-agreement: fork", "acked-write-durable: write lost"}, told)
	require.Equal(t, 10, summary.Runs)
	for _, f := range found {
		require.Equal(t, 2, f.Reproduced)
		require.Equal(t, 2, f.Of)
		require.Zero(t, f.Mismatches)
		require.Equal(t, shown[f.Finding.Signature], summary.Failing[f.Finding.Signature])
		require.Less(t, len(f.Plan.JSON()), len(f.Original.JSON()), "the budget of runs is small, but does something")
		require.NotNil(t, f.Outcome.History)
	}
}

// A listener that cannot keep a finding ends the hunt: going on would lose the next, too.
func TestAListenerCanFail(t *testing.T) {
	cfg := losing(t, 2)
	cfg.Shrink = 0
	full := fmt.Errorf("no space left")
	cfg.Listen.Finding = func(campaign.Found) error { return full }
	_, found, err := campaign.Hunt(t.Context(), cfg)
	require.ErrorIs(t, err, full)
	require.Len(t, found, 1)
}

// An interrupt ends the hunt after what is under way, with a valid summary of it.
func TestAnInterruptedHuntTellsWhatItHas(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var seeds []string
	cfg := campaign.Config{Scenarios: only(servers()), From: 1, To: 1_000_000, Pool: newPool(t, 2)}
	cfg.Listen.Run = func(o *outcome.Outcome) {
		if seeds = append(seeds, o.Seed); len(seeds) == 5 {
			cancel()
		}
	}
	summary, found, err := campaign.Hunt(ctx, cfg)
	require.NoError(t, err)
	require.Empty(t, found)
	require.GreaterOrEqual(t, summary.Runs, 5)
	require.Less(t, summary.Runs, 50)
	require.Len(t, seeds, summary.Runs)
	for i, seed := range seeds {
		require.Equal(t, strconv.Itoa(i+1), seed, "no seed is missing")
	}
}

// What was found before the interrupt is told as it was seen.
func TestAnInterruptedHuntTellsItsFindings(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cfg := losing(t, 2)
	cfg.Listen.Run = func(o *outcome.Outcome) {
		if o.Verdict == outcome.Fail {
			cancel()
		}
	}
	_, found, err := campaign.Hunt(ctx, cfg)
	require.NoError(t, err)
	require.Len(t, found, 2)
	for _, f := range found {
		require.Zero(t, f.Of)
		require.Equal(t, f.Original, f.Plan)
		require.Equal(t, []string{"ack-before-sync"}, f.Plan.Bugs)
		require.Equal(t, strconv.Itoa(int(losingSeed())), f.Outcome.Seed)
	}
}

func TestAHuntOfNothingIsHollow(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	summary, _, err := campaign.Hunt(ctx, campaign.Config{Scenarios: only(servers()), From: 1, To: 9, Pool: newPool(t, 1)})
	require.NoError(t, err)
	require.Zero(t, summary.Runs)
	require.Equal(t, []string{"nothing was run"}, summary.Hollow)
}

// A campaign is hollow in what never happened, even if every run has a verdict.
func TestHollowSaysWhatNeverHappened(t *testing.T) {
	hunt := func(s *scenarios.Scenario, to uint64) campaign.Summary {
		summary, _, err := campaign.Hunt(t.Context(), campaign.Config{Scenarios: only(s), From: 1, To: to, Pool: newPool(t, 1)})
		require.NoError(t, err)
		return summary
	}
	require.Empty(t, hunt(servers(), 40).Hollow)
	summary := hunt(idler(), 4)
	require.Equal(t, 4, summary.Vacuous)
	require.Equal(t, []string{
		"orphan never had anything to examine",
		fmt.Sprintf("stall was armed %d times and never fired", summary.Faults["stall"].Armed),
	}, summary.Hollow)
}

// A hunt by time runs whole seeds, in order, until the time is over.
func TestAHuntByTimeEnds(t *testing.T) {
	summary, _, err := campaign.Hunt(t.Context(), campaign.Config{Scenarios: only(servers()), From: 1, For: 50 * time.Millisecond, Pool: newPool(t, 1)})
	require.NoError(t, err)
	require.Positive(t, summary.Runs)
	require.GreaterOrEqual(t, time.Duration(summary.WallNS), 50*time.Millisecond)
}

// Repeats of an exact scenario that run differently are counted, whatever they find.
func TestAScenarioThatIsNotExactIsNoticed(t *testing.T) {
	cfg := campaign.Config{Scenarios: only(drifter()), From: 1, To: 1, Confirm: 4, Pool: newPool(t, 1)}
	summary, found, err := campaign.Hunt(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, 3, summary.Mismatches)
	require.Equal(t, 4, found[0].Reproduced)
	require.Equal(t, "assertion: invariant violated: nothing drifts", found[0].Finding.Signature)
}

// A run that hangs takes the worker's patience each time: it is told as it was seen.
func TestAHangIsToldAtOnce(t *testing.T) {
	pool := newPool(t, 1)
	pool.Patience = 200 * time.Millisecond
	summary, found, err := campaign.Hunt(t.Context(), campaign.Config{
		Scenarios: only(hanger()), From: 1, To: 100, KeepGoing: true, Confirm: 20, Shrink: 400, Pool: pool,
	})
	require.NoError(t, err)
	require.Equal(t, 1, summary.Runs)
	require.Equal(t, "worker-hung", found[0].Finding.Rule)
	require.Zero(t, found[0].Of)
}

// A request that no worker can run ends the hunt with what is wrong.
func TestAHuntOfTheImpossibleIsAnError(t *testing.T) {
	cfg := campaign.Config{Scenarios: only(servers()), From: 1, To: 9, Bugs: []string{"typo"}, Pool: newPool(t, 2)}
	_, found, err := campaign.Hunt(t.Context(), cfg)
	require.EqualError(t, err, `scenario servers has no bug "typo"; it has: ack-before-sync, child-watch-by-data, events-for-everybody, observers-count, one-mode-for-both, reads-show-committed`)
	require.Empty(t, found)
}

func TestTheMostTellingFindingComesFirst(t *testing.T) {
	belief := outcome.Finding{Checker: "belief", Class: outcome.Limitation}
	bug := outcome.Finding{Checker: "orphan", Class: outcome.Bug}
	effect := outcome.Finding{Checker: "effects", Class: outcome.Limitation}
	require.Equal(t, effect, campaign.Telling([]outcome.Finding{belief, bug, effect}))
	require.Equal(t, bug, campaign.Telling([]outcome.Finding{belief, bug}))
	require.Equal(t, belief, campaign.Telling([]outcome.Finding{belief}))
}
