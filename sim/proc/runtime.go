package proc

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

var _ client.Runtime = (*Runtime)(nil)

// Config is what a Runtime is told once.
type Config struct {
	Name   string
	Random rng.Key
	// Failed is told that a task panicked, after all tasks have ended. Nil stops the
	// kernel instead: a failure that nobody looks for must not look like success.
	Failed   func(error)
	Watchdog *Watchdog // nil: nobody watches
	// Machine is where the program runs. Nil is a program outside of all machines, whose
	// clock is the world's.
	Machine Machine
}

// Runtime implements client.Runtime: one program in one life. After a Kill it stays dead;
// a restart makes a new one. Like the kernel it is used by one goroutine.
type Runtime struct {
	cfg   Config
	k     *kernel.Kernel
	actor kernel.Actor

	slots   []slot
	free    []uint32 // slots without a task
	live    []*Task  // in the order of spawning
	current *Task    // who has the baton; nil: the kernel
	stopped bool
	failure error

	posted []uint64 // events that the machine has not handed back
	next   func()   // nextTurn, as one value

	paused bool
	held   []*Task // that would go on but for the pause

	contexts   []*virtualContext // that may still expire, in the order of making
	cancelable int               // parked tasks whose context can be cancelled
}

// slot is a task's place in the arguments of events. It outlives the task, so that an
// event for one task is never taken for one of the next.
type slot struct {
	task   *Task
	events uint32 // made so far
}

// Events of a Runtime in the kernel. The argument is a slot, and the event's number there.
const (
	alarmRings int32 = iota
	taskResumes
)

// New returns a Runtime without tasks.
func New(k *kernel.Kernel, cfg Config) *Runtime {
	rt := &Runtime{cfg: cfg, k: k}
	rt.next = rt.nextTurn
	rt.actor = k.Register("program "+cfg.Name, rt)
	if cfg.Machine != nil {
		cfg.Machine.OnChange(rt.rearm)
	}
	return rt
}

// Name implements client.Runtime.
func (rt *Runtime) Name() string { return rt.cfg.Name }

// Random implements client.Runtime.
func (rt *Runtime) Random(purpose string, index uint64) rng.Key {
	return rt.cfg.Random.Of(purpose).Int(index)
}

// Sleep implements client.Runtime.
func (rt *Runtime) Sleep(ctx context.Context, d time.Duration) error {
	t, deadline, err := rt.enter("Sleep", ctx)
	if err != nil {
		return err
	}
	return t.park(wait{kind: sleeping, until: rt.Now().Add(d)}, ctx, deadline)
}

// enter begins a call of the task that has the baton.
func (rt *Runtime) enter(op string, ctx context.Context) (t *Task, deadline clock.Instant, err error) {
	if rt.stopped {
		return nil, 0, rt.refuse()
	}
	if rt.current == nil {
		panic(fmt.Sprintf("proc: %s of program %s is called from outside of its tasks, where nothing can wait: Spawn a task that does", op, rt.cfg.Name))
	}
	deadline = virtualDeadline(op, ctx)
	rt.lookAtContexts()
	return rt.current, deadline, ctx.Err()
}

// turn handles an event.
func (rt *Runtime) turn(arg uint64) {
	t := rt.slots[arg>>32].task
	switch {
	case t == nil || !t.take(uint32(arg)):
	case rt.paused:
		rt.held = append(rt.held, t)
	default:
		t.run()
		rt.poll()
	}
}

// schedule makes an event for a task, at an instant of virtual time, and returns its number in the task's slot.
func (rt *Runtime) schedule(at clock.Instant, kind int32, t *Task) uint32 {
	s := &rt.slots[t.slot]
	if s.events++; s.events == 0 {
		s.events = 1 // 0 means none
	}
	rt.k.At(at, rt.actor, kind, uint64(t.slot)<<32|uint64(s.events))
	return s.events
}

// poll ends the waits of those whose context was cancelled. It follows every step that
// ran user code, because only user code cancels; an owner that cancels from an event of
// its own calls Poll. Contexts could tell by themselves, but only on a goroutine, and its
// timing would be real. What is due at this instant is left to its alarm, so that a wait
// which ends together with its context ends well, whoever else has run before.
func (rt *Runtime) poll() {
	rt.lookAtContexts()
	if rt.cancelable == 0 {
		return
	}
	for _, t := range rt.live {
		if t.state == parked && t.cancelable && t.due > rt.Now() {
			if err := t.ctx.Err(); err != nil {
				t.wake(err)
			}
		}
	}
}

// Poll is for an owner that cancelled a context of the program from outside of it.
func (rt *Runtime) Poll() {
	if rt.current == nil && !rt.stopped && !rt.paused {
		rt.poll()
	}
}

// Describe implements kernel.Describer.
func (rt *Runtime) Describe(kind int32, arg uint64) string {
	t, number := rt.slots[arg>>32].task, uint32(arg)
	switch {
	case t == nil || number != t.resumption && number != t.alarm || t.state == ready && kind == alarmRings:
		return "nothing: the wait has ended"
	case kind == alarmRings && t.due > rt.Now():
		return "alarm moved to " + t.due.String()
	case t.wait.kind == starting:
		return "task " + t.name + " starts"
	}
	return "task " + t.name + " goes on: " + t.wait.String()
}

// add gives a task its slot.
func (rt *Runtime) add(t *Task) {
	rt.live = append(rt.live, t)
	if n := len(rt.free); n > 0 {
		t.slot, rt.free = rt.free[n-1], rt.free[:n-1]
	} else {
		t.slot = uint32(len(rt.slots))
		rt.slots = append(rt.slots, slot{})
	}
	rt.slots[t.slot].task = t
}

func (rt *Runtime) remove(t *Task) {
	i := slices.Index(rt.live, t)
	rt.live = slices.Delete(rt.live, i, i+1)
	rt.slots[t.slot].task = nil
	rt.free = append(rt.free, t.slot)
}
