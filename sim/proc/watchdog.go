package proc

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Watchdog watches, in real time, over the programs of one kernel. A task that does not
// hand over stops the whole world, and nothing in the world can see it.
type Watchdog struct {
	running atomic.Pointer[Task] // nil: the kernel
	turns   atomic.Uint64        // a new one each time that the baton goes to a task
	quit    chan struct{}
	stop    sync.Once
	ended   sync.WaitGroup
}

// NewWatchdog starts to watch. If one task keeps the baton for longer than the patience,
// stuck is called, once and on a goroutine of the watchdog's, with a report that names
// the task and says where it is. There is no way to free the world from such a task: the
// process should end.
func NewWatchdog(patience time.Duration, stuck func(report string)) *Watchdog {
	w := &Watchdog{quit: make(chan struct{})}
	w.ended.Go(func() {
		if report := w.watch(patience); report != "" {
			stuck(report)
		}
	})
	return w
}

// Stop ends the watch, and returns when nothing of it is left.
func (w *Watchdog) Stop() {
	w.stop.Do(func() { close(w.quit) })
	w.ended.Wait()
}

// enter notes that a task gets the baton, and returns from whom: a task of one program
// may kill another program, whose tasks then run.
func (w *Watchdog) enter(t *Task) (from *Task) {
	w.turns.Add(1)
	return w.running.Swap(t)
}

func (w *Watchdog) leave(to *Task) {
	w.turns.Add(1)
	w.running.Store(to)
}

func (w *Watchdog) watch(patience time.Duration) (report string) {
	tick := time.NewTicker(max(patience/8, time.Millisecond))
	defer tick.Stop()
	turn, since := uint64(0), time.Now()
	for {
		select {
		case <-w.quit:
			return ""
		case <-tick.C:
		}
		t, now := w.running.Load(), w.turns.Load()
		if t == nil || now != turn {
			turn, since = now, time.Now()
		} else if time.Since(since) >= patience {
			return explain(t, patience)
		}
	}
}

// explain says who keeps the baton, where, and what to do about it.
func explain(t *Task, patience time.Duration) string {
	who := fmt.Sprintf("program %s, task %s, has not handed over for %v of real time, so virtual time stands still", t.rt.cfg.Name, t.name, patience)
	where, ok := findTask()
	switch {
	case !ok:
		return who + "."
	case where.spins():
		return fmt.Sprintf("%s. It spins at %s: let it wait for what it polls (a Signal), or Sleep between two looks.", who, where.place)
	}
	return fmt.Sprintf("%s. It waits (%s) at %s for something real, which virtual time cannot bring: wait with a Signal, a Task, a Call or Sleep, never with a channel, a lock, a timer or real input.", who, where.state, where.place)
}
