package client

import (
	"context"
	"fmt"
)

// Call is one request of a client library on its way: a task waits for it, and an event
// completes it.
type Call[T any] struct {
	name  string
	ended Trigger
	value T
	err   error
}

// NewCall returns a call that is not complete. Its name is for reports: the operation,
// and on what.
func NewCall[T any](rt Runtime, name string) *Call[T] {
	return &Call[T]{name: name, ended: rt.NewSignal(name)}
}

// Complete ends the call, from an event or from another task. The task that waits goes on
// later, so a client need not be ready for its next call. Nobody minds if who waited has
// given up, or was stopped.
func (c *Call[T]) Complete(value T, err error) {
	if c.ended.Fired() {
		panic(fmt.Sprintf("client: call %s is completed twice", c.name))
	}
	c.value, c.err = value, err
	c.ended.Fire()
}

// Done reports whether the call is complete.
func (c *Call[T]) Done() bool { return c.ended.Fired() }

// Wait returns what the call was completed with. If ctx is over or the program is stopped
// first, it returns that error, and the call may still be completed: its outcome is not
// known. Wait may then be called again.
func (c *Call[T]) Wait(ctx context.Context) (T, error) {
	if err := c.ended.Wait(ctx); err != nil {
		var none T
		return none, err
	}
	return c.value, c.err
}
