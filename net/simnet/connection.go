package simnet

import (
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net"
)

// connection is both ends of a connection and what travels between them. It is used again
// for another when nothing of it is left; the names of its ends are not.
type connection struct {
	slot   int
	ends   [2]end // the dialer's, and the other
	port   net.Port
	dial   uint64 // which one from this host to that
	path   path
	events int // in the kernel's queue that name it
}

// path is what became of the way between the ends.
type path uint8

const (
	whole  path = iota
	eaten       // what is sent disappears, and nobody is told; see HalfOpen
	broken      // what is sent disappears, and both ends are about to be told; see Reset
)

// state of one end of a connection.
type state uint8

const (
	unborn    state = iota // the other end of a dial that has not arrived
	dialing                // has sent its SYN
	answering              // has answered a SYN; its owner is told when the dialer has answered that
	open
	gone // closed, broken, or its host vanished
)

// end is one end of a connection: what it sends, and what comes to it.
type end struct {
	c     *connection
	peer  *end
	host  *Host
	id    net.Conn
	addr  net.Addr // dialer: where to; the other: where from
	state state
	boot  uint64 // of the host: what retransmits goes with the machine's memory

	older, newer *end // on its host, while it lives

	out     *link
	last    clock.Instant // when the last segment that was sent arrives
	key     rng.Key       // of what it sends, in era
	era     int           // of the noise
	repeats [32]uint16    // how often content of this hash class was sent
	unread  int           // bytes sent that the peer's owner has not taken
	full    bool          // its owner waits for Writable
	room    bool          // which is on its way

	silent  bool          // what it sent has had no answer
	since   clock.Instant // when that began
	ackless bool          // because answers are held up, though what it sent arrived
	timed   bool          // an event will look whether it is still so

	in       queue
	waiting  int           // segments of in that have arrived, and were not read
	due      clock.Instant // when the first that has not will arrive; 0: nothing is scheduled
	heldBy   *holder       // nil: nothing holds it up
	paused   bool          // its owner does not want to read
	untaken  int           // bytes given to an owner that does not run
	taken    uint64        // bytes that were taken, ever
	answered bool          // its machine has sent a reset, and need not again
}

// connect makes the connection of a dial.
func (n *Net) connect(from, to *Host, addr net.Addr, port net.Port) *connection {
	c := n.unused()
	there, back := n.link(from, to), n.link(to, from)
	there.dials++
	c.port, c.dial = port, there.dials
	d, a := &c.ends[0], &c.ends[1]
	d.c, d.peer, d.host, d.addr, d.out, d.era, d.boot = c, a, from, addr, there, -1, from.boots
	a.c, a.peer, a.host, a.out, a.era, a.boot = c, d, to, back, -1, to.boots
	return c
}

func (n *Net) unused() *connection {
	if last := len(n.free) - 1; last >= 0 {
		c := n.free[last]
		n.free = n.free[:last]
		return c
	}
	c := &connection{slot: len(n.slots)}
	n.slots = append(n.slots, c)
	return c
}

// reclaim takes back a connection of which nothing is left.
func (n *Net) reclaim(c *connection) {
	for i := range c.ends {
		if e := &c.ends[i]; e.state != gone || e.heldBy != nil || e.ackless {
			return
		}
	}
	if c.events > 0 || c.ends[0].c == nil {
		return // the second: it was taken back before
	}
	for i := range c.ends {
		in := c.ends[i].in
		in.reset()
		c.ends[i] = end{in: in}
	}
	c.path = whole
	n.free = append(n.free, c)
}

// live gives an end its name and a place on its host.
func (n *Net) live(e *end, s state) {
	n.last++
	e.id, e.state = n.last, s
	n.ends[e.id] = e
	h := e.host
	h.living++
	if e.older = h.newest; e.older != nil {
		e.older.newer = e
	} else {
		h.oldest = e
	}
	h.newest = e
}

// bury forgets e: it receives nothing more, and what it has not read is lost.
func (n *Net) bury(e *end) {
	if e.state != unborn && e.state != gone {
		n.unlink(e)
	}
	e.state, e.silent, e.untaken, e.paused = gone, false, 0, false
	for ; e.waiting > 0; e.waiting-- {
		e.in.pop()
	}
	n.listen(e)
}

func (n *Net) unlink(e *end) {
	h := e.host
	h.living--
	delete(n.ends, e.id)
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		h.oldest = e.newer
	}
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		h.newest = e.older
	}
	e.older, e.newer = nil, nil
}

// all returns the living ends of a host, oldest first, as they are now.
func (h *Host) all() []*end {
	list := make([]*end, 0, h.living)
	for e := h.oldest; e != nil; e = e.newer {
		list = append(list, e)
	}
	return list
}

// keyOf returns the key of what e sends at this instant.
func (n *Net) keyOf(e *end) rng.Key {
	if era := n.noise.Era(); e.era != era {
		d := &e.c.ends[0]
		e.era, e.key = era, n.noise.Key().Of(d.host.name).Of(string(d.addr)).Int(e.c.dial)
		if e != d {
			e.key = e.key.Of("back")
		}
	}
	return e.key
}
