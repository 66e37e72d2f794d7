package proc

import (
	"context"
	"fmt"
)

// Call is one request of a client library on its way: a task waits for it, and an event
// completes it.
type Call[T any] struct {
	signal Signal
	value  T
	err    error
}

// NewCall returns a call that is not complete. Its name is for reports: the operation,
// and on what.
func NewCall[T any](rt *Runtime, name string) *Call[T] {
	return &Call[T]{signal: Signal{rt: rt, name: name, kind: call}}
}

// Complete ends the call, from an event or from another task. The task that waits goes on
// in an event of its own, so a client need not be ready for its next call. Nobody minds
// if who waited has given up, or was killed.
func (c *Call[T]) Complete(value T, err error) {
	if c.signal.fired {
		panic(fmt.Sprintf("proc: call %s of program %s is completed twice", c.signal.name, c.signal.rt.cfg.Name))
	}
	c.value, c.err = value, err
	c.signal.Fire()
}

// Done reports whether the call is complete.
func (c *Call[T]) Done() bool { return c.signal.fired }

// Wait returns what the call was completed with. If ctx is over or the program is killed
// first, it returns that error, and the call may still be completed: its outcome is not
// known. Wait may then be called again.
func (c *Call[T]) Wait(ctx context.Context) (T, error) {
	if err := c.signal.Wait(ctx); err != nil {
		var none T
		return none, err
	}
	return c.value, c.err
}
