package kernel

import (
	"fmt"
	"strings"

	"github.com/zoobreak/zoobreak/clock"
)

// Cause is why a kernel stopped before its time.
type Cause uint8

// The causes.
const (
	Running   Cause = iota // it did not
	Asked                  // Stop
	Limit                  // StopAfter
	Condition              // StopWhen
)

func (c Cause) String() string {
	return [...]string{"running", "asked to", "number of events", "condition"}[c]
}

// stop is when a kernel ends before its time, and whether it has.
type stop struct {
	cause     Cause
	limit     uint64 // number of the last event; 0: none
	condition func() bool
	deadlock  bool
}

// Stop ends Run after the current event.
func (k *Kernel) Stop() { k.stop.cause = Asked }

// StopAfter ends Run after event number n. Zero means never.
func (k *Kernel) StopAfter(n uint64) { k.stop.limit = n }

// StopWhen ends Run after the first event with which f is true. F is called after every
// event and must change nothing. Nil means never.
func (k *Kernel) StopWhen(f func() bool) { k.stop.condition = f }

// StopOnDeadlock ends Run with a DeadlockError when there is one, at the instant of the
// last event, instead of letting time pass in which nothing can happen.
func (k *Kernel) StopOnDeadlock() { k.stop.deadlock = true }

// Stopped reports whether Run was ended before its time. A stopped kernel stays so until
// it is told to Resume.
func (k *Kernel) Stopped() bool { return k.stop.cause != Running }

// Cause says what stopped the kernel.
func (k *Kernel) Cause() Cause { return k.stop.cause }

// Resume lets a stopped kernel run again.
func (k *Kernel) Resume() { k.stop.cause = Running }

// after looks whether event number n was the last. What a handler asked for comes first.
func (s *stop) after(n uint64) {
	if s.cause != Running {
		return
	}
	if n == s.limit {
		s.cause = Limit
	} else if s.condition != nil && s.condition() {
		s.cause = Condition
	}
}

// Wait is somebody who waits.
type Wait struct {
	Who   string // "A/main"
	For   string // "signal lost", "task worker", "call get /a"
	Since clock.Instant
}

func (w Wait) String() string {
	return fmt.Sprintf("%s waits for %s, since %v", w.Who, w.For, w.Since)
}

// Waiter is implemented by handlers in which somebody may wait for another's doing.
type Waiter interface {
	// Waiting returns who waits and for what, in a defined order. Who has nothing to do
	// until it is asked, such as a server, does not wait.
	Waiting() []Wait
}

// DeadlockError says that nothing can happen any more, though somebody waits.
type DeadlockError struct {
	At      clock.Instant // of the last event
	Waiting []Wait
}

func (e *DeadlockError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "deadlock at %v: the queue is empty, and yet", e.At)
	for _, w := range e.Waiting {
		b.WriteString("\n  " + w.String())
	}
	return b.String()
}

// Deadlock returns a DeadlockError if no event is left and somebody waits, in the order of
// registration. This is exact: only an event could end a wait. A world with a Driver has
// none, because outside code may act at any time.
func (k *Kernel) Deadlock() error {
	if k.Pending() > 0 || k.driver != nil {
		return nil
	}
	e := &DeadlockError{}
	for _, a := range k.actors {
		if w, ok := a.(Waiter); ok {
			e.Waiting = append(e.Waiting, w.Waiting()...)
		}
	}
	if len(e.Waiting) == 0 {
		return nil
	}
	if k.count > 0 {
		e.At = k.passed(k.count).At
	}
	return e
}
