package scenarios_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/workloads"
)

// Sessions and elections are timed by the monotonic clock of the server that watches them:
// each line is what faults of clocks do, and do not do, to a service that is otherwise
// undisturbed. Whatever they do, nothing that is promised breaks.
func TestWhatClocksDoToTheService(t *testing.T) {
	for name, c := range map[string]struct {
		clauses            []string
		quiet              bool // no operations after 3s
		expired, newLeader bool
	}{
		"nothing": {},
		"calendars that jump and are stepped": {clauses: []string{
			"at 2s clockjump servers by 24h", "at 4s clockjump leader by -48h", "at 5s for 5s clockstep servers by 9h", "at 6s clockjump client 1 by -1h"}},
		"clocks within five percent": {clauses: []string{
			"at 1s for 17s clockrate leader to 105%", "at 1s for 17s clockrate client 1 to 95%", "at 1s for 17s clockrate client 2 to 105%", "at 3s for 12s clockrate minority to 95%"}},
		"a leader's clock that runs ten times as fast expires sessions that are alive": {clauses: []string{
			"at 3s for 8s clockrate leader to 1000%"}, expired: true},
		"a leader whose clock stands still goes on leading while there is work: followers hear its proposals": {clauses: []string{
			"at 3s for 8s clockfreeze leader"}},
		"and is replaced when there is none: it sends no pings; clients that stay with it lose their sessions": {clauses: []string{
			"at 3s for 8s clockfreeze leader"}, quiet: true, expired: true, newLeader: true},
		"who watches sessions with a clock that stands still expires none": {clauses: []string{
			"at 3s for 14s clockfreeze leader", "at 4s for 12s isolate client 1"}},
		"which a clock that runs does": {clauses: []string{
			"at 4s for 12s isolate client 1"}, expired: true},
		"a leader whose processor is too slow is replaced": {clauses: []string{
			"at 3s for 8s slowcpu leader by 400ms"}, newLeader: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := scenarios.Servers().WithoutFaults()
			p := s.Draw(4) // with some others, such as 3, followers come back to the frozen leader one by one
			for _, text := range c.clauses {
				clause, err := fault.Parse(text)
				require.NoError(t, err)
				p.Faults = append(p.Faults, clause)
			}
			if c.quiet {
				p.Ops = slices.DeleteFunc(p.Ops, func(op workloads.Op) bool { return op.At > clock.Span(3*time.Second) })
			}
			out := mustRun(t, s, p, scenarios.Options{History: true})
			require.Equal(t, outcome.Pass, out.Verdict, out.Findings())
			for _, f := range out.Faults {
				require.Positive(t, f.Fired, f.Clause)
				require.Positive(t, f.Mattered, f.Clause)
			}
			require.Equal(t, c.expired, facts(out.History, history.SessionExpired) > 0, "sessions expired")
			require.Equal(t, c.newLeader, facts(out.History, history.Established) > 1, "leaders")
		})
	}
}

func facts(l *history.Log, kind history.FactKind) (n int) {
	for _, f := range l.Facts {
		if f.Kind == kind {
			n++
		}
	}
	return n
}
