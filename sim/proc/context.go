package proc

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/clock"
)

// epoch is instant 0 in the deadlines of contexts. It is later than any real time, so that
// a real deadline is always told from a virtual one, and is never hidden behind it: the
// standard library ignores a deadline that is later than the parent's.
var epoch = time.Date(2200, time.January, 1, 0, 0, 0, 0, time.UTC)

// WithTimeout implements client.Runtime.
func (rt *Runtime) WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return rt.WithDeadline(parent, rt.Now().Add(d))
}

// WithDeadline is context.WithDeadline in virtual time. What the standard library derives
// from the context is cancelled with it. A context belongs to one program, as it does to
// one process.
func (rt *Runtime) WithDeadline(parent context.Context, at clock.Instant) (context.Context, context.CancelFunc) {
	at = min(max(at, rt.Now()), virtualDeadline("WithTimeout", parent))
	c := &virtualContext{rt: rt, root: &root{parent: parent, at: at}}
	inner, cancel := context.WithCancel(c.root)
	c.Context = inner
	rt.contexts = append(rt.contexts, c)
	return c, cancel
}

// Remaining implements client.Runtime. The time.Time that a context's Deadline returns
// means something only in comparison with others.
func (rt *Runtime) Remaining(ctx context.Context) (d time.Duration, ok bool) {
	if _, ok = ctx.Deadline(); !ok {
		return 0, false
	}
	return virtualDeadline("Remaining", ctx).Sub(rt.Now()), true
}

// virtualDeadline returns the deadline of ctx; Never if it has none.
func virtualDeadline(op string, ctx context.Context) clock.Instant {
	at, ok := ctx.Deadline()
	if !ok {
		return clock.Never
	}
	if at.Before(epoch) {
		panic(fmt.Sprintf("proc: the context given to %s has a deadline in real time, which has no place in the simulator: make it with rt.WithTimeout (or rt.WithDeadline) instead of context.WithTimeout", op))
	}
	return clock.Instant(at.Sub(epoch))
}

// virtualContext needs no timer. A parked call knows its context's deadline, and whoever
// asks makes it look.
type virtualContext struct {
	context.Context // a standard one, which standard children attach to
	rt              *Runtime
	root            *root
}

func (c *virtualContext) Done() <-chan struct{} {
	c.look()
	return c.Context.Done()
}

func (c *virtualContext) Err() error {
	c.look()
	return c.Context.Err()
}

// look ends the context if its time or its parent is over, and reports whether it is over.
// At its last instant the time counts, whoever looks first.
func (c *virtualContext) look() bool {
	if c.Context.Err() != nil {
		return true
	}
	switch err := c.root.parent.Err(); {
	case c.rt.Now() >= c.root.at:
		c.root.end(context.DeadlineExceeded)
	case err != nil:
		c.root.end(err)
	default:
		return false
	}
	return true
}

// lookAtContexts lets what was derived from contexts that are over know, and forgets
// these. A parent stands before its children.
func (rt *Runtime) lookAtContexts() {
	rt.contexts = slices.DeleteFunc(rt.contexts, (*virtualContext).look)
}

// canEnd says that a root is not for ever. Nobody waits for it: the child is told.
var canEnd = make(chan struct{})

// root is the parent of the standard context inside a virtual one: the way to end that
// with context.DeadlineExceeded, and without a goroutine.
type root struct {
	parent context.Context
	at     clock.Instant
	err    error
	child  func() // ends the standard context
}

func (r *root) Deadline() (time.Time, bool) { return epoch.Add(time.Duration(r.at)), true }
func (r *root) Done() <-chan struct{}       { return canEnd }
func (r *root) Err() error                  { return r.err }
func (r *root) Value(key any) any           { return r.parent.Value(key) }

// AfterFunc is how package context asks a foreign parent to be told; see context.AfterFunc.
func (r *root) AfterFunc(f func()) (stop func() bool) {
	r.child = f
	return func() bool {
		was := r.child != nil
		r.child = nil
		return was
	}
}

func (r *root) end(err error) {
	r.err = err
	if r.child != nil {
		r.child()
	}
}
