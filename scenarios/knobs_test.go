package scenarios_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/sim/fault"
)

// turned is one plan for each knob: it alone is turned, so far that it shows.
var turned = map[string]scenarios.Knobs{
	"window":         {Window: 1},
	"retransmission": {Retransmission: clock.Span(100 * time.Millisecond)},
	"connect":        {Connect: clock.Span(100 * time.Millisecond)},
	"sector":         {Sector: 1},
	"append":         {Append: clock.Span(5 * time.Millisecond)},
	"snapshot_every": {SnapshotEvery: 1},
	"commit_log":     {CommitLog: 1},
}

// rough is a run in which every knob matters: a link is blocked for long, machines lose
// power while they sync, and somebody has to be dialed meanwhile.
func rough(t *testing.T, k scenarios.Knobs) *scenarios.Plan {
	p := scenarios.Servers().Draw(1)
	p.Knobs, p.Faults = k, nil
	for at := 2; at < 18; at += 2 {
		p.Faults = append(p.Faults, fault.Clause{Kind: fault.PowerLoss, Who: fault.It(), At: clock.Span(at) * clock.Span(time.Second), For: clock.Span(time.Second), On: fault.OnUnsynced, Nth: 3})
	}
	for _, text := range []string{"at 3s for 6s isolate server 1", "at 12s for 4s isolate server 2", "at 13s reset server 2"} {
		c, err := fault.Parse(text)
		require.NoError(t, err)
		p.Faults = append(p.Faults, c)
	}
	return p
}

// Every knob changes what happens, and none breaks what is promised.
func TestKnobsMatter(t *testing.T) {
	s := scenarios.Servers()
	usual := mustRun(t, s, rough(t, scenarios.Knobs{}), scenarios.Options{})
	for name, k := range turned {
		p := rough(t, k)
		require.Contains(t, string(p.JSON()), `"`+name+`"`)
		out := mustRun(t, s, p, scenarios.Options{})
		require.NotEqual(t, usual.Digest, out.Digest, name)
		require.Empty(t, out.Findings(), name)
	}
	require.NotContains(t, string(rough(t, scenarios.Knobs{}).JSON()), "knobs")
}

func TestEveryKnobIsTurnedInSomePlans(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(200) {
		k := scenarios.Servers().Draw(seed).Knobs
		for name, on := range map[string]bool{
			"window": k.Window > 0, "retransmission": k.Retransmission > 0, "connect": k.Connect > 0,
			"sector": k.Sector > 0, "append": k.Append > 0, "snapshot_every": k.SnapshotEvery > 0, "commit_log": k.CommitLog > 0, "none": k == scenarios.Knobs{},
		} {
			if on {
				seen[name]++
			}
		}
	}
	for name := range turned {
		require.Greater(t, seen[name], 30, name)
		require.Less(t, seen[name], 110, name)
	}
	require.Positive(t, seen["none"])
	require.Zero(t, lockScenario().Draw(1).Knobs)
}

// What a finding does not need is put back.
func TestShrinkingPutsKnobsBack(t *testing.T) {
	p := rough(t, scenarios.Knobs{Window: 64, Connect: 1, Sector: 16, Append: 1, SnapshotEvery: 5, Retransmission: 1})
	small, _ := scenarios.Shrink(p, func(p *scenarios.Plan) bool { return p.Knobs.Sector == 16 }, 1000)
	require.Equal(t, scenarios.Knobs{Sector: 16}, small.Knobs)
}
