package scenarios_test

import (
	"hash/fnv"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/workloads"
)

const plenty = 100_000

// crowded is a plan of which every fault has its own instant and every operation its own
// value, so that a predicate can ask for them.
func crowded(t *rapid.T) *scenarios.Plan {
	p := scenarios.Servers().Draw(1)
	p.Faults, p.Ops = []fault.Clause{}, []workloads.Op{}
	for i := range rapid.IntRange(1, 12).Draw(t, "faults") {
		p.Faults = append(p.Faults, fault.Clause{Kind: fault.Pause, Who: fault.Server(1 + i%3), At: clock.Span(1+i) * 1e9, For: 4e9})
	}
	for i := range rapid.IntRange(1, 40).Draw(t, "ops") {
		p.Ops = append(p.Ops, workloads.Op{Client: 1 + i%3, At: clock.Span(i) * 1e8, Do: "set", Path: "/a", Value: string(rune('A' + i))})
	}
	return p
}

// some draws a subset, in order.
func some[T any](t *rapid.T, all []T, name string) (out []T) {
	for _, x := range all {
		if rapid.IntRange(0, 3).Draw(t, name) == 0 {
			out = append(out, x)
		}
	}
	return out
}

func hasFault(p *scenarios.Plan, c fault.Clause) bool {
	return slices.ContainsFunc(p.Faults, func(d fault.Clause) bool { return c.At == d.At })
}

// needs is the predicate of a failure that takes exactly these faults and operations.
func needs(faults []fault.Clause, ops []workloads.Op) func(*scenarios.Plan) bool {
	return func(p *scenarios.Plan) bool {
		for _, c := range faults {
			if !hasFault(p, c) {
				return false
			}
		}
		for _, o := range ops {
			if !slices.ContainsFunc(p.Ops, func(x workloads.Op) bool { return reflect.DeepEqual(x, o) }) {
				return false
			}
		}
		return true
	}
}

// A failure that takes some faults and some operations is shrunk to those and no others,
// and clients without a part in it do nothing.
func TestShrinkFindsWhatTheFailureNeeds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := crowded(t)
		faults, ops := some(t, p.Faults, "fault"), some(t, p.Ops, "op")
		small, _ := scenarios.Shrink(p, needs(faults, ops), plenty)
		if len(small.Faults) != len(faults) || !reflect.DeepEqual(small.Ops, append([]workloads.Op{}, ops...)) {
			t.Fatalf("needed %v and %v, kept %v and %v", faults, ops, small.Faults, small.Ops)
		}
		for c := 1; c <= 3; c++ {
			works := slices.ContainsFunc(ops, func(o workloads.Op) bool { return o.Client == c })
			if slices.Contains(small.Idle, c) == works {
				t.Fatalf("client %d: works %v, idle %v", c, works, small.Idle)
			}
		}
	})
}

// whim is a predicate without any sense in it; the plan that it starts from fails.
func whim(p *scenarios.Plan, salt byte) func(*scenarios.Plan) bool {
	first := string(p.JSON())
	return func(c *scenarios.Plan) bool {
		h := fnv.New32a()
		h.Write(append(c.JSON(), salt))
		return string(c.JSON()) == first || h.Sum32()%3 == 0
	}
}

// Whatever the failure depends on: what comes back fails, nothing more can be taken away
// from it, the budget is kept, and only plans that can be run were tried.
func TestShrinkReturnsAPlanThatFails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := crowded(t)
		before := string(p.JSON())
		fails := whim(p, rapid.Byte().Draw(t, "salt"))
		budget := rapid.SampledFrom([]int{0, 1, 7, 50, plenty}).Draw(t, "budget")
		calls := 0
		small, runs := scenarios.Shrink(p, func(c *scenarios.Plan) bool {
			calls++
			if err := c.Validate(); err != nil {
				t.Fatalf("an impossible plan was tried: %v", err)
			}
			return fails(c)
		}, budget)
		if !fails(small) || calls != runs || runs > budget || string(p.JSON()) != before {
			t.Fatalf("fails %v, %d calls, %d runs of %d, original kept %v", fails(small), calls, runs, budget, string(p.JSON()) == before)
		}
		if budget == plenty {
			requireMinimal(t, small, fails)
		}
	})
}

