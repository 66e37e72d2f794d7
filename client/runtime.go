package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
)

// Runtime is one program: its tasks, its time, its randomness.
//
// There is one baton per Runtime. At most one of its tasks runs, until it hands over, and
// it does so only inside calls that wait: Sleep, and Wait of a Signal, a Task or a Call.
// Between two such calls a task is alone, so that programs need no locks. In return they
// start no goroutine (Spawn does that) and wait for nothing real with the baton in their
// hand: it would keep all other tasks from running.
//
// Its methods, and those of Task and Trigger, are for tasks of the program and for the
// events of who owns it. What others may call says so.
//
// A program that is stopped unwinds: its current calls return ErrStopped, and so does
// every later one, at once.
type Runtime interface {
	// Name returns the program's name.
	Name() string

	// Now returns the current instant. Deadlines are measured with it.
	Now() clock.Instant

	// Random returns the randomness of a purpose. The same purpose gives the same values,
	// whoever else draws: number what is done repeatedly.
	Random(purpose string, index uint64) rng.Key

	// Sleep returns after d, never earlier. Even without a d it lets the others run that
	// can.
	Sleep(ctx context.Context, d time.Duration) error

	// Spawn starts a task, when who spawns it has handed over. In a program that was
	// stopped it returns a task that has ended.
	Spawn(name string, program func()) Task

	// NewSignal returns a signal that has not fired. Its name is for reports.
	NewSignal(name string) Trigger

	// WithTimeout is context.WithTimeout in the time of this world.
	WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc)

	// Remaining returns how long ctx has until its deadline; ok is false if it has none.
	// It is the way to read a deadline: what ctx.Deadline returns is of no use in virtual
	// time.
	Remaining(ctx context.Context) (d time.Duration, ok bool)
}

// Signal is something that happens at most once, and that tasks wait for.
type Signal interface {
	// Fired reports whether it has happened. Anybody may call it.
	Fired() bool

	// Wait returns nil when it has happened. That counts for more than the context: a
	// signal that has fired returns nil even if ctx is over.
	Wait(ctx context.Context) error

	// WaitUntil is Wait, but gives up at an instant, and reports whether it has happened.
	WaitUntil(ctx context.Context, at clock.Instant) (bool, error)

	// C returns a channel that is closed when it happens. It is for callers outside of
	// the program, such as the code around a recipe, and anybody may call it. Tasks Wait.
	// A program that has ended fires no signals: a caller that must learn of that too
	// watches the program as well.
	C() <-chan struct{}
}

// Trigger is a signal in the hands of who fires it.
type Trigger interface {
	Signal

	// Fire lets everybody go on who waits, in order of arrival, when the caller has handed
	// over. Again changes nothing. In a program that was stopped it does nothing.
	Fire()
}

// Task is one line of execution of a program.
type Task interface {
	Name() string

	// Done reports whether the task has ended. Anybody may call it.
	Done() bool

	// Wait returns when the task has ended.
	Wait(ctx context.Context) error
}

// ErrStopped is what the calls of a program return that was stopped.
var ErrStopped = errors.New("client: the program was stopped")

// PanicError says that a task panicked. It ends the program, as a panic ends a process.
type PanicError struct {
	Program, Task string
	At            clock.Instant
	Value         any
	Stack         string
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("client: task %s/%s panicked at %v: %v\n\n%s", e.Program, e.Task, e.At, e.Value, e.Stack)
}

// Unwrap returns the value of the panic, if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
