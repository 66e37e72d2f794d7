package proc_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/sim/kernel"
	"github.com/zoobreak/zoobreak/sim/proc"
)

// small uses every call there is. Each task says that it begins, and has a defer that
// says that it ends, and makes one more call there.
func small(s *story) (began, ended *int) {
	began, ended = new(int), new(int)
	ready, get := s.NewSignal("ready"), client.NewCall[int](s, "get /a")
	begin := func() func() {
		*began++
		return func() {
			*ended++
			if s.Stopped() {
				require.ErrorIs(s.t, s.Sleep(background, time.Second), client.ErrStopped, "every later call")
			}
		}
	}
	s.at(4*second, func() { get.Complete(1, nil) })
	s.Spawn("main", func() {
		defer begin()()
		ctx, cancel := s.WithTimeout(background, 30*time.Second)
		defer cancel()
		child := s.Spawn("child", func() {
			defer begin()()
			s.sleep("child", ctx, time.Second)
			ready.Fire()
			s.sleep("child", ctx, time.Second)
		})
		s.say("ready %s", word(ready.Wait(ctx)))
		s.say("child %s", word(child.Wait(ctx)))
		_, err := get.Wait(ctx)
		s.say("get %s", word(err))
		_, err = s.NewSignal("never").WaitUntil(ctx, 6*second)
		s.say("until %s", word(err))
	})
	return began, ended
}

// Before whichever event it is killed, a program unwinds there and then: it has done what
// it did without the kill, its defers run, and nothing of it is left.
func TestKillAtEveryStep(t *testing.T) {
	undisturbed := tell(t)
	small(undisturbed)
	whole := undisturbed.run()
	events := undisturbed.k.Events()
	require.Greater(t, events, uint64(8))
	for step := range events {
		t.Run(fmt.Sprint(step), func(t *testing.T) {
			goroutines := runtime.NumGoroutine()
			s := tell(t)
			began, ended := small(s)
			prefix := ""
			s.k.Trace(func(r kernel.Record, _ string) {
				if r.Number == step+1 {
					prefix = strings.Join(s.lines, "\n")
					s.Kill()
					require.True(t, s.Stopped())
					require.Equal(t, *began, *ended, "defers run inside Kill")
					require.Empty(t, s.Waiting())
					require.LessOrEqual(t, runtime.NumGoroutine(), goroutines, "no coroutine is left")
					s.lines = s.lines[:0]
				}
			})
			require.Empty(t, s.run(), "the dead say nothing")
			require.True(t, strings.HasPrefix(whole, prefix), prefix)
		})
	}
}

// Every kind of call returns ErrStopped where it stands; a task that had not begun never
// begins.
func TestWhereAKillFindsTasks(t *testing.T) {
	s := tell(t)
	ctx, cancel := s.WithTimeout(background, time.Hour)
	defer cancel()
	s.Spawn("sleep", func() { s.sleep("sleep", ctx, time.Minute) })
	s.Spawn("signal", func() { s.say("signal %s", word(s.NewSignal("x").Wait(ctx))) })
	forever := s.Spawn("forever", func() { s.sleep("forever", background, time.Hour) })
	s.Spawn("task", func() { s.say("task %s", word(forever.Wait(ctx))) })
	s.Spawn("call", func() {
		n, err := client.NewCall[int](s, "c").Wait(background)
		s.say("call %d %s", n, word(err))
		late := s.Spawn("late", func() { s.say("never") })
		lost := s.NewSignal("lost")
		lost.Fire()
		s.say("late done %v, wait %s, lost %v", late.Done(), word(late.Wait(background)), lost.Fired())
	})
	s.at(second, func() {
		unbegun := s.Spawn("unbegun", func() { s.say("never") })
		s.Kill()
		s.say("killed, all done %v %v", forever.Done(), unbegun.Done())
		s.Kill()
	})
	require.Equal(t, lines("1 sleep stopped", "1 signal stopped", "1 forever stopped", "1 task stopped", "1 call 0 stopped",
		"1 late done true, wait stopped, lost false", "1 killed, all done true true"), s.run())
}

// A client completes the calls of a program that is gone; nobody minds.
func TestCompletedAfterTheKill(t *testing.T) {
	s := tell(t)
	get := client.NewCall[int](s, "get /a")
	s.Spawn("main", func() { get.Wait(background) })
	s.at(second, s.Kill)
	s.at(2*second, func() { get.Complete(1, nil) })
	require.Empty(t, s.run())
}

