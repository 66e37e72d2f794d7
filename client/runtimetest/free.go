package runtimetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/internal/rng"
)

// free are stories that ask for more than a transcript can say.
var free = map[string]func(s *Stage){
	"a sleep is never short":                   neverShort,
	"one task has the baton":                   oneBaton,
	"many tasks":                               manyTasks,
	"random values have a purpose":             randomValues,
	"a channel for callers outside":            channel,
	"every kind of call returns when killed":   killed,
	"nothing runs after a kill":                nothingRuns,
	"a loop that ignores the stop is unwound":  ignoresTheStop,
	"a panic ends the program and is reported": panics,
	"a panic of the dead is no failure":        panicsWhenKilled,
	"what waits must be a task":                misuse,
}

func neverShort(s *Stage) {
	s.act(func() {
		for d := range 20 * time.Duration(1) {
			d *= tick / 7
			s.Spawn("", func() {
				due := s.Now().Add(d)
				require.NoError(s.t, s.Sleep(background, d))
				require.GreaterOrEqual(s.t, s.Now(), due)
			})
		}
	})
	s.untilAllHaveEnded()
}

// oneBaton has tasks that share a map and a counter without a lock; each looks whether it
// is alone between two calls. The race detector watches too.
func oneBaton(s *Stage) {
	const tasks, steps = 50, 40
	inside, total, shared := 0, 0, map[uint64]int{}
	wake := s.NewSignal("wake")
	calls := []func(k rng.Key) error{
		func(k rng.Key) error { return s.Sleep(background, time.Duration(k.Below(uint64(tick/4)))) },
		func(rng.Key) error { return s.Sleep(background, 0) },
		func(rng.Key) error { return s.Spawn("child", func() { total++ }).Wait(background) },
		func(rng.Key) error { _, err := wake.WaitUntil(background, s.Now().Add(tick/4)); return err },
		func(rng.Key) error { wake.Fire(); wake = s.NewSignal("wake"); return nil },
	}
	s.act(func() {
		for n := range uint64(tasks) {
			s.Spawn("worker", func() {
				for i := range uint64(steps) {
					inside++
					require.Equal(s.t, 1, inside)
					total++
					shared[n] = total
					inside--
					k := s.Random("step", n*steps+i)
					require.NoError(s.t, calls[k.Below(uint64(len(calls)))](k.Of("for")))
				}
			})
		}
	})
	s.untilAllHaveEnded()
	require.Len(s.t, shared, tasks)
	require.Greater(s.t, total, tasks*steps)
}

func manyTasks(s *Stage) {
	const tasks = 5000
	woken := 0
	s.act(func() {
		all := s.NewSignal("all")
		for i := range tasks {
			s.Spawn("", func() {
				if i%2 == 0 {
					require.NoError(s.t, s.Sleep(background, time.Duration(i%10)*tick/10))
				}
				require.NoError(s.t, all.Wait(background))
				woken++
			})
		}
		s.Spawn("", func() { s.Sleep(background, 5*tick); all.Fire() })
	})
	s.untilAllHaveEnded()
	require.Equal(s.t, tasks, woken)
}

