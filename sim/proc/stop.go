package proc

import (
	"fmt"
	"runtime/debug"

	"github.com/zoobreak/zoobreak/client"
)

// maxRefused bounds the calls that a task makes after the stop. A loop that ignores
// errors would go on for ever; it is unwound by a panic.
const maxRefused = 1000

// unwind is the panic that ends a task which does not end by itself.
type unwind struct{}

// Kill ends the program. Task by task, in the order of spawning, the code unwinds: its
// current call returns client.ErrStopped, and so does every later one, at once. When Kill returns
// every task has ended. It is not for tasks of the program itself: they return, or panic.
func (rt *Runtime) Kill() {
	rt.mustBeOutside("Kill")
	rt.stopped, rt.paused, rt.held = true, false, nil
	for len(rt.live) > 0 {
		rt.live[0].unwind()
	}
	rt.contexts = nil
}

// Close ends the program at the end of a run, and returns Err.
func (rt *Runtime) Close() error {
	rt.Kill()
	return rt.failure
}

// Stopped reports whether the program was killed or has failed.
func (rt *Runtime) Stopped() bool { return rt.stopped }

// Err returns the client.PanicError that ended the program, or nil.
func (rt *Runtime) Err() error { return rt.failure }

func (rt *Runtime) mustBeOutside(op string) {
	if rt.current != nil {
		panic(fmt.Sprintf("proc: %s of program %s is called by its own task %s, which is running: call it from an event", op, rt.cfg.Name, rt.current.name))
	}
}

func (t *Task) unwind() {
	if t.next == nil {
		t.end()
		return
	}
	t.err = client.ErrStopped
	t.run()
}

// refuse answers a call of a program that was killed.
func (rt *Runtime) refuse() error {
	if t := rt.current; t != nil {
		if t.refused++; t.refused > maxRefused {
			panic(unwind{})
		}
	}
	return client.ErrStopped
}

// panicked keeps the first panic. One of a program that was killed is not a failure: to
// panic is one way to unwind.
func (t *Task) panicked(value any) {
	if t.rt.stopped || t.rt.failure != nil {
		return
	}
	t.rt.failure = &client.PanicError{Program: t.rt.cfg.Name, Task: t.name, At: t.rt.Now(), Value: value, Stack: string(debug.Stack())}
}

// fail does to the other tasks what a panic does to a process.
func (rt *Runtime) fail() {
	rt.Kill()
	if rt.cfg.Failed != nil {
		rt.cfg.Failed(rt.failure)
		return
	}
	rt.k.Stop()
}
