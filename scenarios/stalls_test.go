package scenarios_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/sim/fault"
)

// Every stage that a plan may stall has something to do that a stall holds back, and the
// ledger says so; a stage that nobody stalls is not counted.
func TestStallsOfEveryStageMatter(t *testing.T) {
	s := scenarios.Servers()
	for _, stage := range s.Faults.Stages {
		p := s.Draw(7)
		p.Knobs, p.Faults = scenarios.Knobs{}, nil
		length := "1s"
		if stage == "expiry" {
			length = "7s" // until something expires
		}
		for _, text := range []string{
			"at 3s for 12s kill client 1", // its session expires
			"at 4s for 1s kill leader",    // somebody is elected
			"at 4500ms for " + length + " stall servers stage " + stage,
		} {
			c, err := fault.Parse(text)
			require.NoError(t, err)
			p.Faults = append(p.Faults, c)
		}
		out := mustRun(t, s, p, scenarios.Options{})
		require.Empty(t, out.Findings(), stage)
		for _, f := range out.Faults {
			if strings.Contains(f.Clause, "stall") {
				require.Positive(t, f.Mattered, stage)
			}
		}
	}
}