func randomValues(s *Stage) {
	want := s.Random("backoff", 3)
	s.Random("backoff", 2).Below(100)
	require.Equal(s.t, want, s.Random("backoff", 3))
	seen := map[rng.Key]bool{want: true, s.Random("backoff", 4): true, s.Random("pick", 3): true}
	require.Len(s.t, seen, 3)
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func channel(s *Stage) {
	lost, never := s.NewSignal("lost"), s.NewSignal("never")
	c := lost.C()
	require.False(s.t, isClosed(c))
	s.act(func() { s.Spawn("main", func() { s.Sleep(background, tick); lost.Fire() }) })
	s.until(func() bool { return isClosed(c) })
	require.True(s.t, lost.Fired())
	require.True(s.t, isClosed(lost.C()), "of a signal that has fired")
	s.World.Kill()
	s.act(never.Fire)
	require.False(s.t, never.Fired() || isClosed(never.C()), "the dead fire no signals")
}

func killed(s *Stage) {
	var late client.Task
	s.act(func() {
		ctx, cancel := s.WithTimeout(background, time.Hour)
		s.Spawn("sleep", func() { defer cancel(); s.sleep("sleep", ctx, time.Minute) })
		s.Spawn("signal", func() { s.say("signal %s", word(s.NewSignal("x").Wait(ctx))) })
		forever := s.Spawn("forever", func() { s.sleep("forever", background, time.Hour) })
		s.Spawn("task", func() { s.say("task %s", word(forever.Wait(ctx))) })
		s.Spawn("call", func() {
			_, err := client.NewCall[int](s, "c").Wait(background)
			s.say("call %s", word(err))
			late = s.Runtime.Spawn("late", func() { s.say("never") })
			lost := s.NewSignal("lost")
			lost.Fire()
			s.say("late %v, wait %s, fired %v", late.Done(), word(late.Wait(background)), lost.Fired())
			s.sleep("again", background, 0)
		})
	})
	s.pass(tick)
	s.World.Kill()
	s.World.Kill() // changes nothing
	require.Equal(s.t, []string{"sleep stopped", "signal stopped", "forever stopped", "task stopped", "call stopped",
		"late true, wait stopped, fired false", "again stopped"}, s.lines)
	require.Zero(s.t, s.live)
	require.True(s.t, late.Done())
	require.NoError(s.t, s.Failure())
}

// nothingRuns kills a program in which something is due at every moment. A task that had
// not begun never begins.
func nothingRuns(s *Stage) {
	alive, steps := true, 0
	tickTock := s.NewSignal("")
	s.act(func() {
		for range 10 {
			s.Spawn("sleeper", func() {
				for s.Sleep(background, tick/10) == nil {
					require.True(s.t, alive)
					steps++
				}
			})
			s.Spawn("waiter", func() {
				for tickTock.Wait(background) == nil {
					require.True(s.t, alive)
					tickTock = s.NewSignal("")
				}
			})
		}
		s.Spawn("ticker", func() {
			for s.Sleep(background, 0) == nil {
				tickTock.Fire()
				if steps < 100 {
					s.Sleep(background, tick/3)
				}
				if steps > 200 {
					s.Sleep(background, time.Hour)
				}
			}
		})
	})
	s.until(func() bool { return steps > 100 })
	unbegun := s.NewSignal("unbegun")
	s.act(func() { s.After(0, func() { s.Runtime.Spawn("unbegun", func() { unbegun.Fire() }) }) })
	s.World.Kill()
	alive = false
	before := steps
	require.Zero(s.t, s.live)
	s.act(func() { s.Runtime.Spawn("late", func() { steps++ }); tickTock.Fire() })
	s.pass(5 * tick)
	require.Equal(s.t, before, steps)
}

func ignoresTheStop(s *Stage) {
	calls, unwound := 0, false
	s.act(func() {
		s.Spawn("main", func() {
			defer func() { unwound = true }()
			for {
				s.Sleep(background, time.Hour)
				calls++
			}
		})
	})
	s.World.Kill()
	require.True(s.t, unwound)
	require.Equal(s.t, 1+1000, calls)
	require.NoError(s.t, s.Failure())
}

var errBoom = errors.New("boom")

func panicHere(v any) { panic(v) }

func panics(s *Stage) {
	s.act(func() {
		s.Spawn("other", func() { s.sleep("other", background, time.Hour) })
		s.Spawn("worker", func() { s.Sleep(background, tick); panicHere(errBoom) })
		s.Spawn("second", func() { s.Sleep(background, time.Hour); panicHere("too late") })
	})
	s.until(func() bool { return s.Failure() != nil })
	require.Equal(s.t, []string{"other stopped"}, s.lines)
	require.Zero(s.t, s.live)
	var p *client.PanicError
	require.ErrorAs(s.t, s.Failure(), &p)
	require.ErrorIs(s.t, p, errBoom)
	require.Equal(s.t, []any{s.Name(), "worker", errBoom}, []any{p.Program, p.Task, p.Value})
	require.Contains(s.t, p.Stack, "panicHere")
	require.ErrorContains(s.t, p, fmt.Sprintf("client: task %s/worker panicked at %v: boom\n\n", s.Name(), p.At))
}

func panicsWhenKilled(s *Stage) {
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	s.act(func() {
		s.Spawn("main", func() {
			if err := s.Sleep(ctx, time.Hour); err != nil {
				panic(err)
			}
		})
	})
	s.World.Kill()
	require.NoError(s.t, s.Failure())
}

func misuse(s *Stage) {
	sentence := func(op string) string {
		return fmt.Sprintf("%s of program %s is called from outside of its tasks, where nothing can wait: Spawn a task that does", op, s.Name())
	}
	s.act(func() {
		require.Contains(s.t, panicOf(func() { s.Sleep(background, tick) }), sentence("Sleep"))
		require.Contains(s.t, panicOf(func() { s.NewSignal("x").Wait(background) }), sentence("Wait"))
		c := client.NewCall[int](s, "get /a")
		c.Complete(1, nil)
		require.Equal(s.t, "client: call get /a is completed twice", panicOf(func() { c.Complete(1, nil) }))
	})
}

func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}
