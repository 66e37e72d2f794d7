package proc_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/sim/proc"
)

type key struct{}

// Each story is about the context of a parked call.
var contextStories = map[string]struct {
	tell func(s *story)
	want string
}{
	"a virtual timeout": {func(s *story) {
		s.Spawn("a", func() {
			ctx, cancel := s.WithTimeout(background, time.Second)
			defer cancel()
			s.sleep("a", ctx, 5*time.Second)
			s.sleep("a", ctx, 5*time.Second)
			s.say("%v", ctx.Err())
		})
	}, lines("1 a too late", "1 a too late", "1 context deadline exceeded")},

	"a timeout that is not needed": {func(s *story) {
		s.Spawn("a", func() {
			ctx, cancel := s.WithTimeout(background, 5*time.Second)
			s.sleep("a", ctx, time.Second)
			cancel()
			s.sleep("a", ctx, time.Second)
			s.sleep("a", background, 9*time.Second)
		})
	}, lines("1 a ok", "1 a canceled", "10 a ok")},

	"what ends with its context has ended well": {func(s *story) {
		s.Spawn("a", func() {
			ctx, cancel := s.WithTimeout(background, time.Second)
			defer cancel()
			s.sleep("a", ctx, time.Second)
			s.sleep("a", ctx, 0)
		})
	}, lines("1 a ok", "1 a too late")},

	"what ends with its context has ended well, whoever runs before": {func(s *story) {
		s.Spawn("first", func() { s.sleep("first", background, time.Second) })
		s.Spawn("a", func() {
			ctx, cancel := s.WithTimeout(background, time.Second)
			defer cancel()
			s.sleep("a", ctx, time.Second)
		})
	}, lines("1 first ok", "1 a ok")},

	"a cancel at the last instant is too late": {func(s *story) {
		outer, cancel := context.WithCancel(background)
		s.Spawn("a", func() {
			ctx, release := s.WithTimeout(outer, time.Second)
			defer release()
			inner, stop := context.WithCancel(ctx)
			s.sleep("a", inner, time.Second)
			stop()
			s.sleep("a", inner, time.Second)
			cancel()
			s.sleep("a", ctx, time.Second)
			s.sleep("a", outer, time.Second)
		})
	}, lines("1 a ok", "1 a too late", "1 a too late", "1 a canceled")},

	"a plain cancel ends a parked call": {func(s *story) {
		ctx, cancel := context.WithCancel(background)
		s.Spawn("a", func() { s.sleep("a", ctx, 5*time.Second); s.sleep("a", background, time.Second) })
		s.Spawn("b", func() { s.say("b %s", word(s.NewSignal("x").Wait(ctx))) })
		s.Spawn("main", func() {
			s.Sleep(background, 2*time.Second)
			cancel()
			s.say("canceled")
		})
	}, lines("2 canceled", "2 a canceled", "2 b canceled", "3 a ok")},

	"a cancel from an event": {func(s *story) {
		ctx, cancel := context.WithCancel(background)
		s.Spawn("a", func() { s.sleep("a", ctx, 5*time.Second) })
		s.at(second, func() { cancel(); s.Poll() })
	}, lines("1 a canceled")},

	"a fire before a cancel counts": {func(s *story) {
		ctx, cancel := context.WithCancel(background)
		lost := s.NewSignal("lost")
		s.Spawn("a", func() { s.say("a %s", word(lost.Wait(ctx))); s.sleep("a", ctx, 1) })
		s.Spawn("b", func() { lost.Fire(); cancel() })
	}, lines("0 a ok", "0 a canceled")},

	"the earlier deadline counts": {func(s *story) {
		s.Spawn("a", func() {
			outer, cancel := s.WithTimeout(background, time.Second)
			defer cancel()
			inner, cancel := s.WithTimeout(outer, time.Hour)
			defer cancel()
			left, ok := s.Remaining(inner)
			s.say("%v %v", left, ok)
			s.sleep("a", inner, 5*time.Second)
		})
	}, lines("0 1s true", "1 a too late")},

	"contexts derived by the standard library": {func(s *story) {
		s.Spawn("a", func() {
			ctx, cancel := s.WithTimeout(context.WithValue(background, key{}, "kept"), time.Second)
			defer cancel()
			derived, cancel := context.WithCancel(context.WithValue(ctx, "other", 1))
			defer cancel()
			s.sleep("a", derived, 5*time.Second)
			s.say("%v %v %v", derived.Err(), context.Cause(derived), derived.Value(key{}))
		})
	}, lines("1 a too late", "1 context deadline exceeded context deadline exceeded kept")},

	"a deadline between two standard contexts": {func(s *story) {
		why := errors.New("why")
		outer, cancel := context.WithCancelCause(background)
		ctx, done := s.WithTimeout(outer, time.Minute)
		inner, release := context.WithCancel(ctx)
		s.Spawn("a", func() {
			defer done()
			defer release()
			s.sleep("a", inner, 5*time.Second)
			s.say("%v", context.Cause(inner))
		})
		s.Spawn("b", func() {
			s.Sleep(background, time.Second)
			cancel(why)
			s.say("%v", ctx.Err())
		})
	}, lines("1 context canceled", "1 a canceled", "1 why")},

	"a cancel above a deadline reaches below it": {func(s *story) {
		outer, cancel := context.WithCancel(background)
		s.Spawn("a", func() {
			ctx, release := s.WithTimeout(outer, time.Minute)
			defer release()
			inner, release := context.WithCancel(ctx)
			defer release()
			s.Spawn("b", func() {
				s.Sleep(background, time.Second)
				cancel()
				s.sleep("b", inner, time.Second)
			})
			s.sleep("a", inner, 5*time.Second)
		})
		s.Spawn("c", func() {
			s.Sleep(background, time.Second)
			s.sleep("c", background, time.Second)
		})
	}, lines("1 b canceled", "1 a canceled", "2 c ok")},

	"a cancel above a deadline, by the last thing that a task does": {func(s *story) {
		outer, cancel := context.WithCancel(background)
		ctx, release := s.WithTimeout(outer, time.Minute)
		inner, end := context.WithCancel(ctx)
		s.Spawn("a", func() {
			defer release()
			defer end()
			s.sleep("a", inner, 5*time.Second)
		})
		s.Spawn("b", func() { s.Sleep(background, time.Second); cancel() })
	}, lines("1 a canceled")},

	"a fire and a timeout at one instant: the first counts": {func(s *story) {
		lost := s.NewSignal("lost")
		s.at(second, lost.Fire)
		for _, name := range []string{"a", "b"} {
			s.Spawn(name, func() {
				ctx, cancel := s.WithTimeout(background, time.Second)
				defer cancel()
				s.say("%s %s", name, word(lost.Wait(ctx)))
				s.sleep(name, ctx, time.Second)
			})
		}
	}, lines("1 a ok", "1 a too late", "1 b ok", "1 b too late")},

	"a context that was over before": {func(s *story) {
		s.Spawn("a", func() {
			ctx, cancel := s.WithTimeout(background, -time.Second)
			defer cancel()
			s.sleep("a", ctx, time.Second)
			canceled, cancel := context.WithCancel(background)
			cancel()
			s.sleep("a", canceled, time.Second)
			lost := s.NewSignal("lost")
			lost.Fire()
			s.say("a %s", word(lost.Wait(canceled)))
		})
	}, lines("0 a too late", "0 a canceled", "0 a ok")},

	"a timeout of centuries": {func(s *story) {
		s.Spawn("a", func() {
			ctx, cancel := s.WithTimeout(background, math.MaxInt64)
			defer cancel()
			s.sleep("a", ctx, time.Second)
			_, ok := s.Remaining(background)
			s.say("%v", ok)
		})
	}, lines("1 a ok", "1 false")},

	"done, and looked at between calls": {func(s *story) {
		s.Spawn("a", func() {
			ctx, cancel := s.WithTimeout(background, time.Second)
			defer cancel()
			over := func() bool {
				select {
				case <-ctx.Done():
					return true
				default:
					return false
				}
			}
			s.say("%v", over())
			s.Sleep(background, time.Second)
			s.say("%v", over())
		})
	}, lines("0 false", "1 true")},
}

