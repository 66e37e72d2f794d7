package simnet

import "github.com/zoobreak/zoobreak/net"

// take says that e's owner has taken bytes. Their sender learns of the room a latency
// later, if it waits for it.
func (n *Net) take(e *end, size int) {
	if e.host.postponed {
		e.untaken += size
		return
	}
	e.taken += uint64(size)
	s := e.peer
	s.unread -= size
	if s.full && !s.room && s.state == open && s.unread <= n.enough() {
		s.room = true
		k := n.keyOf(e).Of("room").Int(e.taken)
		n.at(n.k.Now().Add(n.spread(k)+e.out.extra()), writable, s)
	}
}

// enough is how little must wait before there is room again: two thirds of the window, as
// in Linux, so that owners are not told of every byte.
func (n *Net) enough() int { return n.tcp.Window * 2 / 3 }

// writable handles that the word of room arrives at e.
func (n *Net) writable(e *end) {
	if e.state != open || e.c.path != whole || !e.room {
		return
	}
	if l := e.peer.out; len(l.blocks) > 0 {
		l.count(1)
		n.unheardOn(l, e)
		return
	}
	e.room = false
	if e.unread <= n.enough() {
		e.full = false
		n.tell(e, net.Event{Kind: net.Writable, Conn: e.id})
	}
}

// Pause implements net.Network.
func (h *Host) Pause(c net.Conn) {
	if e := h.end(c); e != nil && e.state == open {
		e.paused = true
	}
}

// Resume implements net.Network.
func (h *Host) Resume(c net.Conn) {
	e := h.end(c)
	if e == nil || !e.paused {
		return
	}
	e.paused = false
	if e.waiting > 0 {
		h.net.at(h.net.k.Now(), readable, e)
	}
}

// Postpone says, from inside NetEvent, that the process cannot handle the event yet, because
// it is paused or slow: the bytes are not taken before Took.
func (h *Host) Postpone() { h.postponed = true }

// Took says that bytes which were postponed have been taken.
func (h *Host) Took(c net.Conn, size int) {
	if e := h.end(c); e != nil && size > 0 {
		h.postponed = false
		e.untaken -= size
		h.net.take(e, size)
	}
}
