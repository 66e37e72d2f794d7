package kernel

import (
	"math"

	"github.com/zoobreak/zoobreak/clock"
)

const ringSize = 256

// Record is one fired event, as the ring and the trace show it. Digest is of everything
// up to the event, and of the event itself, but not of what its handler folds in.
type Record struct {
	Number uint64 // 1 for the first event of the run
	At     clock.Instant
	Actor  string
	Kind   int32
	Arg    uint64
	Digest uint64
}

// passed is a fired event in the ring. Like those in the queue it has no pointers.
type passed struct {
	at     clock.Instant
	arg    uint64
	digest uint64
	actor  Actor
	kind   int32
}

// none is the number of no event.
const none = math.MaxUint64

// look is who is shown events, and from which number on.
type look struct {
	next uint64
	show func(Record, string) (next uint64)
}

// Trace calls f for every event before it fires. Tracing changes no digest.
func (k *Kernel) Trace(f func(Record, string)) {
	k.Sample(1, func(r Record, what string) uint64 {
		f(r, what)
		return r.Number + 1
	})
}

// Sample calls f with event number first, before it fires, and then with those that f
// itself asks for by number. It takes the place of a Trace: events in between cost nothing.
func (k *Kernel) Sample(first uint64, f func(Record, string) (next uint64)) {
	k.look = look{first, f}
}

func (k *Kernel) show(e event) {
	what := ""
	if d, ok := k.actors[e.actor].(Describer); ok {
		what = d.Describe(e.kind, e.arg)
	}
	k.look.next = k.look.show(k.passed(k.count), what)
}

// passed returns event number n, which must be one of the last.
func (k *Kernel) passed(n uint64) Record {
	p := &k.ring[n%ringSize]
	return Record{n, p.at, k.names[p.actor], p.kind, p.arg, p.digest}
}

// Recent returns the last events, oldest first, at most 256.
func (k *Kernel) Recent() []Record {
	n := min(k.count, ringSize)
	out := make([]Record, 0, n)
	for i := k.count - n + 1; i <= k.count; i++ {
		out = append(out, k.passed(i))
	}
	return out
}
