package proc

import (
	"context"
	"iter"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/clock"
)

// Task implements client.Task.
type Task struct {
	rt      *Runtime
	name    string
	program func()
	slot    uint32
	state   state
	next    func() (struct{}, bool) // resumes it; nil: it has not begun
	yield   func(struct{}) bool     // hands over to who resumed it
	done    Signal
	refused int // calls after the stop

	// The call it is parked in.
	wait       wait
	ctx        context.Context
	cancelable bool
	due        clock.Instant // when the wait ends by itself
	expires    bool          // and if that is by the context
	err        error         // how it ended

	// Numbers of its events; 0: none. An alarm outlasts waits that end before it, because
	// most do: it is left in the queue, and looks again when it rings.
	resumption uint32
	alarm      uint32
	alarmAt    clock.Instant

	before, after *Task // in the same Signal
}

type state uint8

const (
	ready   state = iota // its resumption is scheduled
	parked               // waits
	running              // has the baton
	ended
)

// Spawn implements client.Runtime. The task starts at this instant.
func (rt *Runtime) Spawn(name string, program func()) client.Task {
	t := &Task{rt: rt, name: name, program: program, alarmAt: clock.Never}
	t.done = Signal{rt: rt, name: name, kind: task}
	if rt.stopped {
		t.state, t.done.fired = ended, true
		return t
	}
	rt.add(t)
	t.wait = wait{kind: starting, since: rt.Now()}
	t.resumption = rt.schedule(rt.k.Now(), taskResumes, t)
	return t
}

// Name returns the task's name.
func (t *Task) Name() string { return t.name }

// Done implements client.Task.
func (t *Task) Done() bool { return t.done.fired }

// Wait implements client.Task.
func (t *Task) Wait(ctx context.Context) error { return t.done.Wait(ctx) }

// park hands over the baton until the wait ends, and returns how it ended: nil when w
// came about, or the error of the context or of the stop. It allocates nothing.
func (t *Task) park(w wait, ctx context.Context, deadline clock.Instant) error {
	w.since = t.rt.Now()
	t.wait, t.ctx, t.state, t.err = w, ctx, parked, nil
	t.due, t.expires = w.until, false
	if deadline < w.until {
		t.due, t.expires = deadline, true
	}
	if t.cancelable = ctx.Done() != nil; t.cancelable {
		t.rt.cancelable++
	}
	t.setAlarm()
	t.yield(struct{}{})
	return t.err
}

// setAlarm makes sure that an event comes when the wait ends by itself, at the latest. A
// machine whose clock stands still needs none: rearm follows when it goes on.
func (t *Task) setAlarm() {
	if t.due >= t.alarmAt {
		return
	}
	if at := t.rt.when(t.due); at < clock.Never {
		t.alarmAt = t.due
		t.alarm = t.rt.schedule(at, alarmRings, t)
	}
}

// take accepts an event, and reports whether the task can go on.
func (t *Task) take(number uint32) bool {
	switch number {
	case t.resumption:
		return true
	case t.alarm:
		return t.ring()
	}
	return false
}

// ring ends the wait if its time has come, and reports whether it has.
func (t *Task) ring() bool {
	t.alarm, t.alarmAt = 0, clock.Never
	switch {
	case t.state != parked:
		return false
	case t.due > t.rt.Now():
		t.setAlarm()
		return false
	}
	t.unpark(t.expiry())
	return true
}

// expiry is what a wait that ends by itself returns.
func (t *Task) expiry() error {
	if !t.expires {
		return nil
	}
	t.rt.lookAtContexts()
	if err := t.ctx.Err(); err != nil {
		return err
	}
	return context.DeadlineExceeded
}

// wake ends the wait of a parked task, which goes on in an event of its own: user code
// never runs inside a call that somebody else made.
func (t *Task) wake(err error) {
	t.unpark(err)
	t.resumption = t.rt.schedule(t.rt.k.Now(), taskResumes, t)
}

func (t *Task) unpark(err error) {
	if t.wait.signal != nil {
		t.wait.signal.remove(t)
	}
	if t.cancelable {
		t.rt.cancelable--
	}
	t.state, t.err = ready, err
}

// run gives the task the baton, and returns when it is handed back. Contexts that have
// come to their end are over before user code runs, not from when it looks.
func (t *Task) run() {
	t.rt.lookAtContexts()
	if t.next == nil {
		t.next, _ = iter.Pull(t.main) // nothing to stop: every task runs to its end, see Kill
	}
	t.resumption, t.state, t.rt.current = 0, running, t
	if w := t.rt.cfg.Watchdog; w != nil {
		defer w.leave(w.enter(t))
	}
	t.next()
	if t.state != ended {
		t.rt.current = nil
		return
	}
	if t.rt.failure != nil && !t.rt.stopped {
		t.rt.fail()
	}
}

// main is the coroutine.
func (t *Task) main(yield func(struct{}) bool) {
	t.yield = yield
	defer t.end()
	t.program()
}

// end is deferred: a program may also leave by a panic or by runtime.Goexit, as a failed
// test does.
func (t *Task) end() {
	if p := recover(); p != nil {
		t.panicked(p)
	}
	t.state, t.rt.current = ended, nil
	t.rt.remove(t)
	if t.done.Fire(); !t.done.fired {
		t.done.happen() // even in a program that was killed
	}
	t.program, t.ctx = nil, nil
}
