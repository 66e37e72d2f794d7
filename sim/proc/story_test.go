package proc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/sim/kernel"
	"github.com/zoobreak/zoobreak/sim/proc"
)

const second = clock.Instant(time.Second)

var background = context.Background()

// story is one program, and what it said: a line is an instant in seconds, and words.
type story struct {
	*proc.Runtime
	t     require.TestingT
	k     *kernel.Kernel
	actor kernel.Actor
	acts  []func()
	lines []string
}

// outsider fires what at was given. It is not the program.
type outsider struct{ s *story }

func tell(t require.TestingT) *story {
	s := &story{t: t, k: kernel.New()}
	s.actor = s.k.Register("test", outsider{s})
	s.Runtime = proc.New(s.k, proc.Config{Name: "A", Random: rng.New(7)})
	return s
}

func (s *story) say(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf("%g ", time.Duration(s.k.Now()).Seconds())+fmt.Sprintf(format, args...))
}

// at lets an event from outside of the program do something.
func (s *story) at(t clock.Instant, act func()) {
	s.acts = append(s.acts, act)
	s.k.At(t, s.actor, 0, uint64(len(s.acts)-1))
}

// Fire implements kernel.Handler.
func (o outsider) Fire(_ int32, arg uint64) { o.s.acts[arg]() }

// run lets a minute pass, and returns what was said.
func (s *story) run() string {
	require.NoError(s.t, s.k.Run(60*second))
	require.NoError(s.t, s.Close())
	return strings.Join(s.lines, "\n")
}

// word names the error of a call.
func word(err error) string {
	for e, w := range map[error]string{
		nil: "ok", client.ErrStopped: "stopped", context.Canceled: "canceled", context.DeadlineExceeded: "too late",
	} {
		if errors.Is(err, e) {
			return w
		}
	}
	return err.Error()
}

// sleep says how a Sleep ended.
func (s *story) sleep(who string, ctx context.Context, d time.Duration) {
	s.say("%s %s", who, word(s.Sleep(ctx, d)))
}

func lines(l ...string) string { return strings.Join(l, "\n") }

