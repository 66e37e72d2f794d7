package proc

import (
	"fmt"
	"strings"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// Waiting says what a task waits for.
type Waiting struct {
	Program, Task string
	For           string // "sleep until 2.000000s", "signal lost", "task worker", "call get /a"
	Since         clock.Instant
	Paused        bool // the program is
}

func (w Waiting) String() string {
	paused := ""
	if w.Paused {
		paused = " (paused)"
	}
	return fmt.Sprintf("%s/%s%s waits for %s, since %v", w.Program, w.Task, paused, w.For, w.Since)
}

// Waiting returns what the tasks wait for, in the order of spawning.
func (rt *Runtime) Waiting() (all []Waiting) {
	for _, t := range rt.live {
		if t.state == parked || t.state == ready {
			all = append(all, Waiting{rt.cfg.Name, t.name, t.wait.String(), t.wait.since, rt.paused})
		}
	}
	return all
}

// DeadlockError says that nothing can happen any more, though somebody waits.
type DeadlockError struct {
	At      clock.Instant // of the last event
	Waiting []Waiting
}

func (e *DeadlockError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "deadlock at %v: the queue is empty, and yet", e.At)
	for _, w := range e.Waiting {
		b.WriteString("\n  " + w.String())
	}
	return b.String()
}

// Deadlock looks at a world after its kernel has run. If no event is left and a task of
// one of the programs waits, it returns a DeadlockError.
func Deadlock(k *kernel.Kernel, programs ...*Runtime) error {
	if k.Pending() > 0 {
		return nil
	}
	e := &DeadlockError{}
	for _, rt := range programs {
		e.Waiting = append(e.Waiting, rt.Waiting()...)
	}
	if len(e.Waiting) == 0 {
		return nil
	}
	if recent := k.Recent(); len(recent) > 0 {
		e.At = recent[len(recent)-1].At
	}
	return e
}
