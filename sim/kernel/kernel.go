package kernel

import (
	"fmt"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
)

// Actor names who an event is for.
type Actor int32

// Handler is an actor's code. Kind and arg are what it gave to At.
type Handler interface {
	Fire(kind int32, arg uint64)
}

// Describer is implemented by handlers that can say what an event is, for traces. It is
// called just before Fire and must change nothing.
type Describer interface {
	Describe(kind int32, arg uint64) string
}

// Driver is where time comes from. A world without outside code needs none: time then
// jumps to the next event. With guests the driver lives in their bubble.
type Driver interface {
	// Settle returns when outside code can do nothing more at this instant, after
	// handing over (in a defined order) what it asked for.
	Settle()
	// AdvanceTo lets time pass until t, or until outside code asks for something
	// earlier, and returns the instant reached.
	AdvanceTo(t clock.Instant) clock.Instant
}

// MaxPerInstant bounds the events at one instant. A world that exceeds it is a retry
// loop without back-off, and would never end.
const MaxPerInstant = 100_000

// StuckError says that time stopped moving.
type StuckError struct {
	At    clock.Instant
	Actor string // whose event was the last
}

func (e *StuckError) Error() string {
	return fmt.Sprintf("more than %d events at the single instant %v, the last for %s: something retries without waiting; add a back-off", MaxPerInstant, e.At, e.Actor)
}

// Kernel runs a world. The zero value is not ready; use New. It is used by one
// goroutine only.
type Kernel struct {
	now     clock.Instant
	queue   queue
	actors  []Handler
	names   []string
	driver  Driver
	count   uint64 // events fired
	digest  uint64
	instant int // events fired at now
	stop    stop
	ring    [ringSize]passed
	look    look
	noise   []Noise
	era     int // the interval of noise that holds
}

// New returns an empty kernel at instant 0.
func New() *Kernel {
	return &Kernel{digest: 0x7a6f6f627265616b, noise: []Noise{{}}, look: look{next: none}}
}

// Use makes the driver the source of time. Call it before Run.
func (k *Kernel) Use(d Driver) { k.driver = d }

// Register adds an actor. The order of registration is part of the digest.
func (k *Kernel) Register(name string, h Handler) Actor {
	k.actors = append(k.actors, h)
	k.names = append(k.names, name)
	return Actor(len(k.actors) - 1)
}

// Now returns the current instant.
func (k *Kernel) Now() clock.Instant { return k.now }

// Events returns how many events have fired.
func (k *Kernel) Events() uint64 { return k.count }

// Digest returns the running digest over all events and everything folded in.
func (k *Kernel) Digest() uint64 { return k.digest }

// Fold mixes the content of an event into the digest, so that two runs that differ only
// in bytes differ in digest.
func (k *Kernel) Fold(x uint64) { k.digest = rng.Mix(k.digest, x) }

// At schedules an event. An instant in the past means now.
func (k *Kernel) At(t clock.Instant, a Actor, kind int32, arg uint64) {
	if t < k.now {
		t = k.now
	}
	k.queue.push(event{at: t, arg: arg, actor: a, kind: kind})
}

// Pending returns how many events are scheduled.
func (k *Kernel) Pending() int { return k.queue.length }

// Run fires events in order until virtual time reaches until, or the kernel is stopped.
// It returns a StuckError when time no longer moves, and a DeadlockError if it was told
// to look for deadlocks and there is one.
func (k *Kernel) Run(until clock.Instant) error {
	for k.stop.cause == Running {
		if k.driver != nil {
			k.driver.Settle()
		}
		if k.queue.length == 0 && k.stop.deadlock {
			if err := k.Deadlock(); err != nil {
				return err
			}
		}
		next := min(until, k.queue.next())
		if next > k.now && !k.advance(next) {
			continue // outside code asked for something: look again
		}
		if k.queue.length == 0 || k.queue.next() > k.now {
			return nil
		}
		if err := k.fire(k.queue.pop()); err != nil {
			return err
		}
	}
	return nil
}

// advance moves time to t, unless the driver was interrupted before.
func (k *Kernel) advance(t clock.Instant) bool {
	reached := t
	if k.driver != nil {
		reached = k.driver.AdvanceTo(t)
	}
	if reached > k.now {
		k.now, k.instant = reached, 0
	}
	return reached >= t
}

func (k *Kernel) fire(e event) error {
	k.count++
	if k.instant++; k.instant > MaxPerInstant {
		return &StuckError{At: k.now, Actor: k.names[e.actor]}
	}
	k.digest = rng.Mix(rng.Mix(k.digest, uint64(e.at)), e.identity())
	k.ring[k.count%ringSize] = passed{e.at, e.arg, k.digest, e.actor, e.kind}
	if k.count >= k.look.next {
		k.show(e)
	}
	k.actors[e.actor].Fire(e.kind, e.arg)
	k.stop.after(k.count)
	return nil
}
