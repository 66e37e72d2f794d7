package simnet

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// What a broken connection's owner is told.
var (
	ErrReset   = errors.New("connection reset by peer")
	ErrRefused = errors.New("connection refused")
)

// Latency bounds the one-way delay of a segment on a healthy link.
type Latency struct{ Min, Max time.Duration }

// Owner receives the events of one host. A nil owner is a host without a process.
type Owner interface {
	NetEvent(net.Event)
}

// Net is one world's network.
type Net struct {
	k       *kernel.Kernel
	actor   kernel.Actor
	noise   *kernel.Stream
	latency Latency
	mixed   uint64 // percent of writes that do not arrive as they were written
	hosts   []*Host
	byName  map[string]*Host
	ends    []*end // index is net.Conn-1
	links   map[linkID]*link
}

// linkID is one direction between two hosts.
type linkID struct{ from, to int }

// link is the state of one direction. Blocks and delays are lists of the counters of the
// faults that impose them, so overlapping faults lift independently.
type link struct {
	blocks []*int
	delays []delay
	dials  uint64 // incarnations begun in this direction
}

type delay struct {
	extra    time.Duration
	mattered *int
}

// New returns a network without hosts.
func New(k *kernel.Kernel, l Latency) *Net {
	n := &Net{k: k, noise: k.Stream("net"), latency: l, byName: map[string]*Host{}, links: map[linkID]*link{}}
	n.actor = k.Register("net", n)
	return n
}

// Host is one machine. It implements net.Network for the process that runs on it.
type Host struct {
	net       *Net
	index     int
	name      string
	owner     Owner
	powered   bool
	listening map[net.Port]bool
	ends      []*end // living ends, oldest first
	nextPort  net.Port
}

// AddHost adds a machine, powered, without a process.
func (n *Net) AddHost(name string) *Host {
	if n.byName[name] != nil {
		panic(fmt.Sprintf("simnet: host %s added twice", name))
	}
	h := &Host{net: n, index: len(n.hosts), name: name, powered: true, listening: map[net.Port]bool{}, nextPort: 40000}
	n.hosts = append(n.hosts, h)
	n.byName[name] = h
	return h
}

// Name returns the host's name, the first half of its addresses.
func (h *Host) Name() string { return h.name }

// Run gives the host a process; the host has power from here on.
func (h *Host) Run(o Owner) { h.owner, h.powered = o, true }

// state of one end of a connection.
type state uint8

const (
	dialing state = iota
	open
	gone // closed, reset, or its host vanished; kept until in-flight segments arrived
)

// end is one end of a connection.
type end struct {
	id       net.Conn
	host     *Host
	peer     *end // nil until the other host accepted
	to       *Host
	addr     net.Addr // dialer: where to; acceptor: where from
	state    state
	which    identity
	key      rng.Key   // of which, in era
	era      int       // of the noise
	incoming []segment // in flight towards this end, in order
	waiting  int       // arrived, and to be read together with the next
	held     int       // arrivals that found the link blocked
	last     clock.Instant
	repeats  [32]uint16 // how often content of this hash class was sent
}

// identity is what the noise of one direction of a connection is keyed by.
type identity struct {
	from     string
	to       net.Addr
	dial     uint64 // which one from this host to that
	accepted bool   // the direction back to the dialer
}

// keyOf returns the key of what e sends at this instant.
func (n *Net) keyOf(e *end) rng.Key {
	if era := n.noise.Era(); e.era != era {
		e.era, e.key = era, n.noise.Key().Of(e.which.from).Of(string(e.which.to)).Int(e.which.dial)
		if e.which.accepted {
			e.key = e.key.Of("back")
		}
	}
	return e.key
}

// segment is what travels: bytes, or what begins or ends a connection.
type segment struct {
	kind net.Kind // Accepted for a SYN
	data []byte
	hash uint64
	err  error
}

func (n *Net) newEnd(h *Host, to *Host, addr net.Addr, which identity) *end {
	e := &end{id: net.Conn(len(n.ends) + 1), host: h, to: to, addr: addr, which: which, era: -1}
	n.ends = append(n.ends, e)
	h.ends = append(h.ends, e)
	return e
}

