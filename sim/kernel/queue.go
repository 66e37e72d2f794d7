package kernel

import (
	"math/bits"

	"github.com/zoobreak/zoobreak/clock"
)

// event is 32 bytes without pointers, so the garbage collector never scans the queue.
type event struct {
	at    clock.Instant
	arg   uint64
	actor Actor
	kind  int32
	next  int32 // in the same slot, or among the free ones; 0: none
}

// identity tells events of one instant apart, for the digest. Multiplying by an odd number
// spreads actor and kind over all bits, so that no argument undoes a difference in them.
func (e *event) identity() uint64 {
	return (uint64(e.actor)<<32|uint64(uint32(e.kind)))*0x9e3779b97f4a7c15 + e.arg
}

// queue is a monotone radix heap (Ahuja, Mehlhorn, Orlin, Tarjan 1990): it needs no event to
// be earlier than what was popped last, and virtual time never goes back. An instant is
// read as digits of six bits. An event lies at the level of the highest digit in which it
// differs from the last instant popped, in the slot of its own digit there; at level 0 a
// slot is one instant. When the lowest level runs out, the first slot of the next one is
// spread over the levels below it, which are empty then. So an event moves at most once per
// level, and moving is relinking.
//
// Events of one instant are always in one slot, and lists keep their order: ties go by
// insertion without a number for it.
//
// Events live in one pool, as large as the most that were ever pending.
type queue struct {
	last     clock.Instant // popped
	earliest clock.Instant // pending, if known
	known    bool
	length   int
	levels   uint32 // bit n: level n is not empty
	occupied [levels]uint64
	slots    [levels][1 << digit]list
	pool     []event // the first is nobody's, so that 0 can mean none
	free     int32
}

const (
	digit  = 6
	levels = (63 + digit - 1) / digit
)

// list is events by their place in the pool, first to last. It knows its earliest instant:
// to look for it would mean a walk over memory that a large queue does not keep near.
type list struct {
	first, last int32
	earliest    clock.Instant
}

func (q *queue) push(e event) {
	if q.known && e.at < q.earliest {
		q.earliest = e.at
	}
	q.length++
	q.link(q.alloc(e))
}

// alloc finds an event a place in the pool.
func (q *queue) alloc(e event) int32 {
	if i := q.free; i != 0 {
		q.free = q.pool[i].next
		q.pool[i] = e
		return i
	}
	if len(q.pool) == 0 {
		q.pool = append(q.pool, event{})
	}
	q.pool = append(q.pool, e)
	return int32(len(q.pool) - 1)
}

// link puts an event at the end of its slot.
func (q *queue) link(i int32) {
	e := &q.pool[i]
	e.next = 0
	level := uint(0)
	if differs := uint64(e.at ^ q.last); differs >= 1<<digit {
		level = uint(bits.Len64(differs)-1) / digit
	}
	slot := uint64(e.at) >> (level * digit) % (1 << digit)
	l := &q.slots[level][slot]
	if q.occupied[level]&(1<<slot) == 0 {
		q.occupied[level] |= 1 << slot
		q.levels |= 1 << level
		l.first, l.earliest = i, e.at
	} else {
		q.pool[l.last].next = i
		l.earliest = min(l.earliest, e.at)
	}
	l.last = i
}

// front is the slot in which the earliest event is. The queue must not be empty.
func (q *queue) front() (level, slot uint) {
	level = uint(bits.TrailingZeros32(q.levels))
	return level, uint(bits.TrailingZeros64(q.occupied[level]))
}

// next returns the earliest instant, and Never for an empty queue. It leaves last alone:
// until the event is popped, an earlier one may still be pushed.
func (q *queue) next() clock.Instant {
	switch {
	case q.known:
		return q.earliest
	case q.length == 0:
		return clock.Never
	}
	level, slot := q.front()
	q.earliest = q.slots[level][slot].earliest
	q.known = true
	return q.earliest
}

// pop takes the earliest event, of several the first pushed.
func (q *queue) pop() event {
	q.last = q.next()
	level, slot := q.front()
	if level > 0 {
		q.spread(level, slot)
		level, slot = q.front()
	}
	l := &q.slots[level][slot]
	i := l.first
	e := &q.pool[i]
	if l.first = e.next; e.next == 0 {
		q.empty(level, slot)
		q.known = false
	}
	e.next, q.free = q.free, i
	q.length--
	return *e
}

// spread links the events of a slot anew, seen from the earliest of them.
func (q *queue) spread(level, slot uint) {
	i := q.slots[level][slot].first
	q.empty(level, slot)
	for i != 0 {
		next := q.pool[i].next
		q.link(i)
		i = next
	}
}

func (q *queue) empty(level, slot uint) {
	if q.occupied[level] &^= 1 << slot; q.occupied[level] == 0 {
		q.levels &^= 1 << level
	}
}
