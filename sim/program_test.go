package sim_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/clock/simclock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/sim"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/sim/proc"
)

const second = clock.Instant(time.Second)

// program is a client process whose code is coroutines.
type program struct{ *proc.Runtime }

func (program) NetEvent(clock.Now, net.Event) {}
func (program) DiskDone(clock.Now, disk.Done) {}
func (program) Wake(clock.Now)                {}
func (p program) Stop()                       { p.Kill() }

// stage is a world with one such client, and what it said: when by the world's clock, when
// by its own, and what.
type stage struct {
	*sim.World
	t     require.TestingT
	lines []string
	lives int
}

func newStage(t require.TestingT, main func(s *stage, rt *proc.Runtime)) *stage {
	s := &stage{World: sim.New(sim.Config{}), t: t}
	p := s.AddClientProcess(func(env sim.Env, _ clock.Now) (sim.Server, error) {
		s.lives++
		rt := proc.New(s.Kernel, proc.Config{Name: "A", Machine: env.Time})
		rt.Spawn("main", func() { main(s, rt) })
		return program{rt}, nil
	})
	require.NoError(t, p.Start())
	return s
}

func (s *stage) say(rt client.Runtime, format string, args ...any) {
	short := func(at clock.Instant) string { return fmt.Sprintf("%g", time.Duration(at).Seconds()) }
	s.lines = append(s.lines, short(s.Kernel.Now())+" ("+short(rt.Now())+") "+fmt.Sprintf(format, args...))
}

func (s *stage) run(clauses ...string) string {
	var all []fault.Clause
	for _, text := range clauses {
		c, err := fault.Parse(text)
		require.NoError(s.t, err)
		all = append(all, c)
	}
	s.Arm(all)
	require.NoError(s.t, s.Kernel.Run(60*second))
	return strings.Join(s.lines, "\n")
}

// sleeper sleeps for two seconds, and then waits for what never comes with a deadline of
// four more.
func sleeper(s *stage, rt *proc.Runtime) {
	life := s.lives
	err := rt.Sleep(context.Background(), 2*time.Second)
	s.say(rt, "life %d slept: %v", life, err)
	ctx, cancel := rt.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	err = rt.NewSignal("never").Wait(ctx)
	s.say(rt, "life %d waited: %v", life, err)
}

func lines(l ...string) string { return strings.Join(l, "\n") }

// What happens to a machine happens to the program on it.
func TestAProgramLivesOnItsMachine(t *testing.T) {
	for name, c := range map[string]struct {
		clauses []string
		want    string
	}{
		"undisturbed": {nil, lines(
			"2 (2) life 1 slept: <nil>", "6 (6) life 1 waited: context deadline exceeded")},
		"a fast clock": {[]string{"at 1s for 1h clockrate client 1 to 200%"}, lines(
			"1.5 (2) life 1 slept: <nil>", "3.5 (6) life 1 waited: context deadline exceeded")},
		"a slow clock, for a while": {[]string{"at 1s for 4s clockrate client 1 to 50%"}, lines(
			"3 (2) life 1 slept: <nil>", "8 (6) life 1 waited: context deadline exceeded")},
		"a frozen clock": {[]string{"at 1s for 3s clockfreeze client 1", "at 5.5s for 1s clockfreeze client 1"}, lines(
			"5 (2) life 1 slept: <nil>", "10 (6) life 1 waited: context deadline exceeded")},
		"the calendar is no concern": {[]string{"at 1s for 2s clockstep client 1 by 1h", "at 3s clockjump client 1 by -1h"}, lines(
			"2 (2) life 1 slept: <nil>", "6 (6) life 1 waited: context deadline exceeded")},
		"a pause": {[]string{"at 1s for 2s pause client 1"}, lines(
			"3 (3) life 1 slept: <nil>", "7 (7) life 1 waited: context deadline exceeded")},
		"a pause in which nothing is due": {[]string{"at 1s for 500ms pause client 1"}, lines(
			"2 (2) life 1 slept: <nil>", "6 (6) life 1 waited: context deadline exceeded")},
		"a slow processor": {[]string{"at 1s for 20s slowcpu client 1 by 100ms"}, lines(
			"2.1 (2.1) life 1 slept: <nil>", "6.2 (6.2) life 1 waited: context deadline exceeded")},
		"death and a second life": {[]string{"at 3s for 1s kill client 1"}, lines(
			"2 (2) life 1 slept: <nil>", "3 (3) life 1 waited: client: the program was stopped",
			"6 (6) life 2 slept: <nil>", "10 (10) life 2 waited: context deadline exceeded")},
		"death during a pause": {[]string{"at 1s for 4s pause client 1", "at 2.5s for 1s powerloss client 1"}, lines(
			"2.5 (2.5) life 1 slept: client: the program was stopped", "2.5 (2.5) life 1 waited: client: the program was stopped",
			"5.5 (5.5) life 2 slept: <nil>", "9.5 (9.5) life 2 waited: context deadline exceeded")},
		"a second life on a frozen clock": {[]string{"at 1s restart client 1", "at 500ms for 2s clockfreeze client 1"}, lines(
			"1 (0.5) life 1 slept: client: the program was stopped", "1 (0.5) life 1 waited: client: the program was stopped",
			"4.5 (2.5) life 2 slept: <nil>", "8.5 (6.5) life 2 waited: context deadline exceeded")},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, newStage(t, sleeper).run(c.clauses...))
		})
	}
}

// Whatever happens to its clock, a program never wakes early by it, and none of its sleeps
// is lost.
func TestSleepsUnderAnyClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		naps := rapid.SliceOfN(rapid.Int64Range(0, 3e9), 1, 12).Draw(t, "naps")
		var late []time.Duration
		main := func(_ *stage, rt *proc.Runtime) {
			for _, d := range naps {
				due := rt.Now().Add(time.Duration(d))
				require.NoError(t, rt.Sleep(context.Background(), time.Duration(d)))
				late = append(late, rt.Now().Sub(due))
			}
		}
		var clauses []string
		for range rapid.IntRange(0, 6).Draw(t, "clauses") {
			at, d := rapid.IntRange(0, 20_000_000).Draw(t, "at"), rapid.IntRange(1, 5_000_000).Draw(t, "for")
			what := rapid.SampledFrom([]string{"clockfreeze client 1", "clockrate client 1 to 7%", "clockrate client 1 to 103%", "clockrate client 1 to 250%", "clockstep client 1 by -3s"}).Draw(t, "what")
			clauses = append(clauses, fmt.Sprintf("at %dus for %dus %s", at, d, what))
		}
		newStage(t, main).run(clauses...)
		require.Len(t, late, len(naps))
		for _, d := range late {
			require.GreaterOrEqual(t, d, time.Duration(0))
			require.LessOrEqual(t, d, time.Duration(simclock.MaxRate/simclock.True), "within the next nanosecond of the world")
		}
	})
}

// An alarm of a wait that ended before it is left in the queue, and looks again when it
// rings: also on a machine.
func TestAnAlarmThatIsMovedToLater(t *testing.T) {
	s := newStage(t, func(s *stage, rt *proc.Runtime) {
		found := rt.NewSignal("found")
		rt.Spawn("finder", func() {
			require.NoError(t, rt.Sleep(context.Background(), time.Second))
			found.Fire()
		})
		fired, err := found.WaitUntil(context.Background(), 3*second)
		s.say(rt, "%v %v", fired, err)
		s.say(rt, "%v", rt.Sleep(context.Background(), 4*time.Second))
	})
	require.Equal(t, lines("1 (1) true <nil>", "5 (5) <nil>"), s.run())
}
