package proc_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/sim/kernel"
	"github.com/zoobreak/zoobreak/sim/proc"
)

// hangs are tasks that do not hand over, until they are let go.
var hangs = map[string]struct {
	hang func(letGo <-chan struct{})
	want string
}{
	"channel": {
		func(letGo <-chan struct{}) { <-letGo },
		`^program A, task worker, has not handed over for 50ms of real time, so virtual time stands still\. It waits \(chan receive\) at proc/watchdog_test\.go:\d+ \(proc_test\..*\) for something real.*a Signal`,
	},
	"mutex": {
		func(letGo <-chan struct{}) {
			var mu sync.Mutex
			mu.Lock()
			go func() { <-letGo; mu.Unlock() }()
			mu.Lock()
		},
		`task worker.*It waits \(sync\.Mutex\.Lock\) at proc/watchdog_test\.go:\d+ \(proc_test\.`,
	},
	"timer": {
		func(letGo <-chan struct{}) {
			for open := true; open; {
				time.Sleep(200 * time.Millisecond)
				select {
				case <-letGo:
					open = false
				default:
				}
			}
		},
		`task worker.*It waits \(sleep\) at proc/watchdog_test\.go:\d+ \(proc_test\.`,
	},
	"spin": {
		func(letGo <-chan struct{}) {
			for open := true; open; {
				select {
				case <-letGo:
					open = false
				default:
				}
			}
		},
		`task worker.*It spins at proc/watchdog_test\.go:\d+ \(proc_test\..*\): let it wait`,
	},
}

func TestTheWatchdogNamesWhoKeepsTheBaton(t *testing.T) {
	for name, h := range hangs {
		t.Run(name, func(t *testing.T) {
			letGo, report := make(chan struct{}), ""
			w := proc.NewWatchdog(50*time.Millisecond, func(r string) { report = r; close(letGo) })
			k := kernel.New()
			rt := proc.New(k, proc.Config{Name: "A", Watchdog: w})
			rt.Spawn("parked", func() { rt.Sleep(background, time.Minute) })
			rt.Spawn("worker", func() { rt.Sleep(background, time.Second); h.hang(letGo) })
			require.NoError(t, k.Run(2*second))
			require.NoError(t, rt.Close())
			w.Stop()
			require.Regexp(t, h.want, report)
		})
	}
}

// Programs that hand over are left alone, however long they run; and so is a world that
// stands still because its owner does something else.
func TestTheWatchdogIsPatient(t *testing.T) {
	const patience = 250 * time.Millisecond
	w := proc.NewWatchdog(patience, func(r string) { t.Error(r) })
	k := kernel.New()
	rt := proc.New(k, proc.Config{Name: "A", Random: rng.New(1), Watchdog: w})
	rt.Spawn("busy", func() {
		for rt.Sleep(background, time.Second) == nil {
		}
	})
	now := second
	for begin := time.Now(); time.Since(begin) < 2*patience; now += 1000 * second {
		require.NoError(t, k.Run(now))
	}
	for begin := time.Now(); time.Since(begin) < 2*patience; {
		require.Len(t, rt.Waiting(), 1)
	}
	require.NoError(t, rt.Close())
	w.Stop()
	w.Stop()
}

// A task that kills another program has the baton again when that program is dead.
func TestTheWatchdogKnowsWhoGoesOn(t *testing.T) {
	letGo, report := make(chan struct{}), ""
	w := proc.NewWatchdog(50*time.Millisecond, func(r string) { report = r; close(letGo) })
	k := kernel.New()
	a := proc.New(k, proc.Config{Name: "A", Watchdog: w})
	b := proc.New(k, proc.Config{Name: "B", Watchdog: w})
	unwound := false
	b.Spawn("victim", func() { unwound = b.Sleep(background, time.Minute) == client.ErrStopped })
	a.Spawn("killer", func() {
		a.Sleep(background, time.Second)
		b.Kill()
		<-letGo
	})
	require.NoError(t, k.Run(2*second))
	w.Stop()
	require.True(t, unwound)
	require.Contains(t, report, "program A, task killer, has not handed over")
	require.NoError(t, a.Close())
}
