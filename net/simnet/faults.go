package simnet

import (
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/net"
)

// Slow adds to the latency of what is sent from one host to another from now on.
func (n *Net) Slow(from, to *Host, extra time.Duration, mattered *int) {
	l := n.link(from, to)
	l.delays = append(l.delays, delay{extra, mattered})
}

// Unslow lifts what Slow imposed.
func (n *Net) Unslow(from, to *Host, mattered *int) {
	l := n.link(from, to)
	i := slices.IndexFunc(l.delays, func(d delay) bool { return d.mattered == mattered })
	if i < 0 {
		panic("simnet: a slow link is lifted that was not imposed")
	}
	l.delays = slices.Delete(l.delays, i, i+1)
}

// Throttle bounds how many bytes a second one host can send to another, on all their
// connections together; of several throttles the lowest bounds. What waits for its turn
// counts in mattered.
func (n *Net) Throttle(from, to *Host, bytesPerSecond int64, mattered *int) {
	if bytesPerSecond <= 0 {
		panic("simnet: a throttled link carries at least a byte a second; use Block for none")
	}
	l := n.link(from, to)
	l.throttles = append(l.throttles, throttle{bytesPerSecond, mattered})
}

// Unthrottle lifts what Throttle imposed. What still waited for its turn need not.
func (n *Net) Unthrottle(from, to *Host, mattered *int) {
	l := n.link(from, to)
	i := slices.IndexFunc(l.throttles, func(t throttle) bool { return t.mattered == mattered })
	if i < 0 {
		panic("simnet: a throttled link is lifted that was not imposed")
	}
	l.throttles = slices.Delete(l.throttles, i, i+1)
	l.busy = n.k.Now()
	for _, c := range n.slots { // as many as there ever were at one time
		for i := range c.ends {
			if e := &c.ends[i]; e.c != nil && e.peer.out == l && e.due > 0 {
				n.hasten(e)
			}
		}
	}
}

// hasten gives what still waits for its turn on the way to e an earlier one, and leaves what
// is under way as it is.
func (n *Net) hasten(e *end) {
	now := n.k.Now()
	after := now
	for i := e.waiting; i < e.in.n; i++ {
		s := e.in.at(i)
		if s.left > now {
			travels := s.at.Sub(s.left)
			s.left = n.depart(e.peer.out, len(s.data))
			s.at = max(s.left.Add(travels), after+1)
		}
		after = s.at
	}
	e.peer.last = after
	if first := e.in.at(e.waiting).at; first != e.due {
		e.due = 0
		n.expect(e)
	}
}

// Refuse makes a host refuse whoever dials it from now on; each counts in mattered. The
// connections that there are live on.
func (n *Net) Refuse(h *Host, mattered *int) { h.refusals = append(h.refusals, mattered) }

// Unrefuse lifts what Refuse imposed.
func (n *Net) Unrefuse(h *Host, mattered *int) { h.refusals = remove(h.refusals, mattered) }

// between returns the end on a of every connection between two hosts that an owner has
// heard of.
func between(a, b *Host) (list []*end) {
	for _, e := range a.all() {
		if e.peer.host == b && (e.state == open || e.peer.state == open) {
			list = append(list, e)
		}
	}
	return list
}

// HalfOpen makes every connection between two hosts cease in silence, as a router does that
// has forgotten them: nothing that is sent or on its way arrives any more, and nobody is
// told. A sender finds out when it has waited too long for an answer, and who sends
// nothing never does. It returns how many it broke. New connections are not affected.
func (n *Net) HalfOpen(a, b *Host) (ceased int) {
	for _, e := range between(a, b) {
		if e.c.path != whole {
			continue
		}
		ceased++
		e.c.path = eaten
		n.swallow(e)
		n.swallow(e.peer)
	}
	return ceased
}

// swallow loses what is on its way to e. Its sender waits for an answer that cannot come.
func (n *Net) swallow(e *end) {
	waits := e.in.n > e.waiting || e.peer.ackless
	n.lost(e, 0)
	n.listen(e.peer)
	if waits {
		n.unheard(e.peer)
	}
	n.unanswered(e)
	if e.waiting > 0 && !e.paused { // it was to be read together with what is lost
		n.at(n.k.Now(), readable, e)
	}
}

// Reset breaks every connection between two hosts at once: both ends are told. Of what was
// on its way a beginning still arrives before that, and the rest is lost, the second half
// of a write too if writes are mixed. It returns how many it broke.
func (n *Net) Reset(a, b *Host) (reset int) {
	for _, e := range between(a, b) {
		if e.c.path == broken {
			continue
		}
		reset++
		e.c.path = broken
		n.breakOff(e, aborted)
		n.breakOff(e.peer, aborted)
	}
	return reset
}

// giveUp breaks a connection from its own end, because the peer does not read.
func (n *Net) giveUp(e *end) {
	e.c.path = broken
	n.breakOff(e, abandoned)
	n.breakOff(e.peer, aborted)
}

// breakOff tells e's owner that its connection is broken: in an event of its own, never
// from inside another's call, and after what of the bytes on their way still arrives.
func (n *Net) breakOff(e *end, kind int32) {
	if e.state == gone || e.state == unborn {
		return
	}
	n.at(max(n.cutShort(e), n.k.Now()), kind, e)
}

// cutShort loses a suffix of what is on its way to e, and returns when the rest has
// arrived. Which is keyed by what it is about.
func (n *Net) cutShort(e *end) (last clock.Instant) {
	flying := e.in.n - e.waiting
	if flying == 0 || e.heldBy != nil || len(e.peer.out.blocks) > 0 {
		n.lost(e, 0)
		return 0
	}
	s := e.in.at(e.in.n - 1)
	k := n.keyOf(e.peer).Of("reset").Int(s.hash).Int(uint64(flying))
	kept := int(k.Below(uint64(flying + 1)))
	if kept < flying {
		kept += n.cutFrame(e.in.at(e.waiting+kept), k.Of("cut"))
	}
	n.lost(e, kept)
	if kept == 0 {
		return 0
	}
	return e.in.at(e.waiting+kept-1).at + 1
}

// abort tells e's owner that the connection broke.
func (n *Net) abort(e *end, why error) {
	if e.state == gone {
		return // it was closed meanwhile
	}
	n.lost(e, 0) // what a block has stopped since
	if !e.paused {
		n.read(e)
	}
	told := e.state != answering && e.state != gone
	n.bury(e)
	if told {
		n.tell(e, net.Event{Kind: net.Closed, Conn: e.id, Err: why})
	}
}

// Kill ends the process on h: its machine closes all connections. A peer sees an orderly
// end after everything that was sent, or a reset if bytes of its own had arrived unread:
// then what the process sent last may be lost.
func (h *Host) Kill() {
	n := h.net
	for _, e := range h.all() {
		if e.state == open && e.c.path == whole && (e.untaken > 0 || e.waiting > 0 || n.drawUnread(e)) {
			n.cutShort(e.peer)
			n.transmit(e, control(rst))
			e.answered = true
		}
		if !e.answered {
			n.finish(e)
		}
		n.bury(e)
		n.reclaim(e.c)
	}
	h.stop()
}

// PowerOff makes h vanish: nobody is told, and what is sent to it is lost until a
// process runs there again, from when on its machine answers with resets.
func (h *Host) PowerOff() {
	h.boots++
	for _, e := range h.all() {
		if e.state == dialing {
			h.net.cancel(e)
		}
		h.net.bury(e)
		h.net.reclaim(e.c)
	}
	h.stop()
	h.powered = false
}

func (h *Host) stop() {
	h.owner = nil
	clear(h.listening)
}
