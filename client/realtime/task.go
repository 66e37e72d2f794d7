package realtime

import (
	"container/list"
	"context"
	"slices"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/clock"
)

// task implements client.Task.
type task struct {
	rt      *Runtime
	name    string
	program func()
	state   state
	turn    chan struct{} // brings it the baton
	done    *signal
	outcome error // why it did not end by itself
	refused int   // calls after the stop

	// The call it is parked in.
	ctx   context.Context
	on    *signal // nil: time alone
	place *list.Element
	due   clock.Instant
	timer timer
	err   error // how it ended
}

type state uint8

const (
	unbegun state = iota
	parked        // waits
	ready         // is in the queue
	running       // has the baton
	ended
)

// Spawn implements client.Runtime.
func (rt *Runtime) Spawn(name string, program func()) client.Task { return rt.spawn(name, program) }

func (rt *Runtime) spawn(name string, program func()) *task {
	t := &task{rt: rt, name: name, program: program, turn: make(chan struct{}), done: rt.newSignal(name), timer: noTimer}
	if rt.stopped {
		t.state, t.outcome = ended, client.ErrStopped
		t.done.happen()
		return t
	}
	rt.live = append(rt.live, t)
	rt.ready.push(t)
	return t
}

// Name implements client.Task.
func (t *task) Name() string { return t.name }

// Done implements client.Task.
func (t *task) Done() bool { return t.done.Fired() }

// Wait implements client.Task.
func (t *task) Wait(ctx context.Context) error { return t.done.Wait(ctx) }

// park hands over the baton until the wait ends, and returns how it ended: nil when the
// signal fired or the instant came, or the error of the context or of the stop.
func (t *task) park(ctx context.Context, on *signal, until clock.Instant) error {
	t.state, t.ctx, t.on, t.due = parked, ctx, on, until
	if on != nil {
		t.place = on.waiters.PushBack(t)
	}
	if until < clock.Never {
		t.rt.timers.add(t)
		t.rt.clock.Set(t.rt.timers.earliest())
	}
	if ctx.Done() != nil {
		defer context.AfterFunc(ctx, t.rt.contextEnded)()
	}
	return t.handOver()
}

func (t *task) handOver() error {
	t.rt.back <- struct{}{}
	<-t.turn
	return t.err
}

// makeReady ends the wait of a task, which goes on when it gets the baton.
func (t *task) makeReady(err error) {
	if t.on != nil {
		t.on.waiters.Remove(t.place)
		t.on, t.place = nil, nil
	}
	t.rt.timers.remove(t)
	t.state, t.err = ready, err
	t.rt.ready.push(t)
}

// main is the goroutine.
func (t *task) main() {
	defer t.end()
	t.program()
}

// end is deferred: a program may also leave by a panic or by runtime.Goexit.
func (t *task) end() {
	if p := recover(); p != nil {
		t.panicked(p)
	}
	t.leave()
	t.rt.back <- struct{}{}
}

// leave takes the task out of the program.
func (t *task) leave() {
	if t.rt.stopped {
		t.outcome = client.ErrStopped
	}
	t.state = ended
	i := slices.Index(t.rt.live, t)
	t.rt.live = slices.Delete(t.rt.live, i, i+1)
	t.done.happen()
	t.program, t.ctx = nil, nil
}