// Listen implements net.Network.
func (h *Host) Listen(p net.Port) { h.listening[p] = true }

// Dial implements net.Network.
func (h *Host) Dial(to net.Addr) net.Conn {
	name, _, err := to.Split()
	target := h.net.byName[name]
	if err != nil || target == nil {
		panic(fmt.Sprintf("simnet: %s dials %q, which is no address of this world", h.name, to))
	}
	l := h.net.link(h, target)
	l.dials++
	e := h.net.newEnd(h, target, to, identity{from: h.name, to: to, dial: l.dials})
	h.net.transmit(e, nil, segment{kind: net.Accepted, hash: 1})
	return e.id
}

// Send implements net.Network.
func (h *Host) Send(c net.Conn, b []byte) {
	e := h.end(c)
	if e == nil || e.state != open || len(b) == 0 {
		return
	}
	hash := rng.HashBytes(b)
	if cut := h.net.cut(e, b, hash); cut > 0 {
		h.net.transmit(e, e.peer, segment{kind: net.Received, data: b[:cut:cut], hash: rng.Mix(hash, 1)})
		b, hash = b[cut:], rng.Mix(hash, 2)
	}
	h.net.transmit(e, e.peer, segment{kind: net.Received, data: b, hash: hash})
}

// Close implements net.Network.
func (h *Host) Close(c net.Conn) {
	if e := h.end(c); e != nil && e.state != gone {
		h.net.finish(e, nil)
	}
}

func (h *Host) end(c net.Conn) *end {
	if c == 0 || int(c) > len(h.net.ends) || h.net.ends[c-1] == nil || h.net.ends[c-1].host != h {
		return nil
	}
	return h.net.ends[c-1]
}

// finish ends e from its own side; the peer learns it after everything sent before.
func (n *Net) finish(e *end, err error) {
	if e.state == open && e.peer != nil {
		n.transmit(e, e.peer, segment{kind: net.Closed, hash: 2, err: err})
	}
	n.bury(e)
}

// bury forgets e: it receives nothing more.
func (n *Net) bury(e *end) {
	e.state = gone
	for i, x := range e.host.ends {
		if x == e {
			e.host.ends = append(e.host.ends[:i], e.host.ends[i+1:]...)
			break
		}
	}
}

// Events of the network in the kernel, for end arg.
const (
	arrive    int32 = iota // the first segment in flight to the end arrives
	arriveSYN              // the SYN of the dialing end arrives, where no end is yet
	aborted                // the end was broken by a reset; its owner is told
)

// transmit puts a segment from e in flight towards peer (nil for a SYN).
func (n *Net) transmit(e, peer *end, s segment) {
	at := max(n.k.Now().Add(n.delay(e, s.hash)), e.last+1) // in order within the connection
	e.last = at
	if peer == nil {
		n.k.At(at, n.actor, arriveSYN, uint64(e.id))
		return
	}
	peer.incoming = append(peer.incoming, s)
	n.k.At(at, n.actor, arrive, uint64(peer.id))
}

// delay is keyed by link, incarnation and content, and by a count only among segments of
// like content: removing an operation moves nobody else's latency.
func (n *Net) delay(e *end, content uint64) time.Duration {
	class := content % uint64(len(e.repeats))
	e.repeats[class]++
	spread := uint64(n.latency.Max-n.latency.Min) + 1
	d := n.latency.Min + time.Duration(n.keyOf(e).Int(content).Int(uint64(e.repeats[class])).Below(spread))
	for _, x := range n.link(e.host, e.to).delays {
		*x.mattered++
		d += x.extra
	}
	return d
}

// Fire implements kernel.Handler.
func (n *Net) Fire(kind int32, arg uint64) {
	e := n.ends[arg-1]
	switch kind {
	case arriveSYN:
		n.accept(e)
	case aborted:
		n.tell(e, net.Event{Kind: net.Closed, Conn: e.id, Err: ErrReset})
	default:
		n.arrive(e)
	}
}