func requireMinimal(t *rapid.T, small *scenarios.Plan, fails func(*scenarios.Plan) bool) {
	for i := range small.Faults {
		c := *small
		c.Faults = slices.Delete(slices.Clone(small.Faults), i, i+1)
		if fails(&c) {
			t.Fatalf("fault %d of %d could go", i, len(small.Faults))
		}
	}
	for i := range small.Ops {
		c := *small
		c.Ops = slices.Delete(slices.Clone(small.Ops), i, i+1)
		if fails(&c) {
			t.Fatalf("operation %d of %d could go", i, len(small.Ops))
		}
	}
}

// Shrinking counts runs and looks at no clock: the same failure shrinks the same way.
func TestShrinkIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := crowded(t)
		fails := whim(p, rapid.Byte().Draw(t, "salt"))
		budget := rapid.IntRange(0, 200).Draw(t, "budget")
		one, first := scenarios.Shrink(p, fails, budget)
		two, second := scenarios.Shrink(p, fails, budget)
		if string(one.JSON()) != string(two.JSON()) || first != second {
			t.Fatalf("%d runs gave\n%s\nthen %d gave\n%s", first, one.JSON(), second, two.JSON())
		}
	})
}

// A larger budget never gives a larger plan.
func TestShrinkUsesItsBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := crowded(t)
		fails := needs(some(t, p.Faults, "fault"), some(t, p.Ops, "op"))
		size := len(p.Faults) + len(p.Ops) + 1
		for budget := 0; budget < 60; budget += 5 {
			small, _ := scenarios.Shrink(p, fails, budget)
			now := len(small.Faults) + len(small.Ops)
			if now > size {
				t.Fatalf("a budget of %d gives %d parts, less gave %d", budget, now, size)
			}
			size = now
		}
	})
}

// Faults are shortened to less than twice what the failure needs, triggers go back to
// their first occasion that fails, and the run ends early.
func TestShrinkShortensFaultsTriggersAndTheRun(t *testing.T) {
	p := scenarios.Servers().Draw(1)
	p.Ops = []workloads.Op{}
	p.Faults = []fault.Clause{{Kind: fault.Isolate, Who: fault.Client(1), At: 1e9, For: 8e9, On: fault.OnAcquire, Nth: 5}}
	small, _ := scenarios.Shrink(p, func(c *scenarios.Plan) bool {
		return len(c.Faults) == 1 && c.Faults[0].For >= 3e9 && c.Faults[0].Nth >= 3 && time.Duration(c.Duration) >= 5*time.Second
	}, plenty)
	require.Equal(t, []fault.Clause{{Kind: fault.Isolate, Who: fault.Client(1), At: 1e9, For: 4e9, On: fault.OnAcquire, Nth: 3}}, small.Faults)
	require.Less(t, time.Duration(small.Duration), 7*time.Second)
	require.GreaterOrEqual(t, time.Duration(small.Duration), 5*time.Second)
	require.Equal(t, []int{1, 2, 3}, small.Idle)
}

// Branches go, except those that the failure needs, and only after everything else has.
func TestShrinkTakesAwayBranches(t *testing.T) {
	p := scenarios.Servers().Draw(1)
	p.Noise = append(p.Noise, scenarios.NoiseInterval{From: 1e9, Key: 2}, scenarios.NoiseInterval{From: 2e9, Key: 3}, scenarios.NoiseInterval{From: 3e9, Key: 4})
	whole := scenarios.Noise{p.Noise[0], p.Noise[1], p.Noise[2], p.Noise[3]}
	needed := p.Noise[2]
	small, _ := scenarios.Shrink(p, func(c *scenarios.Plan) bool {
		if len(c.Noise) < len(whole) {
			require.Empty(t, c.Ops, "the noise comes last")
		}
		return c.Noise[0] == whole[0] && slices.Contains(c.Noise, needed)
	}, plenty)
	require.Equal(t, scenarios.Noise{whole[0], needed}, small.Noise)
	require.Equal(t, whole, p.Noise, "the original is left alone")
}
