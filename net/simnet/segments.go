package simnet

import (
	"slices"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
)

// flag says what a segment is.
type flag uint8

const (
	bytes  flag = 0
	syn    flag = 1 // begins a connection
	fin    flag = 2 // ends one in an orderly way
	rst    flag = 3 // breaks one; in answer to a SYN: refuses
	synAck flag = 6 // answers a SYN,
	ack    flag = 7 // and answers that
)

var flagNames = [...]string{bytes: "bytes", syn: "SYN", fin: "FIN", rst: "RST", synAck: "SYN-ACK", ack: "ACK"}

// segment is what travels.
type segment struct {
	flag flag
	data []byte
	hash uint64        // of data, or of the flag
	left clock.Instant // when all of it is on its way
	at   clock.Instant // when it arrives if nothing holds it up
}

func control(f flag) segment { return segment{flag: f, hash: uint64(f)} }

// queue is a ring of segments. Its memory is used again.
type queue struct {
	ring  []segment // a power of two
	first int
	n     int
}

func (q *queue) at(i int) *segment { return &q.ring[(q.first+i)&(len(q.ring)-1)] }

func (q *queue) push(s segment) {
	if q.n == len(q.ring) {
		q.grow()
	}
	q.n++
	*q.at(q.n - 1) = s
}

func (q *queue) grow() {
	bigger := make([]segment, max(4, 2*len(q.ring)))
	for i := range q.n {
		bigger[i] = *q.at(i)
	}
	q.ring, q.first = bigger, 0
}

func (q *queue) pop() segment {
	s := *q.at(0)
	*q.at(0) = segment{}
	q.first, q.n = (q.first+1)&(len(q.ring)-1), q.n-1
	return s
}

// keep drops all but the first k.
func (q *queue) keep(k int) {
	for ; q.n > k; q.n-- {
		*q.at(q.n - 1) = segment{}
	}
}

// reset empties the queue, and lets go of a ring that a burst has left large.
func (q *queue) reset() {
	q.keep(0)
	if len(q.ring) > 64 {
		q.ring = nil
	}
	q.first = 0
}

// Mix makes a share of all writes, in percent, arrive otherwise than they were written: cut
// in two, with time between the halves, or together with the next. TCP promises bytes in
// order and nothing about where one read ends; whoever takes a read for a message finds
// out here. By default each write arrives as it is.
func (n *Net) Mix(percent uint64) { n.mixed = percent }

// cut returns where a write is cut in two, or 0.
func (n *Net) cut(e *end, b []byte, hash uint64) int {
	if n.mixed == 0 {
		return 0
	}
	k := n.keyOf(e).Of("cut").Int(hash)
	if len(b) < 2 || !k.Chance(n.mixed, 100) {
		return 0
	}
	return 1 + int(k.Of("where").Below(uint64(len(b)-1)))
}

// joins reports whether what has just arrived is read together with what comes next.
func (n *Net) joins(e *end) bool {
	if n.mixed == 0 || e.in.n <= e.waiting || e.state != open {
		return false
	}
	for i := range e.waiting + 1 {
		if e.in.at(i).flag != bytes {
			return false
		}
	}
	return n.keyOf(e).Of("join").Int(e.in.at(e.waiting-1).hash).Chance(n.mixed, 100)
}

// together takes what has arrived, and can be one read, as one segment.
func (e *end) together() segment {
	s := e.next()
	for s.flag == bytes && e.waiting > 0 && e.in.at(0).flag == bytes {
		more := e.next()
		s.data, s.hash = append(slices.Clip(s.data), more.data...), rng.Mix(s.hash, more.hash)
	}
	return s
}

func (e *end) next() segment {
	e.waiting--
	return e.in.pop()
}

// cutFrame cuts a write in the middle, in as many cases as writes are mixed, and returns 1
// if it did.
func (n *Net) cutFrame(s *segment, k rng.Key) int {
	if n.mixed == 0 || s.flag != bytes || len(s.data) < 2 || !k.Chance(n.mixed, 100) {
		return 0
	}
	at := 1 + int(k.Of("where").Below(uint64(len(s.data)-1)))
	s.data, s.hash = s.data[:at:at], rng.Mix(s.hash, uint64(at))
	return 1
}
