package runtimetest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/client/realtime"
	"github.com/zoobreak/zoobreak/client/runtimetest"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/sim/kernel"
	"github.com/zoobreak/zoobreak/sim/proc"
)

func TestSimulated(t *testing.T) { runtimetest.Run(t, simulatedWorld) }

// around is the simulated world of one program: an actor whose events are functions.
type around struct {
	k      *kernel.Kernel
	rt     *proc.Runtime
	actor  kernel.Actor
	events []func()
}

func (a *around) after(d time.Duration, event func()) {
	a.events = append(a.events, event)
	a.k.At(a.k.Now().Add(d), a.actor, 0, uint64(len(a.events)-1))
}

// Fire implements kernel.Handler. An event may have cancelled a context of the program.
func (a *around) Fire(_ int32, arg uint64) {
	a.events[arg]()
	a.rt.Poll()
}

func simulatedWorld(t *testing.T) runtimetest.World {
	var failure error
	a := &around{k: kernel.New()}
	a.actor = a.k.Register("around", a)
	a.rt = proc.New(a.k, proc.Config{Name: "A", Random: rng.New(7), Failed: func(err error) { failure = err }})
	t.Cleanup(func() { a.rt.Close() })
	return runtimetest.World{
		Runtime: a.rt, After: a.after, Kill: a.rt.Kill, Failure: func() error { return failure },
		Pump: func(until func() bool) bool {
			for end := a.k.Now().Add(time.Minute); !until() && a.k.Now() < end; {
				require.NoError(t, a.k.Run(a.k.Now()+clock.Instant(100*time.Microsecond)))
			}
			return until()
		},
	}
}

func TestReal(t *testing.T) { runtimetest.Run(t, realWorld) }

func realWorld(t *testing.T) runtimetest.World {
	failed := make(chan error, 1)
	var failure error
	rt := realtime.New(realtime.Config{Name: "A", Random: rng.New(7), Failed: func(err error) { failed <- err }})
	t.Cleanup(func() { rt.Close() })
	holds := func(condition func() bool) (yes bool) {
		rt.Inbox().Call(func() { yes = condition() })
		return yes
	}
	return runtimetest.World{
		Runtime: rt,
		After:   func(d time.Duration, event func()) { time.AfterFunc(d, func() { rt.Post(event) }) },
		Pump: func(until func() bool) bool {
			for end := time.Now().Add(20 * time.Second); !holds(until); time.Sleep(100 * time.Microsecond) {
				if time.Now().After(end) {
					return false
				}
			}
			return true
		},
		Kill: func() {
			rt.Stop()
			<-rt.Ended()
		},
		Failure: func() error {
			select {
			case failure = <-failed:
			default:
			}
			return failure
		},
	}
}
