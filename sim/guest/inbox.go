package guest

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/zoobreak/zoobreak/sim/kernel"
)

// inbox collects what programs ask for while they run. It is the only way from a program
// to the kernel.
type inbox struct {
	mu     sync.Mutex // held for a few instructions, never across anything that blocks
	calls  []call
	asleep bool          // the driver waits for time to pass
	kick   chan struct{} // wakes it
	count  int           // calls at this instant
	err    error         // the first reason to end the run
}

// call is one thing asked for.
type call struct {
	process int
	conn    uint64 // of the process; 0 is the process itself
	do      func() // on the driver's goroutine
}

// post adds a call; it never blocks. A program that posts without end at one instant is
// parked for good, so that the others still reach quiescence and the run can end.
func (in *inbox) post(p *Process, conn uint64, do func()) {
	in.mu.Lock()
	in.count++
	flood := in.count > kernel.MaxPerInstant
	if flood && in.err == nil {
		in.err = &StuckError{fmt.Sprintf("more than %d calls at the single instant %v, the last by %s: it retries without waiting; add a back-off", kernel.MaxPerInstant, p.b.now(), p.spec.Name)}
	}
	if !flood {
		in.calls = append(in.calls, call{p.spec.Index, conn, do})
	}
	in.rouse()
	in.mu.Unlock()
	if flood {
		select {}
	}
}

func (in *inbox) rouse() {
	if in.asleep {
		in.asleep = false
		in.kick <- struct{}{}
	}
}

// fail ends the run.
func (in *inbox) fail(err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.err == nil {
		in.err = err
	}
	in.rouse()
}

func (in *inbox) trouble() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.err
}

// take removes all calls, sorted by process and connection; the order within one
// connection is the program's own.
func (in *inbox) take() []call {
	in.mu.Lock()
	defer in.mu.Unlock()
	calls := in.calls
	in.calls = nil
	slices.SortStableFunc(calls, func(a, b call) int {
		return cmp.Or(cmp.Compare(a.process, b.process), cmp.Compare(a.conn, b.conn))
	})
	return calls
}

// sleep says that the driver is about to wait. It reports false if it must not.
func (in *inbox) sleep() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.asleep = len(in.calls) == 0
	return in.asleep
}

// wake says that it no longer waits, and whether time has passed.
func (in *inbox) wake(passed bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.asleep = false
	select {
	case <-in.kick:
	default:
	}
	if passed {
		in.count = 0
	}
}