// Each story is a program, and all that it says.
var stories = map[string]struct {
	tell func(s *story)
	want string
}{
	"a sleep takes its time": {func(s *story) {
		s.Spawn("main", func() {
			s.sleep("main", background, 2*time.Second)
			s.sleep("main", background, 1500*time.Millisecond)
		})
	}, lines("2 main ok", "3.5 main ok")},

	"a sleep of nothing lets others run": {func(s *story) {
		s.Spawn("a", func() { s.say("a"); s.sleep("a", background, 0); s.sleep("a", background, -time.Second) })
		s.Spawn("b", func() { s.say("b"); s.sleep("b", background, 0) })
	}, lines("0 a", "0 b", "0 a ok", "0 b ok", "0 a ok")},

	"who sleeps first wakes first": {func(s *story) {
		for _, name := range []string{"a", "b", "c"} {
			s.Spawn(name, func() { s.sleep(name, background, time.Second) })
		}
	}, lines("1 a ok", "1 b ok", "1 c ok")},

	"a child runs when its parent hands over": {func(s *story) {
		s.Spawn("parent", func() {
			child := s.Spawn("child", func() { s.say("child"); s.Sleep(background, time.Second) })
			s.say("parent: %s, done: %v", child.Name(), child.Done())
			s.say("parent: %s, done: %v", word(child.Wait(background)), child.Done())
			s.say("parent: %s", word(child.Wait(background)))
		})
	}, lines("0 parent: child, done: false", "0 child", "1 parent: ok, done: true", "1 parent: ok")},

	"a signal wakes all who wait, in order": {func(s *story) {
		lost := s.NewSignal("lost")
		for _, name := range []string{"a", "b"} {
			s.Spawn(name, func() { s.say("%s %s %v", name, word(lost.Wait(background)), lost.Fired()) })
		}
		s.Spawn("main", func() {
			s.Sleep(background, time.Second)
			lost.Fire()
			lost.Fire()
			s.say("fired")
			s.say("late %s", word(lost.Wait(background)))
		})
	}, lines("1 fired", "1 late ok", "1 a ok true", "1 b ok true")},

	"a signal from an event": {func(s *story) {
		lost := s.NewSignal("lost")
		s.Spawn("a", func() { s.say("a %s", word(lost.Wait(background))) })
		s.at(3*second, func() { lost.Fire(); s.say("the event ends first") })
	}, lines("3 the event ends first", "3 a ok")},

	"waiting until an instant": {func(s *story) {
		lost := s.NewSignal("lost")
		until := func(at clock.Instant) {
			fired, err := lost.WaitUntil(background, at)
			s.say("%v %s", fired, word(err))
		}
		s.Spawn("a", func() { until(second); until(0); until(5 * second); until(0) })
		s.at(2*second, lost.Fire)
	}, lines("1 false ok", "1 false ok", "2 true ok", "2 true ok")},

	"who gives up leaves the others in line": {func(s *story) {
		lost := s.NewSignal("lost")
		for i, until := range []clock.Instant{1, clock.Never, 3, 4, 5, clock.Never, 2} {
			s.Spawn("", func() {
				fired, _ := lost.WaitUntil(background, until)
				s.lines = append(s.lines, fmt.Sprintf("%d: %d %v", s.Now(), i, fired))
			})
		}
		s.at(9, lost.Fire)
	}, lines("1: 0 false", "2: 6 false", "3: 2 false", "4: 3 false", "5: 4 false", "9: 1 true", "9: 5 true")},

	"a fire and a deadline at one instant: the first counts": {func(s *story) {
		lost := s.NewSignal("lost")
		s.at(second, lost.Fire)
		s.Spawn("a", func() {
			fired, err := lost.WaitUntil(background, second)
			s.say("%v %s", fired, word(err))
			s.sleep("a", background, time.Second)
		})
	}, lines("1 true ok", "2 a ok")},

	"a call": {func(s *story) {
		get := client.NewCall[int](s, "get /a")
		s.Spawn("a", func() {
			n, err := get.Wait(background)
			s.say("%d %v", n, err)
			n, err = get.Wait(background)
			s.say("again %d %v", n, err)
		})
		s.at(second, func() {
			s.say("done: %v", get.Done())
			get.Complete(42, nil)
			s.say("done: %v", get.Done())
		})
	}, lines("1 done: false", "1 done: true", "1 42 <nil>", "1 again 42 <nil>")},

	"a call that fails": {func(s *story) {
		get := client.NewCall[int](s, "get /a")
		s.Spawn("a", func() {
			n, err := get.Wait(background)
			s.say("%d %v", n, err)
		})
		s.Spawn("b", func() { get.Complete(7, errors.New("no node")) })
	}, lines("0 7 no node")},

	"a call that is given up may still end": {func(s *story) {
		get := client.NewCall[int](s, "get /a")
		s.Spawn("a", func() {
			ctx, cancel := s.WithTimeout(background, time.Second)
			defer cancel()
			n, err := get.Wait(ctx)
			s.say("%d %s", n, word(err))
			n, err = get.Wait(background)
			s.say("%d %s", n, word(err))
			n, err = get.Wait(ctx)
			s.say("%d %s", n, word(err))
		})
		s.at(2*second, func() { get.Complete(42, nil) })
	}, lines("1 0 too late", "2 42 ok", "2 42 ok")},
}

func TestStories(t *testing.T) {
	for name, c := range stories {
		t.Run(name, func(t *testing.T) {
			s := tell(t)
			c.tell(s)
			require.Equal(t, c.want, s.run())
		})
	}
}

// Two programs share the world's time and nothing else.
func TestTwoPrograms(t *testing.T) {
	s := tell(t)
	b := proc.New(s.k, proc.Config{Name: "B"})
	s.Spawn("main", func() { s.sleep("A", background, 2*time.Second) })
	b.Spawn("main", func() { s.say("B %s", word(b.Sleep(background, 3*time.Second))) })
	s.at(second, func() { s.Kill() })
	require.Equal(t, lines("1 A stopped", "3 B ok"), s.run())
	require.Equal(t, []string{"A", "B"}, []string{s.Name(), b.Name()})
}

// A random value depends on what it is for, not on who drew before.
func TestRandomValuesHaveAPurpose(t *testing.T) {
	rt := tell(t)
	want := rt.Random("backoff", 3)
	rt.Random("backoff", 2).Below(100)
	require.Equal(t, want, rt.Random("backoff", 3))
	require.Equal(t, rng.New(7).Of("backoff").Int(3), want)
	seen := map[rng.Key]bool{want: true, rt.Random("backoff", 4): true, rt.Random("pick", 3): true}
	require.Len(t, seen, 3)
}

