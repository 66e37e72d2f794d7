package scenarios_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/workloads"
)

func mustDraw(t require.TestingT, s *scenarios.Scenario, seed scenarios.Seed) *scenarios.Plan {
	p, err := s.DrawSeed(seed)
	require.NoError(t, err)
	return p
}

// until runs a plan up to an event.
func until(t require.TestingT, s *scenarios.Scenario, p *scenarios.Plan, event uint64) *outcome.Outcome {
	out, clean := scenarios.Run(s, p, scenarios.Options{Until: event})
	require.True(t, clean)
	return out
}

// Up to the event of a branch the run is the one that it branches from, event for event;
// from there on it is another. It is the same each time, and its plan is all it takes.
func TestABranchSharesItsBeginning(t *testing.T) {
	s := scenarios.Servers()
	rapid.Check(t, func(t *rapid.T) {
		trunk := scenarios.Seed{Root: rapid.Uint64Range(1, 50).Draw(t, "root")}
		p := mustDraw(t, s, trunk)
		branches := rapid.IntRange(1, 2).Draw(t, "branches")
		for after := uint64(0); len(trunk.Branches) < branches; {
			after = rapid.Uint64Range(after+1, 1200*uint64(1+len(trunk.Branches))).Draw(t, "after")
			branched := trunk
			branched.Branches = append(branched.Branches, scenarios.Branch{After: after, Seed: uint64(len(trunk.Branches)+1)*100 + rapid.Uint64Range(0, 50).Draw(t, "seed")})
			q := mustDraw(t, s, branched)
			require.Equal(t, branched.String(), q.Seed)

			was, is := until(t, s, p, after), until(t, s, q, after)
			require.Equal(t, after, is.Events)
			require.Equal(t, was.Digest, is.Digest)
			require.NotEqual(t, until(t, s, p, 0).Digest, until(t, s, q, 0).Digest)

			saved, err := scenarios.ParsePlan(q.JSON())
			require.NoError(t, err)
			require.Equal(t, until(t, s, q, 0).Digest, until(t, s, saved, 0).Digest, "a saved branch replays")
			require.Equal(t, q, mustDraw(t, s, branched), "it is drawn alike each time")
			trunk, p = branched, q
		}
	})
}

// What has begun stays, in its place; what has not is the other seed's.
func TestABranchRedrawsWhatHasNotBegun(t *testing.T) {
	s := scenarios.Servers()
	trunk, other := s.Draw(2), s.Draw(7)
	p := mustDraw(t, s, scenarios.Seed{Root: 2, Branches: []scenarios.Branch{{After: 1500, Seed: 7}}})
	require.Len(t, p.Noise, 2)
	require.Equal(t, trunk.Noise[0], p.Noise[0])
	require.Equal(t, other.Noise[0].Key, p.Noise[1].Key)

	from := p.Noise[1].From
	require.EqualValues(t, until(t, s, trunk, 1500).VirtualNS+1, from, "the instant of the event is still the trunk's")
	var kept, redrawn []fault.Clause
	for i, c := range p.Faults {
		if c.At < from {
			kept = append(kept, c)
			require.Equal(t, trunk.Faults[i], c)
		} else {
			redrawn = append(redrawn, c)
			require.Contains(t, other.Faults, c)
		}
	}
	require.NotEmpty(t, kept)
	require.NotEmpty(t, redrawn)
	earlier, later := 0, 0
	values := map[string]bool{}
	for _, op := range p.Ops {
		if op.At < from {
			earlier++
			require.Contains(t, trunk.Ops, op)
		} else {
			later++
			require.Contains(t, other.Ops, op)
		}
		require.False(t, values[op.Value], "a value is written once")
		values[op.Value] = true
	}
	require.Equal(t, len(trunk.Ops), earlier+later)
	require.NotZero(t, earlier)
	require.NotZero(t, later)
}

// early draws operations whose instants depend on the seed, so that a branch could begin
// an operation that its trunk has already behind it.
func early(s *scenarios.Scenario) *scenarios.Scenario {
	draw := s.Ops
	s.Ops = func(key rng.Key, client int) []workloads.Op {
		ops := draw(key, client)
		for i := range ops {
			ops[i].At += clock.Span(key.Int(uint64(i)).Of("later").Between(0, 5e9))
		}
		return ops
	}
	return s
}