func TestContexts(t *testing.T) {
	for name, c := range contextStories {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			s := tell(t)
			c.tell(s)
			require.Equal(t, c.want, s.run())
			require.LessOrEqual(t, runtime.NumGoroutine(), before, "no context has started a goroutine")
		})
	}
}

// A context of another program keeps its deadline, although nobody there looks at it.
func TestAContextOfAnotherProgram(t *testing.T) {
	s := tell(t)
	other := proc.New(s.k, proc.Config{Name: "B"})
	ctx, cancel := other.WithTimeout(background, time.Second)
	defer cancel()
	derived, cancel := context.WithCancel(ctx)
	defer cancel()
	s.Spawn("a", func() { s.sleep("a", derived, 5*time.Second); s.sleep("a", ctx, 5*time.Second) })
	require.Equal(t, lines("1 a too late", "1 a too late"), s.run())
}

// Timeouts that are not reached, one per call for ever, take no room.
func TestContextsThatAreOverTakeNoRoom(t *testing.T) {
	s := tell(t)
	s.Spawn("main", func() {
		for {
			ctx, cancel := s.WithTimeout(background, time.Hour)
			if s.Sleep(ctx, time.Millisecond) != nil {
				return
			}
			cancel()
		}
	})
	bytes := func(until clock.Instant) uint64 {
		var m runtime.MemStats
		require.NoError(t, s.k.Run(until))
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := bytes(second)
	require.Less(t, bytes(20*second), before+500_000, "19,000 calls later")
	require.NoError(t, s.Close())
}

// A deadline of the real world would come at any moment of the virtual one.
func TestForeignDeadline(t *testing.T) {
	foreign, cancel := context.WithTimeout(background, time.Hour)
	defer cancel()
	want := " has a deadline in real time, which has no place in the simulator: make it with rt.WithTimeout (or rt.WithDeadline) instead of context.WithTimeout"
	cases := map[string]struct {
		call func(s *story)
		want string
	}{
		"sleep":  {func(s *story) { s.Sleep(foreign, time.Second) }, "proc: the context given to Sleep" + want},
		"signal": {func(s *story) { s.NewSignal("x").Wait(foreign) }, "proc: the context given to Wait" + want},
		"parent": {func(s *story) { s.WithTimeout(foreign, time.Second) }, "proc: the context given to WithTimeout" + want},
		"child of ours": {func(s *story) {
			ours, cancel := s.WithTimeout(background, time.Second)
			defer cancel()
			child, cancel := context.WithTimeout(ours, time.Hour)
			defer cancel()
			s.Sleep(child, time.Second)
		}, "proc: the context given to Sleep" + want},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := tell(t)
			s.Spawn("main", func() { c.call(s) })
			require.NoError(t, s.k.Run(second))
			var p *client.PanicError
			require.ErrorAs(t, s.Close(), &p)
			require.Equal(t, c.want, p.Value)
		})
	}
}
