package proc_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/sim/kernel"
	"github.com/zoobreak/zoobreak/sim/proc"
)

// sleepers is a program of n tasks that do nothing but sleep, each at its own pace.
func sleepers(k *kernel.Kernel, n int, ctx context.Context, w *proc.Watchdog) *proc.Runtime {
	rt := proc.New(k, proc.Config{Name: "bench", Random: rng.New(1), Watchdog: w})
	for i := range n {
		rt.Spawn("sleeper", func() {
			for pace := time.Duration(i%97 + 1); rt.Sleep(ctx, pace) == nil; {
			}
		})
	}
	return rt
}

// BenchmarkParkResume is the price of an event for blocking code: a task is resumed, and
// parks again.
func BenchmarkParkResume(b *testing.B) {
	cancelable, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, c := range []struct {
		name  string
		tasks int
		ctx   context.Context
		watch bool
	}{
		{"15 tasks", 15, context.Background(), false},
		{"1000 tasks", 1000, context.Background(), false},
		{"15 tasks, watched", 15, context.Background(), true},
		{"15 tasks, cancelable", 15, cancelable, false},
	} {
		b.Run(c.name, func(b *testing.B) {
			var w *proc.Watchdog
			if c.watch {
				w = proc.NewWatchdog(time.Minute, func(r string) { panic(r) })
				defer w.Stop()
			}
			k := kernel.New()
			rt := sleepers(k, c.tasks, c.ctx, w)
			require.NoError(b, k.Run(1000))
			k.StopAfter(k.Events() + uint64(b.N))
			b.ReportAllocs()
			b.ResetTimer()
			require.NoError(b, k.Run(clock.Never))
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.StopTimer()
			require.NoError(b, rt.Close())
		})
	}
}

// BenchmarkSignal is a message to a task that waits for it: one event to send, one to go on.
func BenchmarkSignal(b *testing.B) {
	k := kernel.New()
	rt := proc.New(k, proc.Config{Name: "bench"})
	signal := rt.NewSignal("message")
	rt.Spawn("receiver", func() {
		for signal.Wait(context.Background()) == nil {
			signal = rt.NewSignal("message")
		}
	})
	rt.Spawn("sender", func() {
		for rt.Sleep(context.Background(), 10) == nil {
			signal.Fire()
		}
	})
	k.StopAfter(uint64(b.N))
	b.ReportAllocs()
	b.ResetTimer()
	require.NoError(b, k.Run(clock.Never))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.StopTimer()
	require.NoError(b, rt.Close())
}