// A value that was written before the branch is not written again after it: checkers tell
// writes apart by their values.
func TestValuesStayUnique(t *testing.T) {
	s := early(scenarios.Servers())
	marked := 0
	for root := range uint64(5) {
		p := mustDraw(t, s, scenarios.Seed{Root: root, Branches: []scenarios.Branch{{After: 900, Seed: 7}, {After: 1400, Seed: 9}}})
		values := map[string]bool{}
		for _, op := range p.Ops {
			require.False(t, values[op.Value], op.Value)
			values[op.Value] = true
			if op.Value[len(op.Value)-1] == '\'' {
				marked++
			}
		}
	}
	require.NotZero(t, marked)
}

// Two branches within one instant: nothing is left of the first.
func TestABranchWithinAnInstant(t *testing.T) {
	s := scenarios.Servers()
	p := mustDraw(t, s, scenarios.Seed{Root: 3, Branches: []scenarios.Branch{{After: 1, Seed: 5}, {After: 2, Seed: 6}}})
	require.Equal(t, until(t, s, p, 1).VirtualNS, until(t, s, p, 2).VirtualNS, "else this tests nothing")
	require.Len(t, p.Noise, 2)
	require.Equal(t, s.Draw(6).Noise[0].Key, p.Noise[1].Key)
}

func TestSeedsThatCannotBranch(t *testing.T) {
	branched := scenarios.Seed{Root: 1, Branches: []scenarios.Branch{{After: 1_000_000, Seed: 2}}}
	_, err := scenarios.Servers().DrawSeed(branched)
	require.ErrorContains(t, err, "seed 1@1000000:2: the run has only ")
	require.ErrorContains(t, err, " events, and cannot branch after event 1000000")
	_, err = lockScenario().DrawSeed(branched)
	require.EqualError(t, err, "seed 1@1000000:2: scenario lock has guests, so the same event need not come at the same instant again, and only exact scenarios have seeds that branch; instead, save the plan with run --out and add an interval to its noise")
	_, err = scenarios.Servers().DrawSeed(scenarios.Seed{Root: 1}, "typo")
	require.ErrorContains(t, err, `scenario servers has no bug "typo"`)
	p, err := lockScenario().DrawSeed(scenarios.Seed{Root: 1})
	require.NoError(t, err)
	require.Equal(t, lockScenario().Draw(1), p)
}

// A bug that is switched on is so before the branch as well.
func TestABranchHasTheBugsOfItsTrunk(t *testing.T) {
	s := scenarios.Servers()
	seed := scenarios.Seed{Root: 135, Branches: []scenarios.Branch{{After: 1000, Seed: 7}}}
	p, err := s.DrawSeed(seed, "ack-before-sync")
	require.NoError(t, err)
	require.Equal(t, []string{"ack-before-sync"}, p.Bugs)
	trunk := s.Draw(135)
	trunk.Bugs = p.Bugs
	require.Equal(t, until(t, s, trunk, 1000).Digest, until(t, s, p, 1000).Digest)
	require.NotEqual(t, until(t, s, s.Draw(135), 1000).Digest, until(t, s, p, 1000).Digest, "else this tests nothing")
}

// A client whose clock runs fast begins operations before the world's time has come to
// them. They are not drawn anew.
func TestABranchKeepsWhatAFastClockMayHaveBegun(t *testing.T) {
	s := scenarios.Servers()
	s.Faults.Kinds = []fault.Kind{fault.ClockRate}
	ahead := 0
	for root := uint64(1); root <= 20; root++ {
		trunk := s.Draw(root)
		p := mustDraw(t, s, scenarios.Seed{Root: root, Branches: []scenarios.Branch{{After: 2000, Seed: 7}}})
		require.Equal(t, until(t, s, trunk, 2000).Digest, until(t, s, p, 2000).Digest, "seed %d", root)
		for i, op := range p.Ops {
			if op.At >= p.Noise[1].From && reflect.DeepEqual(op, trunk.Ops[i]) && !reflect.DeepEqual(op, s.Draw(7).Ops[i]) {
				ahead++
			}
		}
	}
	require.Positive(t, ahead)
}
