package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/workloads"
)

func set(client int, at clock.Span, value string) workloads.Op {
	return workloads.Op{Client: client, At: at, Do: "set", Path: "/a", Value: value}
}

func slow(at, length, extra clock.Span) fault.Clause {
	return fault.Clause{Kind: fault.SlowLink, Who: fault.Server(1), At: at, For: length, Extra: extra}
}

// Each plan has no part that could go alone; so what is left shows that parts went together.
func TestShrinkChangesSeveralThingsAtOnce(t *testing.T) {
	count := func(p *scenarios.Plan, value string) (n int) {
		for _, o := range p.Ops {
			if o.Value == value {
				n++
			}
		}
		return n
	}
	for name, c := range map[string]struct {
		faults []fault.Clause
		ops    []workloads.Op
		fails  func(p *scenarios.Plan) bool
		want   scenarios.Size
	}{
		"two operations that only make up for each other": {
			ops:   []workloads.Op{set(1, 1e9, "x"), set(1, 2e9, "y"), set(1, 3e9, "x")},
			fails: func(p *scenarios.Plan) bool { return count(p, "y") == 1 && count(p, "x")%2 == 0 },
			want:  scenarios.Size{Ops: 1, Clients: 1},
		},
		"a fault, and the operation that it needs": {
			faults: []fault.Clause{slow(1e9, 1e9, 1e6)},
			ops:    []workloads.Op{set(1, 1e9, "x"), set(1, 2e9, "y")},
			fails:  func(p *scenarios.Plan) bool { return count(p, "y") == 1 && len(p.Faults) == count(p, "x") },
			want:   scenarios.Size{Ops: 1, Clients: 1},
		},
		"one fault does the work of two": {
			faults: []fault.Clause{slow(1e9, 1e9, 60e6), slow(15e8, 1e9, 50e6)},
			fails: func(p *scenarios.Plan) bool {
				sum := clock.Span(0)
				for _, f := range p.Faults {
					sum += f.Extra
				}
				return sum > 100e6
			},
			want: scenarios.Size{Faults: 1},
		},
		"one that cuts off what two slowed down": {
			faults: []fault.Clause{slow(1e9, 1e9, 60e6), slow(15e8, 1e9, 50e6)},
			fails: func(p *scenarios.Plan) bool {
				return len(p.Faults) == 2 || len(p.Faults) == 1 && p.Faults[0].Kind == fault.Isolate
			},
			want: scenarios.Size{Faults: 1},
		},
		"one client does what two did": {
			ops:   []workloads.Op{set(1, 1e9, "x"), set(2, 2e9, "y")},
			fails: func(p *scenarios.Plan) bool { return count(p, "x") == 1 && count(p, "y") == 1 },
			want:  scenarios.Size{Ops: 2, Clients: 1},
		},
		"fewer faults, with other latencies": {
			faults: []fault.Clause{slow(1e9, 1e9, 1e6), slow(2e9, 1e9, 1e6)},
			fails: func(p *scenarios.Plan) bool {
				return len(p.Faults) == 2 || len(p.Faults) == 1 && p.Noise[0].Key == 7
			},
			want: scenarios.Size{Faults: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := scenarios.Servers().Draw(1)
			p.Faults, p.Ops, p.Mixed = append([]fault.Clause{}, c.faults...), append([]workloads.Op{}, c.ops...), 0
			require.True(t, c.fails(p))
			small, runs := scenarios.Shrink(p, c.fails, 300)
			require.True(t, c.fails(small))
			require.Equal(t, c.want, small.Size(), "%v %v", small.Faults, small.Ops)
			require.Less(t, runs, 300, "it came to an end by itself")
		})
	}
}

// A run whose operations come late begins with them, and ends earlier.
func TestShrinkPullsOperationsForward(t *testing.T) {
	p := scenarios.Servers().Draw(1)
	p.Ops = []workloads.Op{set(1, 9e9, "x")}
	p.Faults = []fault.Clause{slow(8e9, 2e9, 1e6)}
	small, _ := scenarios.Shrink(p, func(p *scenarios.Plan) bool {
		return len(p.Ops) == 1 && len(p.Faults) == 1 && p.Ops[0].At-p.Faults[0].At <= 1e9 && p.Ops[0].At < p.Duration
	}, 300)
	require.Less(t, small.Ops[0].At, clock.Span(1e9))
	require.Less(t, small.Duration, clock.Span(3e9))
}