// What waits must be a task; anything else is a mistake that a sentence explains.
func TestMisuse(t *testing.T) {
	s := tell(t)
	require.PanicsWithValue(t, "proc: Sleep of program A is called from outside of its tasks, where nothing can wait: Spawn a task that does",
		func() { s.Sleep(background, time.Second) })
	require.PanicsWithValue(t, "proc: Wait of program A is called from outside of its tasks, where nothing can wait: Spawn a task that does",
		func() { s.NewSignal("x").Wait(background) })
	c := client.NewCall[int](s, "get /a")
	c.Complete(1, nil)
	require.PanicsWithValue(t, "client: call get /a is completed twice", func() { c.Complete(1, nil) })
	for op, f := range map[string]func(){"Kill": s.Kill, "Resume": func() { s.Resume() }} {
		s.Spawn("main", func() {
			require.PanicsWithValue(t, "proc: "+op+" of program A is called by its own task main, which is running: call it from an event", f)
		})
	}
	require.Empty(t, s.run())
}

// The trace says what every event is.
func TestTheTrace(t *testing.T) {
	s := tell(t)
	var trace []string
	s.k.Trace(func(r kernel.Record, what string) { trace = append(trace, r.At.String()+" "+r.Actor+": "+what) })
	lost := s.NewSignal("lost")
	s.Spawn("main", func() {
		s.Spawn("helper", func() { s.Sleep(background, time.Second); lost.Fire() })
		lost.WaitUntil(background, 3*second)
		s.Sleep(background, 4*time.Second)
		s.NewSignal("x").WaitUntil(background, 7*second)
		lost.Wait(background)
	})
	s.run()
	require.Equal(t, []string{
		"0.000000s program A: task main starts",
		"0.000000s program A: task helper starts",
		"1.000000s program A: task helper goes on: sleep until 1.000000s",
		"1.000000s program A: task main goes on: signal lost or 3.000000s",
		"3.000000s program A: alarm moved to 5.000000s",
		"5.000000s program A: task main goes on: sleep until 5.000000s",
		"7.000000s program A: task main goes on: signal x or 7.000000s",
	}, trace)
}

// Alarms that are not needed stay in the queue, and ring for nobody: not for their task
// once it has an earlier one, and not for the next task in its place.
func TestAlarmsThatAreNotNeeded(t *testing.T) {
	s := tell(t)
	var trace []string
	lost, get := s.NewSignal("lost"), s.NewSignal("get")
	s.Spawn("first", func() { lost.WaitUntil(background, 9*second) })
	s.Spawn("main", func() {
		get.WaitUntil(background, 10*second)
		lost.Fire()
		s.sleep("main", background, time.Second)
		s.Spawn("second", func() { s.sleep("second", background, 20*time.Second) })
		s.sleep("main", background, 28*time.Second)
	})
	s.at(second, func() {
		get.Fire()
		s.k.Trace(func(r kernel.Record, what string) { trace = append(trace, r.At.String()+" "+what) })
	})
	require.Equal(t, lines("2 main ok", "22 second ok", "30 main ok"), s.run())
	require.Equal(t, []string{
		"1.000000s task main goes on: signal get or 10.000000s",
		"1.000000s task first goes on: signal lost or 9.000000s",
		"2.000000s task main goes on: sleep until 2.000000s",
		"2.000000s task second starts",
		"9.000000s nothing: the wait has ended",
		"10.000000s nothing: the wait has ended",
		"22.000000s task second goes on: sleep until 22.000000s",
		"30.000000s task main goes on: sleep until 30.000000s",
	}, trace)
}

// Thousands of tasks, one after the other, take the room of one.
func TestTasksThatHaveEndedTakeNoRoom(t *testing.T) {
	s := tell(t)
	s.Spawn("main", func() {
		for range 5000 {
			require.NoError(t, s.Spawn("child", func() {}).Wait(background))
		}
		require.Len(t, s.Waiting(), 0)
		s.say("done")
	})
	require.Equal(t, "0 done", s.run())
}
