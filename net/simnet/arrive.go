package simnet

import (
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net"
)

// Events of the network in the kernel, for an end of a connection.
const (
	arrive    int32 = iota // the first segment on its way to it arrives
	aborted                // it was broken by a reset, and its owner is told
	abandoned              // it was given up by its own machine, and its owner is told
	readable               // its owner reads again
	writable               // the word of room for more arrives
	overdue                // it may have waited too long for an answer
)

// Fire implements kernel.Handler.
func (n *Net) Fire(kind int32, arg uint64) {
	c := n.slots[arg>>1]
	e := &c.ends[arg&1]
	switch kind {
	case arrive:
		n.arrive(e)
	case aborted:
		n.abort(e, ErrReset)
	case abandoned:
		n.abort(e, ErrUnread)
	case readable:
		n.read(e)
	case writable:
		n.writable(e)
	case overdue:
		n.overdue(e)
	}
	c.events--
	if c.events == 0 {
		n.reclaim(c)
	}
}

// arrive handles that a segment has come as far as e's machine, or would have.
func (n *Net) arrive(e *end) {
	if e.due != n.k.Now() {
		return // what it was for was lost, or is due at another instant
	}
	e.due = 0
	if n.stall(e) {
		return
	}
	f := e.in.at(e.waiting).flag
	e.waiting++
	switch {
	case f == bytes:
		n.answer(e)
	case f == rst && e.paused:
		n.discard(e)
	}
	if !e.paused && !n.joins(e) {
		n.read(e)
	}
	n.expect(e)
}

// discard makes room for a reset: what the owner has not read by then it never will.
func (n *Net) discard(e *end) {
	e.paused = false
	for e.waiting > 1 {
		e.next()
	}
}

// read hands what has arrived to the owner.
func (n *Net) read(e *end) {
	for e.waiting > 0 && !e.paused {
		n.deliver(e, e.together())
	}
}

// deliver handles a segment as e's machine does, or answers for a dead end.
func (n *Net) deliver(e *end, s segment) {
	n.k.Fold(s.hash)
	switch {
	case e.state == gone:
		n.answerForTheDead(e, s.flag)
	case s.flag == syn:
		n.accept(e)
	case s.flag == synAck:
		e.state, e.silent = open, false
		n.transmit(e, control(ack))
		n.tell(e, net.Event{Kind: net.Connected, Conn: e.id})
	case s.flag == ack:
		e.state, e.silent = open, false
		n.tell(e, net.Event{Kind: net.Accepted, Conn: e.id, Port: e.c.port, Peer: e.addr})
	case s.flag == bytes:
		n.tell(e, net.Event{Kind: net.Received, Conn: e.id, Data: s.data})
		n.take(e, len(s.data))
	default:
		n.ended(e, s.flag)
	}
}

// ended handles the peer's end, or a reset.
func (n *Net) ended(e *end, f flag) {
	was := e.state
	n.bury(e)
	ev := net.Event{Kind: net.Closed, Conn: e.id}
	switch {
	case was == answering:
		return // its owner has never heard of it
	case was == dialing:
		ev.Err = ErrRefused
	case f == rst:
		ev.Err = ErrReset
	}
	n.tell(e, ev)
}

// answerForTheDead resets whoever still sends to an end that is gone, if there is a
// machine with power to do so: a rebooted host knows nothing of old connections.
func (n *Net) answerForTheDead(e *end, f flag) {
	if f != bytes && f != synAck && f != ack || e.answered || e.peer.state == gone {
		return
	}
	e.answered, e.boot = true, e.host.boots
	n.transmit(e, control(rst))
}

func (n *Net) tell(e *end, ev net.Event) {
	e.host.postponed = false
	if e.host.owner != nil {
		e.host.owner.NetEvent(ev)
	}
}

// accept handles a SYN at the host that was dialed. The owner is told when the dialer has
// answered, and so is known to be reached.
func (n *Net) accept(e *end) {
	d, h := e.peer, e.host
	if d.state == gone {
		e.state = gone
		return
	}
	d.host.nextPort++
	e.addr, e.boot = net.MakeAddr(d.host.name, d.host.nextPort), h.boots
	refused := h.owner == nil || !h.listening[e.c.port]
	for _, mattered := range h.refusals {
		refused = true
		*mattered++
	}
	if refused {
		e.state = gone
		n.transmit(e, control(rst))
		return
	}
	n.live(e, answering)
	n.transmit(e, control(synAck))
}

// drawUnread decides whether what is on its way to e had come, unread, before this instant.
func (n *Net) drawUnread(e *end) bool {
	for i := e.waiting; i < e.in.n; i++ {
		if s := e.in.at(i); s.flag == bytes {
			return n.keyOf(e).Of("unread").Int(rng.Mix(s.hash, e.taken)).Chance(1, 2)
		}
	}
	return false
}
