package kernel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// Each kernel has events 0 to 9 at the instants 0 to 90, and stops after the one wanted.
func TestWhatStopsAKernel(t *testing.T) {
	for _, c := range []struct {
		name  string
		tell  func(*kernel.Kernel, *recorder)
		fired int
		now   clock.Instant
		cause kernel.Cause
	}{
		{"nothing", func(*kernel.Kernel, *recorder) {}, 10, 1000, kernel.Running},
		{"a number of events", func(k *kernel.Kernel, _ *recorder) { k.StopAfter(4) }, 4, 30, kernel.Limit},
		{"a number that is not reached", func(k *kernel.Kernel, _ *recorder) { k.StopAfter(11) }, 10, 1000, kernel.Running},
		{"a condition", func(k *kernel.Kernel, r *recorder) {
			k.StopWhen(func() bool { return k.Now() >= 45 })
		}, 6, 50, kernel.Condition},
		{"a condition that does not hold", func(k *kernel.Kernel, r *recorder) {
			k.StopWhen(func() bool { return len(r.fired) > 10 })
		}, 10, 1000, kernel.Running},
		{"a handler", func(k *kernel.Kernel, r *recorder) {
			r.then = func(_ int32, arg uint64) {
				if arg == 2 {
					k.Stop()
				}
			}
			k.StopAfter(3)
		}, 3, 20, kernel.Asked},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, r, a := start()
			for i := range uint64(10) {
				k.At(clock.Instant(i*10), a, 0, i)
			}
			c.tell(k, r)
			require.NoError(t, k.Run(1000))
			require.Len(t, r.fired, c.fired)
			require.Equal(t, c.now, k.Now())
			require.Equal(t, c.cause, k.Cause())
			require.Equal(t, c.cause != kernel.Running, k.Stopped())
		})
	}
}

// The condition is looked at once after each event, and where a run stops changes nothing
// in it: a kernel that goes on arrives where one arrives that was never stopped.
func TestAStoppedKernelGoesOnWhenTold(t *testing.T) {
	run := func(tell func(*kernel.Kernel)) *kernel.Kernel {
		k, r, a := start()
		r.then = func(int32, uint64) { k.At(k.Now()+7, a, 0, 0) }
		k.At(0, a, 0, 0)
		tell(k)
		for require.NoError(t, k.Run(700)); k.Stopped(); require.NoError(t, k.Run(700)) {
			k.Resume()
		}
		return k
	}
	whole, looks := run(func(*kernel.Kernel) {}), 0
	parts := run(func(k *kernel.Kernel) {
		k.StopWhen(func() bool { looks++; return looks%5 == 0 })
	})
	require.Equal(t, 101, looks)
	require.Equal(t, whole.Digest(), parts.Digest())
	require.Equal(t, whole.Now(), parts.Now())
}

// philosopher takes the fork that others wait for, and waits for the next one's.
type philosopher struct {
	recorder
	waits []kernel.Wait
}

func (p *philosopher) Waiting() []kernel.Wait { return p.waits }

func TestDeadlockSaysWhoWaitsForWhat(t *testing.T) {
	k := kernel.New()
	one, two := &philosopher{recorder: recorder{k: k}}, &philosopher{recorder: recorder{k: k}}
	a, b := k.Register("one", one), k.Register("two", two)
	k.Register("a recorder, which never waits", &recorder{k: k})
	one.then = func(int32, uint64) { one.waits = []kernel.Wait{{Who: "one", For: "the fork of two", Since: k.Now()}} }
	two.then = func(int32, uint64) { two.waits = []kernel.Wait{{Who: "two", For: "the fork of one", Since: k.Now()}} }
	k.At(1e9, a, 0, 0)
	k.At(2e9, b, 0, 0)
	k.StopOnDeadlock()
	require.NoError(t, k.Run(1500e6), "one waits, but there is an event left")
	want := &kernel.DeadlockError{At: 2e9, Waiting: []kernel.Wait{{Who: "one", For: "the fork of two", Since: 1e9}, {Who: "two", For: "the fork of one", Since: 2e9}}}
	require.Equal(t, want, k.Run(9e9))
	require.EqualError(t, want, "deadlock at 2.000000s: the queue is empty, and yet\n  one waits for the fork of two, since 1.000000s\n  two waits for the fork of one, since 2.000000s")

	k.At(5e9, a, 0, 0) // somebody from outside helps
	one.then = func(int32, uint64) { one.waits, two.waits = nil, nil }
	require.NoError(t, k.Run(9e9))
	require.Equal(t, clock.Instant(9e9), k.Now(), "nobody waits: time passes to the end")
}

// Nobody is told of a deadlock who has not asked, and outside code may still act.
func TestNoDeadlock(t *testing.T) {
	k := kernel.New()
	p := &philosopher{waits: []kernel.Wait{{Who: "p", For: "Godot"}}}
	k.Register("p", p)
	require.NoError(t, k.Run(10))
	require.Error(t, k.Deadlock())
	require.Equal(t, clock.Instant(0), k.Deadlock().(*kernel.DeadlockError).At, "there was no event")
	k.Use(&driver{})
	k.StopOnDeadlock()
	require.NoError(t, k.Deadlock())
	require.NoError(t, k.Run(20))
}

// A sample is of the events asked for and no others, and is what a trace shows of them.
func TestSampleIsATraceWithGaps(t *testing.T) {
	traced := map[uint64]kernel.Record{}
	run := func(look func(*kernel.Kernel)) {
		k, _, a := start()
		for i := range uint64(1000) {
			k.At(clock.Instant(i), a, 3, i)
		}
		look(k)
		require.NoError(t, k.Run(2000))
	}
	run(func(k *kernel.Kernel) { k.Trace(func(r kernel.Record, _ string) { traced[r.Number] = r }) })
	var seen []uint64
	run(func(k *kernel.Kernel) {
		k.Sample(300, func(r kernel.Record, what string) uint64 {
			require.Equal(t, traced[r.Number], r)
			require.Equal(t, "described", what)
			seen = append(seen, r.Number)
			return r.Number + 250
		})
	})
	require.Equal(t, []uint64{300, 550, 800}, seen)
}