func (n *Net) arrive(e *end) {
	if n.heldBack(n.link(e.to, e.host)) {
		e.held++
		return
	}
	if n.joins(e) {
		e.waiting++
		return
	}
	s := e.take()
	for ; e.waiting > 0; e.waiting-- {
		next := e.take()
		s.data, s.hash = append(slices.Clip(s.data), next.data...), rng.Mix(s.hash, next.hash)
	}
	n.deliver(e, s)
}

func (e *end) take() segment {
	s := e.incoming[0]
	e.incoming[0] = segment{}
	e.incoming = e.incoming[1:]
	return s
}

func (n *Net) heldBack(l *link) bool {
	for _, mattered := range l.blocks {
		*mattered++
	}
	return len(l.blocks) > 0
}

// deliver hands an arrived segment to its owner, or answers for a dead end.
func (n *Net) deliver(e *end, s segment) {
	n.k.Fold(s.hash)
	switch {
	case e.state == gone:
		n.answerForTheDead(e, s)
	case s.kind == net.Closed:
		n.bury(e)
		n.tell(e, net.Event{Kind: net.Closed, Conn: e.id, Err: s.err})
	case s.kind == net.Connected:
		e.state = open
		n.tell(e, net.Event{Kind: net.Connected, Conn: e.id})
	default:
		n.tell(e, net.Event{Kind: net.Received, Conn: e.id, Data: s.data})
	}
}

// answerForTheDead resets whoever still sends to an end that is gone, if there is a
// machine with power to do so: a rebooted host knows nothing of old connections.
func (n *Net) answerForTheDead(e *end, s segment) {
	if s.kind == net.Received && e.host.powered && e.peer != nil && e.peer.state == open {
		n.transmit(e, e.peer, segment{kind: net.Closed, hash: 3, err: ErrReset})
	}
	if s.kind == net.Connected && e.host.powered && e.peer != nil && e.peer.state == open { // the dialer gave up meanwhile
		n.transmit(e, e.peer, segment{kind: net.Closed, hash: 4})
	}
}

func (n *Net) tell(e *end, ev net.Event) {
	if e.host.owner != nil {
		e.host.owner.NetEvent(ev)
	}
}

// accept handles the SYN of the dialing end d at the target host.
func (n *Net) accept(d *end) {
	if n.heldBack(n.link(d.host, d.to)) {
		d.held = -1 // a SYN waits; see Unblock
		return
	}
	if d.state == gone || !d.to.powered {
		return // the dialer gave up, or nobody is there to answer
	}
	_, port, _ := d.addr.Split()
	d.host.nextPort++
	back := d.which
	back.accepted = true
	e := n.newEnd(d.to, d.host, net.MakeAddr(d.host.name, d.host.nextPort), back)
	e.peer, e.state = d, open
	if d.to.owner == nil || !d.to.listening[port] {
		n.transmit(e, d, segment{kind: net.Closed, hash: 5, err: ErrRefused})
		n.bury(e)
		return
	}
	d.peer = e
	n.transmit(e, d, segment{kind: net.Connected, hash: 6})
	n.tell(e, net.Event{Kind: net.Accepted, Conn: e.id, Port: port, Peer: e.addr})
}

func (n *Net) link(from, to *Host) *link {
	id := linkID{from.index, to.index}
	l := n.links[id]
	if l == nil {
		l = &link{}
		n.links[id] = l
	}
	return l
}

// Describe implements kernel.Describer.
func (n *Net) Describe(kind int32, arg uint64) string {
	e := n.ends[arg-1]
	switch kind {
	case arriveSYN:
		return fmt.Sprintf("%s dials %s", e.host.name, e.addr)
	case aborted:
		return fmt.Sprintf("%s conn %d is reset", e.host.name, e.id)
	}
	if len(n.link(e.to, e.host).blocks) > 0 {
		return fmt.Sprintf("%s -> %s held back: link blocked", e.to.name, e.host.name)
	}
	s := e.incoming[0]
	if s.kind == net.Received {
		return fmt.Sprintf("%s -> %s conn %d: %d bytes", e.to.name, e.host.name, e.id, len(s.data))
	}
	return fmt.Sprintf("%s -> %s conn %d: %v", e.to.name, e.host.name, e.id, s.kind)
}
