package realtime_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/client/realtime"
)

var background = context.Background()

func start(t *testing.T) *realtime.Runtime {
	rt := realtime.New(realtime.Config{Name: "A", Failed: func(error) {}})
	t.Cleanup(func() { rt.Close() })
	return rt
}

// What this twin can do and the other cannot: other goroutines complete the calls of
// tasks. None of them touches the program but through its inbox, so nothing has a lock.
func TestOtherGoroutinesCompleteCalls(t *testing.T) {
	rt := start(t)
	const callers, each = 8, 200
	sum := 0
	for range callers {
		rt.Post(func() {
			rt.Spawn("caller", func() {
				for range each {
					call := client.NewCall[int](rt, "one")
					go rt.Post(func() { call.Complete(1, nil) })
					n, err := call.Wait(background)
					require.NoError(t, err)
					sum += n
				}
			})
		})
	}
	require.NoError(t, rt.Do("main", func() {
		for sum < callers*each {
			require.NoError(t, rt.Sleep(background, time.Millisecond))
		}
	}))
	require.Equal(t, callers*each, sum)
}

// A deadline of the real world is at home here, and so is a cancel from anywhere.
func TestContextsOfTheRealWorld(t *testing.T) {
	rt := start(t)
	require.NoError(t, rt.Do("main", func() {
		ctx, cancel := context.WithTimeout(background, time.Millisecond)
		defer cancel()
		require.ErrorIs(t, rt.Sleep(ctx, time.Hour), context.DeadlineExceeded)
		ctx, cancel = context.WithCancel(background)
		go cancel()
		require.ErrorIs(t, rt.NewSignal("never").Wait(ctx), context.Canceled)
	}))
}

// A thousand calls whose contexts end together, from many goroutines, end once each, in
// the order of spawning.
func TestContextsThatEndTogether(t *testing.T) {
	rt := start(t)
	ctx, cancel := context.WithCancel(background)
	const tasks = 1000
	var ended []int
	require.NoError(t, rt.Do("main", func() {
		for i := range tasks {
			rt.Spawn("task", func() {
				require.ErrorIs(t, rt.Sleep(ctx, time.Hour), context.Canceled)
				ended = append(ended, i)
			})
		}
		require.NoError(t, rt.Sleep(background, 0))
		go cancel()
		for len(ended) < tasks {
			require.NoError(t, rt.Sleep(background, time.Millisecond))
		}
	}))
	for i := range ended {
		require.Equal(t, i, ended[i])
	}
}

func TestDoReturnsHowTheTaskEnded(t *testing.T) {
	boom := errors.New("boom")
	rt := start(t)
	require.NoError(t, rt.Do("main", func() {}))
	require.NoError(t, rt.Err())
	require.ErrorIs(t, rt.Do("main", func() { panic(boom) }), boom)
	<-rt.Ended()
	require.ErrorIs(t, rt.Err(), boom)
	require.ErrorIs(t, rt.Do("main", func() { t.Error("runs") }), client.ErrStopped)
	require.ErrorIs(t, rt.Close(), boom)
	require.ErrorIs(t, rt.Do("main", func() { t.Error("runs") }), client.ErrStopped)
	require.False(t, rt.Post(func() { t.Error("runs") }))
	require.ErrorIs(t, rt.Close(), boom, "again")
}

// A task may end its own program; one that is in the middle of something is waited for.
func TestStopFromInside(t *testing.T) {
	rt := start(t)
	require.ErrorIs(t, rt.Do("main", func() {
		rt.Stop()
		for rt.Sleep(background, time.Millisecond) == nil {
		}
	}), client.ErrStopped)
	<-rt.Ended()
	require.NoError(t, rt.Err())
}

// Events and tasks take turns: a task that always has something to do does not keep
// events out, nor the other way round.
func TestNobodyStarves(t *testing.T) {
	rt := start(t)
	seen := false
	require.NoError(t, rt.Do("main", func() {
		go rt.Post(func() { seen = true })
		for !seen {
			require.NoError(t, rt.Sleep(background, 0))
		}
	}))
	stop := make(chan struct{})
	var flood sync.WaitGroup
	for range 4 {
		flood.Go(func() {
			for !isClosed(stop) {
				rt.Post(func() {})
			}
		})
	}
	require.NoError(t, rt.Do("main", func() {
		for range 100 {
			require.NoError(t, rt.Sleep(background, 0))
		}
	}))
	close(stop)
	flood.Wait()
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// Whatever a program was doing, closing it leaves no goroutine and no timer behind.
func TestNothingLeaks(t *testing.T) {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(background)
	for range 20 {
		rt := realtime.New(realtime.Config{Name: "A"})
		rt.Post(func() {
			for i := range 50 {
				rt.Spawn("task", func() {
					switch i % 4 {
					case 0:
						rt.NewSignal("x").Wait(ctx)
					case 1:
						rt.Sleep(background, time.Duration(i)*time.Second)
					case 2:
						for {
							rt.Sleep(background, time.Microsecond)
						}
					}
				})
			}
		})
		require.NoError(t, rt.Do("main", func() { rt.Sleep(background, time.Millisecond) }))
		require.NoError(t, rt.Close())
	}
	cancel()
	for end := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
		runtime.Gosched()
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}

// Each life has randomness of its own, unless it is told which.
func TestRandomnessOfALife(t *testing.T) {
	require.NotEqual(t, start(t).Random("x", 0), start(t).Random("x", 0))
}

// BenchmarkHandOver is the price of a step in the real world: the baton goes to a task and
// back to the thread.
func BenchmarkHandOver(b *testing.B) {
	rt := realtime.New(realtime.Config{Name: "bench"})
	b.ReportAllocs()
	require.NoError(b, rt.Do("main", func() {
		for range b.N {
			rt.Sleep(background, 0)
		}
	}))
	require.NoError(b, rt.Close())
}

// A panic that nobody asked to be told of ends the process, as any panic does.
func TestAPanicThatNobodyLooksFor(t *testing.T) {
	if os.Getenv("REALTIME_PANICS") != "" {
		rt := realtime.New(realtime.Config{Name: "A"})
		rt.Do("main", func() { panic("boom") })
		select {}
	}
	c := exec.Command(os.Args[0], "-test.run=^TestAPanicThatNobodyLooksFor$")
	c.Env = append(os.Environ(), "REALTIME_PANICS=1")
	out, err := c.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "panicked at")
	require.Contains(t, string(out), "task A/main")
}
