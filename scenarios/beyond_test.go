package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/sim/fault"
)

// wipesAMajority is a plan that no replicated service survives.
func wipesAMajority() *scenarios.Plan {
	p := scenarios.Servers().Draw(1)
	p.Faults = []fault.Clause{{Kind: fault.Wipe, Who: fault.Majority(), At: 10e9, For: 1e9}}
	return p
}

// Inside the budget a majority is not wiped: the clause is refused, and nothing else happens.
func TestAMajorityIsNotWiped(t *testing.T) {
	out := mustRun(t, scenarios.Servers(), wipesAMajority(), scenarios.Options{})
	require.Equal(t, outcome.Vacuous, out.Verdict)
	require.Equal(t, "faults were armed and none fired", out.Reason)
	require.Equal(t, 1, out.Faults[0].Refused)
	require.False(t, out.Beyond)
	require.Equal(t, outcome.Pass, checkOf(t, out, "liveness").Verdict)
}

// Beyond the budget it is, what was written is lost, and the outcome says that liveness
// was not judged.
func TestBeyondTheBudgetOnlySafetyIsJudged(t *testing.T) {
	p := wipesAMajority()
	p.Beyond = true
	again, err := scenarios.ParsePlan(p.JSON())
	require.NoError(t, err)
	require.True(t, again.Beyond)
	out := mustRun(t, scenarios.Servers(), again, scenarios.Options{})
	require.True(t, out.Beyond)
	require.Equal(t, 1, out.Faults[0].Fired)
	require.Equal(t, outcome.Fail, checkOf(t, out, "durability").Verdict)
	for _, c := range out.Checks {
		require.NotEqual(t, "liveness", c.Name)
	}
}

// A failure that does not need to go beyond the budget is shrunk to one that does not.
func TestShrinkStaysInsideTheBudgetIfItCan(t *testing.T) {
	p := wipesAMajority()
	p.Beyond = true
	small, _ := scenarios.Shrink(p, func(*scenarios.Plan) bool { return true }, plenty)
	require.False(t, small.Beyond)
	small, _ = scenarios.Shrink(p, func(q *scenarios.Plan) bool { return q.Beyond }, plenty)
	require.True(t, small.Beyond)
}
