package simnet

import (
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/net"
)

// stall holds up what is on its way to e, if there is a reason to.
func (n *Net) stall(e *end) bool {
	l := e.peer.out
	switch {
	case len(l.blocks) > 0:
		l.count(e.in.n - e.waiting)
		n.hold(e, &l.held)
	case !e.host.powered:
		n.hold(e, &e.host.dark)
	default:
		return false
	}
	return true
}

// count says that the blocks of a link mattered.
func (l *link) count(segments int) {
	for _, mattered := range l.blocks {
		*mattered += segments
	}
}

// hold keeps a flow until its holder releases it: its sender retransmits in vain, if there
// is still a machine that does.
func (n *Net) hold(e *end, by *holder) {
	if n.forgotten(e) {
		return
	}
	e.heldBy = by
	by.ends = append(by.ends, e)
	if e.in.n > e.waiting+1 || e.in.at(e.waiting).flag != ack { // which nobody answers
		n.unheard(e.peer)
	}
	n.unanswered(e)
}

// addHeld adds to what is held what e has just sent.
func (n *Net) addHeld(e *end) {
	if e.peer.heldBy == &e.out.held {
		e.out.count(1)
	}
	n.unheard(e)
}

// unanswered is unheard of an end that waits for an answer so that it can open.
func (n *Net) unanswered(e *end) {
	if e.state == dialing || e.state == answering {
		n.unheard(e)
	}
}

// forgotten drops what nobody retransmits, because the machine of its sender lost power
// meanwhile. A reset is the answer of the machine as it is.
func (n *Net) forgotten(e *end) bool {
	s := e.peer
	if s.boot == s.host.boots || e.in.n > e.waiting && e.in.at(e.in.n-1).flag == rst {
		return false
	}
	n.lost(e, 0)
	n.unanswered(e)
	return true
}

// lost drops all but the first k segments that are on their way to e.
func (n *Net) lost(e *end, k int) {
	e.in.keep(e.waiting + k)
	n.letGo(e)
	if k == 0 {
		e.due = 0
	}
}

// letGo takes e out of the hands of its holder.
func (n *Net) letGo(e *end) {
	if h := e.heldBy; h != nil {
		i := slices.Index(h.ends, e)
		h.ends = slices.Delete(h.ends, i, i+1)
		e.heldBy = nil
	}
}

// release lets go everything that a holder held, in the order in which it came to be held.
func (n *Net) release(h *holder) {
	held := h.ends
	h.ends = nil
	for _, e := range held {
		e.heldBy = nil
		if n.forgotten(e) {
			n.reclaim(e.c)
			continue
		}
		e.peer.silent = e.peer.ackless
		if e.state != open {
			e.silent = false
		}
		n.retime(e)
	}
}

// retime gives what is on its way to e new times of arrival: it is sent again, all at once.
func (n *Net) retime(e *end) {
	after := n.k.Now()
	for i := e.waiting; i < e.in.n; i++ {
		s := e.in.at(i)
		s.left = n.depart(e.peer.out, len(s.data))
		s.at = max(s.left.Add(n.latency.Min), after+1)
		after = s.at
	}
	e.peer.last, e.due = after, 0
	n.expect(e)
}

// unheard notes that what e has sent gets no answer from now on, and has somebody look
// whether that is still so when it should give up.
func (n *Net) unheard(e *end) {
	if e.silent || e.state == unborn || e.state == gone {
		return
	}
	e.silent, e.since = true, n.k.Now()
	if !e.timed {
		e.timed = true
		n.at(e.since.Add(n.patience(e)), overdue, e)
	}
}

func (n *Net) patience(e *end) time.Duration {
	if e.state == open {
		return n.tcp.Retransmission
	}
	return n.tcp.Connect
}

// answer notes that what e was sent has arrived; its sender hears of it, unless answers are
// held up on their way back.
func (n *Net) answer(e *end) {
	s := e.peer
	if l := e.out; len(l.blocks) > 0 && s.state == open {
		n.unheardOn(l, s)
		return
	}
	s.silent = false
}

// unheardOn is unheard until the link is open again.
func (n *Net) unheardOn(l *link, s *end) {
	if !s.ackless {
		s.ackless = true
		l.unheard = append(l.unheard, s)
	}
	n.unheard(s)
}

// listen is the opposite: nobody waits for an answer to s any more.
func (n *Net) listen(s *end) {
	if s.ackless {
		l := s.peer.out
		i := slices.Index(l.unheard, s)
		l.unheard = slices.Delete(l.unheard, i, i+1)
		s.ackless = false
	}
}

// answers lets all answers through that were held up on a link.
func (n *Net) answers(l *link) {
	senders := l.unheard
	l.unheard = nil
	for _, s := range senders {
		s.ackless = false
		s.silent = s.silent && s.peer.heldBy != nil
		if s.room {
			n.at(n.k.Now().Add(n.latency.Min), writable, s)
		}
	}
}

// overdue gives e up if it has had no answer for too long. Its peer learns nothing of it
// until it sends something itself.
func (n *Net) overdue(e *end) {
	e.timed = false
	if !e.silent || e.state == gone {
		return
	}
	if at := e.since.Add(n.patience(e)); at > n.k.Now() {
		e.timed = true
		n.at(at, overdue, e)
		return
	}
	n.cancel(e)
	n.lost(e.peer, 0)
	told := e.state != answering
	n.bury(e)
	if told {
		n.tell(e, net.Event{Kind: net.Closed, Conn: e.id, Err: ErrTimedOut})
	}
}

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
	if len(l.blocks) == 0 {
		n.release(&l.held)
		n.answers(l)
	}
}

func remove(list []*int, x *int) []*int {
	i := slices.Index(list, x)
	if i < 0 {
		panic("simnet: a fault is lifted that was not imposed")
	}
	return slices.Delete(list, i, i+1)
}
