package kernel

import "github.com/zoobreak/zoobreak/clock"

// event is 32 bytes without pointers, so the garbage collector never scans the queue.
type event struct {
	at    clock.Instant
	seq   uint64
	arg   uint64
	actor Actor
	kind  int32
}

// identity tells events of one instant apart, for the digest. Multiplying by an odd number
// spreads actor and kind over all bits, so that no argument undoes a difference in them.
func (e *event) identity() uint64 {
	return (uint64(e.actor)<<32|uint64(uint32(e.kind)))*0x9e3779b97f4a7c15 + e.arg
}

func (e *event) before(f *event) bool { return e.at < f.at || e.at == f.at && e.seq < f.seq }

// queue is a 4-ary heap: half the depth of a binary one, and the four children share a
// cache line or two. Its order is total, because seq is unique.
type queue struct{ h []event }

func (q *queue) push(e event) {
	h := append(q.h, e)
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = e
	q.h = h
}

func (q *queue) pop() event {
	top, last := q.h[0], q.h[len(q.h)-1]
	q.h = q.h[:len(q.h)-1]
	if len(q.h) > 0 {
		q.sink(last)
	}
	return top
}

// sink puts e where the root was and moves it down to its place.
func (q *queue) sink(e event) {
	h, i := q.h, 0
	for {
		first := i*4 + 1
		if first >= len(h) {
			break
		}
		least := first
		for c := first + 1; c < min(first+4, len(h)); c++ {
			if h[c].before(&h[least]) {
				least = c
			}
		}
		if !h[least].before(&e) {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = e
}
