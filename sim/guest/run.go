package guest

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zoobreak/zoobreak/internal/rng"
)

// Options of Run. The zero value is usable.
type Options struct {
	Key      rng.Key
	T        *testing.T                  // the running test, if there is one
	Stuck    func(report string)         // told, outside the bubble, why the run cannot go on
	Panicked func(process, stack string) // likewise, when a program panicked
	Patience time.Duration               // real time without progress; 0 means 8s
}

// StuckError says that programs made the simulation stand still.
type StuckError struct{ Report string }

func (e *StuckError) Error() string { return "guest: the simulation stands still: " + e.Report }

// PanicError says that a program panicked.
type PanicError struct{ Process, Stack string }

func (e *PanicError) Error() string {
	return fmt.Sprintf("guest: the program of %s panicked: %s", e.Process, e.Stack)
}

// BodyPanic is the value with which Run panics when its body did: the body's own value
// and where it happened, which is on another goroutine.
type BodyPanic struct {
	Value any
	Stack string
}

func (p *BodyPanic) Error() string { return fmt.Sprintf("%v\n\nin the bubble:\n%s", p.Value, p.Stack) }

// Unwrap returns the body's value if that is an error.
func (p *BodyPanic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// ErrLeftovers says that the programs did not end. Their goroutines stay frozen until the
// operating system's process ends, which should be soon.
var ErrLeftovers = errors.New("guest: programs, or goroutines that they started, did not end")

// one world at a time: see own.
var world sync.Mutex

// Run enters a bubble and calls body on its main goroutine. Settings of the whole
// process are changed meanwhile, so runs do not overlap. Everything is taken down when it
// returns, unless it returns an error: then goroutines may be left.
func Run(o Options, body func(*Bubble)) error {
	world.Lock()
	defer world.Unlock()
	defer own(o.Key)()
	b := newBubble()
	ended := make(chan ending, 1)
	go enter(o, b, body, ended)
	stuck := make(chan string, 1)
	quit := make(chan struct{})
	defer close(quit)
	go b.turn.watch(patience(o), quit, stuck)
	select {
	case e := <-ended:
		return e.tell(o)
	case report := <-stuck:
		return ending{err: &StuckError{report}}.tell(o)
	}
}

func patience(o Options) time.Duration {
	if o.Patience > 0 {
		return o.Patience
	}
	return 8 * time.Second // so that a report comes within ten
}

// ending is how a bubble's main goroutine ended.
type ending struct {
	err      error
	panicked *BodyPanic // body's panic, to be repeated outside
	exited   bool       // body called runtime.Goexit, as FailNow does
}

// tell reports the ending where real time passes and goroutines may block.
func (e ending) tell(o Options) error {
	if e.panicked != nil {
		panic(e.panicked)
	}
	if e.exited {
		runtime.Goexit()
	}
	var stuck *StuckError
	var panicked *PanicError
	switch {
	case errors.As(e.err, &stuck) && o.Stuck != nil:
		o.Stuck(stuck.Report)
	case errors.As(e.err, &panicked) && o.Panicked != nil:
		o.Panicked(panicked.Process, panicked.Stack)
	}
	return e.err
}

// enter makes the bubble and lives in it. A bubble with goroutines left cannot be left:
// that would be a fatal deadlock. Its main goroutine then waits for ever on a channel
// from outside, which stops the bubble's time.
func enter(o Options, b *Bubble, body func(*Bubble), ended chan<- ending) {
	t := o.T
	if t == nil {
		t = new(testing.T)
	}
	outside := make(chan struct{})
	synctest.Test(t, func(*testing.T) {
		e := ending{exited: true}
		defer func() {
			if v := recover(); v != nil {
				e.panicked = &BodyPanic{v, string(debug.Stack())}
			}
			if e.err != nil || e.exited || e.panicked != nil {
				ended <- e
				<-outside
			}
		}()
		e.err = b.live(body)
		e.exited = false
	})
	ended <- ending{}
}
