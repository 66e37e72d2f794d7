package realtime

import (
	"runtime/debug"

	"github.com/zoobreak/zoobreak/client"
)

// maxRefused bounds the calls that a task makes after the stop. A loop that ignores
// errors would go on for ever; it is unwound by a panic.
const maxRefused = 1000

// unwind is the panic that ends a task which does not end by itself.
type unwind struct{}

// Do runs a task of the program for a caller outside of it, such as func main, and returns
// when the task has ended: with nil, its panic, or ErrStopped if the program was stopped
// first.
func (rt *Runtime) Do(name string, program func()) error {
	var t *task
	if !rt.box.Call(func() { t = rt.spawn(name, program) }) {
		return client.ErrStopped
	}
	<-t.done.closed
	return t.outcome
}

// Stop asks the program to end, and does not wait for that. Anybody may call it, also its
// own tasks.
func (rt *Runtime) Stop() {
	go rt.box.Post(rt.stop) // the program's own thread must not wait for room in the inbox
}

// Close ends the program. Task by task, in the order of spawning, the code unwinds: its
// current call returns ErrStopped, and so does every later one, at once. When Close returns
// every task has ended, and no event runs any more. It returns Err. Anybody may call it but
// the program itself, which would wait for itself: that is what Stop is for.
func (rt *Runtime) Close() error {
	rt.box.Call(func() {
		rt.stop()
		rt.clock.Stop()
		rt.box.Close()
	})
	<-rt.gone
	return rt.failure
}

// Ended returns a channel that is closed when the program has ended, by Close, by Stop or
// by a panic.
func (rt *Runtime) Ended() <-chan struct{} { return rt.ended }

// Err returns the client.PanicError that ended the program, or nil.
func (rt *Runtime) Err() error {
	select {
	case <-rt.ended:
		return rt.failure
	default:
		return nil
	}
}

// stop runs on the thread, between the steps of tasks.
func (rt *Runtime) stop() {
	if rt.stopped {
		return
	}
	rt.stopped, rt.ready, rt.timers = true, queue{}, timers{}
	for len(rt.live) > 0 {
		rt.live[0].unwind()
	}
	close(rt.ended)
}

func (t *task) unwind() {
	if t.state == unbegun {
		t.leave()
		return
	}
	t.err = client.ErrStopped
	t.rt.run(t)
}

// refuse answers a call of a program that was stopped.
func (rt *Runtime) refuse() error {
	if t := rt.current; t != nil {
		if t.refused++; t.refused > maxRefused {
			panic(unwind{})
		}
	}
	return client.ErrStopped
}

// panicked keeps the first panic. One of a program that was stopped is not a failure: to
// panic is one way to unwind.
func (t *task) panicked(value any) {
	if t.rt.stopped {
		return
	}
	t.outcome = &client.PanicError{Program: t.rt.cfg.Name, Task: t.name, At: t.rt.Now(), Value: value, Stack: string(debug.Stack())}
	t.rt.failure = t.outcome
}

// fail does to the other tasks what a panic does to a process.
func (rt *Runtime) fail() {
	rt.stop()
	if rt.cfg.Failed == nil {
		panic(rt.failure)
	}
	rt.cfg.Failed(rt.failure)
}