// A loop that ignores errors is unwound all the same.
func TestCodeThatIgnoresTheStop(t *testing.T) {
	s := tell(t)
	calls, unwound := 0, false
	s.Spawn("main", func() {
		defer func() { unwound = true }()
		for {
			s.Sleep(background, time.Second)
			calls++
		}
	})
	s.at(5*second+1, s.Kill)
	require.Empty(t, s.run())
	require.True(t, unwound)
	require.Equal(t, 5+1+1000, calls)
}

func TestAPanicEndsTheProgram(t *testing.T) {
	boom := errors.New("boom")
	s := tell(t)
	s.Spawn("other", func() { s.sleep("other", background, time.Minute) })
	s.Spawn("worker", func() {
		s.Sleep(background, time.Second)
		panicHere(boom)
	})
	require.NoError(t, s.k.Run(60*second))
	require.True(t, s.k.Stopped(), "nobody asked to be told, so the world ends")
	require.Equal(t, second, s.k.Now())
	require.Equal(t, []string{"1 other stopped"}, s.lines)

	var p *client.PanicError
	require.ErrorAs(t, s.Err(), &p)
	require.ErrorIs(t, p, boom)
	require.Equal(t, client.PanicError{Program: "A", Task: "worker", At: second, Value: boom, Stack: p.Stack}, *p)
	require.Contains(t, p.Stack, "panicHere")
	require.ErrorContains(t, p, "client: task A/worker panicked at 1.000000s: boom\n\n")
	require.Equal(t, p, s.Close())
}

func panicHere(v any) { panic(v) }

func TestAPanicIsToldToWhoAsked(t *testing.T) {
	k := kernel.New()
	var told []error
	var rt *proc.Runtime
	rt = proc.New(k, proc.Config{Name: "A", Failed: func(err error) {
		require.Empty(t, rt.Waiting(), "all tasks have ended")
		told = append(told, err)
	}})
	rt.Spawn("main", func() { panicHere("boom") })
	rt.Spawn("second", func() { panicHere("too late") })
	require.NoError(t, k.Run(second))
	require.False(t, k.Stopped())
	require.Equal(t, []error{rt.Err()}, told)
	require.Nil(t, errors.Unwrap(rt.Err()))
}

// To panic over ErrStopped is one way to unwind.
func TestAPanicOfTheDeadIsNoFailure(t *testing.T) {
	s := tell(t)
	s.Spawn("main", func() {
		if err := s.Sleep(background, time.Minute); err != nil {
			panic(err)
		}
	})
	s.at(second, s.Kill)
	s.run()
	require.NoError(t, s.Err())
	require.Equal(t, 60*second, s.k.Now())
}

// A failed assertion in a task leaves by runtime.Goexit, and takes the test with it.
func TestGoexitPassesThrough(t *testing.T) {
	s := tell(t)
	passed, closed := false, make(chan error)
	s.Spawn("other", func() { s.sleep("other", background, time.Minute) })
	s.Spawn("main", func() { s.Sleep(background, 1); runtime.Goexit() })
	go func() {
		defer func() { closed <- s.Close() }()
		s.k.Run(60 * second)
		passed = true
	}()
	require.NoError(t, <-closed)
	require.False(t, passed)
	require.Equal(t, []string{"1e-09 other stopped"}, s.lines)
}

// Whatever a program was doing, closing it leaves no coroutine behind.
func TestNothingLeaks(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		s := tell(t)
		for i := range 50 {
			s.Spawn("task", func() {
				switch i % 4 {
				case 0:
					s.NewSignal("x").Wait(background)
				case 1:
					s.Sleep(background, time.Duration(i)*time.Second)
				case 2:
					for {
						s.Sleep(background, time.Second)
					}
				}
			})
		}
		require.NoError(t, s.k.Run(10*second))
		s.Spawn("unbegun", func() {})
		require.Greater(t, runtime.NumGoroutine(), before)
		require.NoError(t, s.Close())
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}

// In steady state an event costs no allocation, with and without a context that can be
// cancelled, with a timeout that is not reached, and with a watchdog.
func TestParkAndResumeAllocateNothing(t *testing.T) {
	s := tell(t)
	ctx, cancel := s.WithTimeout(background, time.Hour)
	defer cancel()
	k := s.k
	w := proc.NewWatchdog(time.Minute, func(string) {})
	defer w.Stop()
	programs := []*proc.Runtime{sleepers(k, 5, background, nil), sleepers(k, 5, ctx, nil), sleepers(k, 5, background, w)}
	now := clock.Instant(1000)
	step := func() { now += 100; require.NoError(t, k.Run(now)) }
	step()
	before := k.Events()
	require.Zero(t, testing.AllocsPerRun(100, step))
	require.Greater(t, k.Events(), before+1000)
	for _, rt := range programs {
		require.NoError(t, rt.Close())
	}
}
