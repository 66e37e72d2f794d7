package simnet

import "time"

// Block stops all delivery from one host to another; what arrives waits, as TCP would
// retransmit it. Each thing held back counts in mattered. The same mattered lifts it.
func (n *Net) Block(from, to *Host, mattered *int) {
	l := n.link(from, to)
	l.blocks = append(l.blocks, mattered)
}

// Unblock lifts what Block imposed. If nothing else blocks the link, what waited is
// delivered after a latency, in order.
func (n *Net) Unblock(from, to *Host, mattered *int) {
	l := n.link(from, to)
	l.blocks = remove(l.blocks, mattered)
	if len(l.blocks) > 0 {
		return
	}
	for _, e := range n.ends {
		if e != nil && e.held != 0 {
			n.release(e, from, to)
		}
	}
}

// release schedules what waited at e for the direction from -> to.
func (n *Net) release(e *end, from, to *Host) {
	if e.held < 0 && e.host == from && e.to == to {
		e.held = 0
		n.k.At(n.k.Now().Add(n.delay(e, 1)), n.actor, arriveSYN, uint64(e.id))
		return
	}
	if e.host != to || e.to != from {
		return
	}
	at := n.k.Now().Add(n.latency.Min)
	for ; e.held > 0; e.held-- {
		n.k.At(at, n.actor, arrive, uint64(e.id))
	}
}

func remove(list []*int, x *int) []*int {
	for i, y := range list {
		if y == x {
			return append(list[:i:i], list[i+1:]...)
		}
	}
	panic("simnet: a fault is lifted that was not imposed")
}

// Slow adds to the latency of what is sent from one host to another from now on.
func (n *Net) Slow(from, to *Host, extra time.Duration, mattered *int) {
	l := n.link(from, to)
	l.delays = append(l.delays, delay{extra, mattered})
}

// Unslow lifts what Slow imposed.
func (n *Net) Unslow(from, to *Host, mattered *int) {
	l := n.link(from, to)
	for i, d := range l.delays {
		if d.mattered == mattered {
			l.delays = append(l.delays[:i:i], l.delays[i+1:]...)
			return
		}
	}
	panic("simnet: a slow link is lifted that was not imposed")
}

// Reset breaks every connection between two hosts at once: both ends are told, and what
// was in flight is lost. It returns how many it broke.
func (n *Net) Reset(a, b *Host) (broken int) {
	for _, e := range append([]*end(nil), a.ends...) {
		if e.to != b || e.state != open {
			continue
		}
		broken++
		n.breakNow(e.peer)
		n.breakNow(e)
	}
	return broken
}

// breakNow kills e without a word to its peer. What is in flight to it arrives at a dead
// end. The owner is told in an event of its own, never from inside another's call.
func (n *Net) breakNow(e *end) {
	if e == nil || e.state == gone {
		return
	}
	n.bury(e)
	n.k.At(n.k.Now(), n.actor, aborted, uint64(e.id))
}

// Kill ends the process on h: its machine closes all connections, so peers are told.
func (h *Host) Kill() {
	for _, e := range append([]*end(nil), h.ends...) {
		h.net.finish(e, ErrReset)
	}
	h.stop()
}

// PowerOff makes h vanish: nobody is told, and what is sent to it is lost until a
// process runs there again, from when on its machine answers with resets.
func (h *Host) PowerOff() {
	for _, e := range append([]*end(nil), h.ends...) {
		h.net.bury(e)
	}
	h.stop()
	h.powered = false
}

func (h *Host) stop() {
	h.owner = nil
	clear(h.listening)
}

// Connections returns how many connection ends live on h.
func (h *Host) Connections() int { return len(h.ends) }
