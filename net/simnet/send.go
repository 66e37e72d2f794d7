package simnet

import (
	"fmt"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net"
)

// Listen implements net.Network.
func (h *Host) Listen(p net.Port) { h.listening[p] = true }

// Dial implements net.Network.
func (h *Host) Dial(to net.Addr) net.Conn {
	name, port, err := to.Split()
	target := h.net.byName[name]
	if err != nil || target == nil {
		panic(fmt.Sprintf("simnet: %s dials %q, which is no address of this world", h.name, to))
	}
	d := &h.net.connect(h, target, to, port).ends[0]
	h.net.live(d, dialing)
	h.net.transmit(d, control(syn))
	return d.id
}

// Send implements net.Network.
func (h *Host) Send(c net.Conn, b []byte) bool {
	e := h.end(c)
	if e == nil || e.state != open || len(b) == 0 {
		return true
	}
	if e.c.path == broken {
		return false
	}
	if e.unread > h.net.tcp.Unsent {
		h.net.giveUp(e)
		return false
	}
	e.unread += len(b)
	hash := rng.HashBytes(b)
	if cut := h.net.cut(e, b, hash); cut > 0 {
		h.net.transmit(e, segment{data: b[:cut:cut], hash: rng.Mix(hash, 1)})
		b, hash = b[cut:], rng.Mix(hash, 2)
	}
	h.net.transmit(e, segment{data: b, hash: hash})
	e.full = e.full || e.unread >= h.net.tcp.Window
	return !e.full
}

// Close implements net.Network.
func (h *Host) Close(c net.Conn) {
	if e := h.end(c); e != nil {
		h.net.finish(e)
		h.net.reclaim(e.c)
	}
}

func (h *Host) end(c net.Conn) *end {
	if e := h.net.ends[c]; e != nil && e.host == h {
		return e
	}
	return nil
}

// finish ends e from its own side; the peer learns it after everything sent before.
func (n *Net) finish(e *end) {
	switch e.state {
	case open:
		n.transmit(e, control(fin))
	case answering:
		n.transmit(e, control(rst))
	case dialing:
		n.cancel(e)
	}
	n.bury(e)
}

// cancel takes back a SYN that has not arrived. If it has, its answer finds a dead end.
func (n *Net) cancel(d *end) {
	if a := d.peer; a.state == unborn {
		n.lost(a, 0)
		a.state = gone
	}
}

// transmit puts a segment from e in flight.
func (n *Net) transmit(e *end, s segment) {
	if e.c.path != whole {
		n.vanish(e, s.flag)
		return
	}
	s.left = n.depart(e.out, len(s.data))
	s.at = max(s.left.Add(n.delay(e, &s)), e.last+1) // in order within the connection
	e.last = s.at
	p := e.peer
	p.in.push(s)
	if p.heldBy != nil {
		n.addHeld(e)
	}
	n.expect(p)
}

// vanish makes a segment of e disappear on its way.
func (n *Net) vanish(e *end, f flag) {
	if e.c.path == eaten && f != rst {
		n.unheard(e)
	}
}

// expect schedules the arrival of the first segment that is on its way to e.
func (n *Net) expect(e *end) {
	if e.due == 0 && e.heldBy == nil && e.in.n > e.waiting {
		e.due = max(e.in.at(e.waiting).at, n.k.Now())
		n.at(e.due, arrive, e)
	}
}

// at schedules an event of e.
func (n *Net) at(t clock.Instant, kind int32, e *end) {
	e.c.events++
	side := uint64(0)
	if e == &e.c.ends[1] {
		side = 1
	}
	n.k.At(t, n.actor, kind, uint64(e.c.slot)<<1|side)
}

// delay is keyed by link, incarnation and content, and by a count only among segments of
// like content: removing an operation moves nobody else's latency.
func (n *Net) delay(e *end, s *segment) time.Duration {
	if s.flag == ack {
		return n.latency.Min + e.out.extra() // it holds up nothing that is sent behind it
	}
	repeat := &e.repeats[s.hash%uint64(len(e.repeats))]
	*repeat++
	return n.spread(n.keyOf(e).Int(s.hash).Int(uint64(*repeat))) + e.out.extra()
}

func (n *Net) spread(k rng.Key) time.Duration {
	return n.latency.Min + time.Duration(k.Below(uint64(n.latency.Max-n.latency.Min)+1))
}

// extra is what slow links add.
func (l *link) extra() (d time.Duration) {
	for _, x := range l.delays {
		*x.mattered++
		d += x.extra
	}
	return d
}

// depart returns when the last byte of a segment leaves: bytes that a link cannot carry at
// once wait for those before them, of whatever connection.
func (n *Net) depart(l *link, size int) clock.Instant {
	now := n.k.Now()
	if len(l.throttles) == 0 {
		return now
	}
	slowest := l.throttles[0].bytesPerSecond
	for _, t := range l.throttles {
		slowest = min(slowest, t.bytesPerSecond)
	}
	l.busy = max(l.busy, now).Add(time.Duration((int64(size)*int64(time.Second) + slowest - 1) / slowest))
	if l.busy > now {
		for _, t := range l.throttles {
			*t.mattered++
		}
	}
	return l.busy
}
