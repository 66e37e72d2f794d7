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
	seq     uint64 // insertions
	count   uint64 // events fired
	digest  uint64
	instant int // events fired at now
	stopAt  uint64
	stopped bool
	ring    [ringSize]Record
	trace   func(Record, string)
	noise   []Noise
	era     int // the interval of noise that holds
}

const ringSize = 256

// Record is one fired event, as the ring and the trace keep it. Digest is of everything
// up to and including the event.
type Record struct {
	Number uint64 // 1 for the first event of the run
	At     clock.Instant
	Actor  string
	Kind   int32
	Arg    uint64
	Digest uint64
}

// New returns an empty kernel at instant 0.
func New() *Kernel { return &Kernel{digest: 0x7a6f6f627265616b, noise: []Noise{{}}} }

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
	k.seq++
	k.queue.push(event{at: t, seq: k.seq, arg: arg, actor: a, kind: kind})
}

// Pending returns how many events are scheduled.
func (k *Kernel) Pending() int { return len(k.queue.h) }

// Stop ends Run after the current event.
func (k *Kernel) Stop() { k.stopped = true }

// StopAfter ends Run after event number n. Zero means never.
func (k *Kernel) StopAfter(n uint64) { k.stopAt = n }

// Stopped reports whether Stop or StopAfter ended the run.
func (k *Kernel) Stopped() bool { return k.stopped }

// Trace calls f for every event before it fires. Tracing changes no digest.
func (k *Kernel) Trace(f func(Record, string)) { k.trace = f }

// Run fires events in order until virtual time reaches until, or the kernel is stopped.
// It returns a StuckError when time no longer moves.
func (k *Kernel) Run(until clock.Instant) error {
	for !k.stopped {
		if k.driver != nil {
			k.driver.Settle()
		}
		next := until
		if len(k.queue.h) > 0 && k.queue.h[0].at < next {
			next = k.queue.h[0].at
		}
		if next > k.now && !k.advance(next) {
			continue // outside code asked for something: look again
		}
		if len(k.queue.h) == 0 || k.queue.h[0].at > k.now {
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
	k.digest = rng.Mix(rng.Mix(k.digest, uint64(e.at)), uint64(e.actor)<<48^uint64(uint32(e.kind))<<32^e.arg)
	k.record(e)
	k.actors[e.actor].Fire(e.kind, e.arg)
	if k.count == k.stopAt {
		k.stopped = true
	}
	return nil
}

func (k *Kernel) record(e event) {
	r := &k.ring[k.count%ringSize]
	r.Number, r.At, r.Actor, r.Kind, r.Arg, r.Digest = k.count, e.at, k.names[e.actor], e.kind, e.arg, k.digest
	if k.trace == nil {
		return
	}
	what := ""
	if d, ok := k.actors[e.actor].(Describer); ok {
		what = d.Describe(e.kind, e.arg)
	}
	k.trace(*r, what)
}

// Recent returns the last events, oldest first, at most 256.
func (k *Kernel) Recent() []Record {
	n := min(k.count, ringSize)
	out := make([]Record, 0, n)
	for i := k.count - n + 1; i <= k.count; i++ {
		out = append(out, k.ring[i%ringSize])
	}
	return out
}
