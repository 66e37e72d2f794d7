package simnet

import (
	"errors"
	"fmt"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// What a broken connection's owner is told.
var (
	ErrReset    = errors.New("connection reset by peer")
	ErrRefused  = errors.New("connection refused")
	ErrTimedOut = errors.New("connection timed out")
	ErrUnread   = errors.New("the peer does not read what it is sent")
)

// Latency bounds the one-way delay of a segment on a healthy link.
type Latency struct{ Min, Max time.Duration }

// TCP is how the machines' TCP is set. What is zero has the default, which is Linux's;
// smaller limits bring into a short run what takes a real machine a quarter of an hour.
type TCP struct {
	// Window is how many bytes of one direction may wait until their receiver takes them.
	// By default 256 KiB: the two buffers of a connection before they are tuned.
	Window int
	// Unsent is how many may wait if the owner goes on although the window is full, before
	// the connection is given up; by default 64 MiB, as in net/tcp.
	Unsent int
	// Retransmission is how long a sender waits without an answer before it gives the
	// connection up; by default 924.6 s (tcp_retries2 = 15).
	Retransmission time.Duration
	// Connect is the same for a dial; by default 127 s (tcp_syn_retries = 6).
	Connect time.Duration
}

var linux = TCP{Window: 256 << 10, Unsent: 64 << 20, Retransmission: 924_600 * time.Millisecond, Connect: 127 * time.Second}

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
	tcp     TCP
	mixed   uint64 // percent of writes that do not arrive as they were written
	byName  map[string]*Host
	hosts   int
	links   map[linkID]*link
	ends    map[net.Conn]*end // that live
	last    net.Conn          // given to an end
	slots   []*connection     // by the number that events carry
	free    []*connection     // whose slot is to be used again
}

// New returns a network without hosts.
func New(k *kernel.Kernel, l Latency) *Net {
	n := &Net{
		k: k, noise: k.Stream("net"), latency: l, tcp: linux,
		byName: map[string]*Host{}, links: map[linkID]*link{}, ends: map[net.Conn]*end{},
	}
	n.actor = k.Register("net", n)
	return n
}

// Tune sets the machines' TCP.
func (n *Net) Tune(t TCP) {
	if t.Window > 0 {
		n.tcp.Window = t.Window
	}
	if t.Unsent > 0 {
		n.tcp.Unsent = t.Unsent
	}
	if t.Retransmission > 0 {
		n.tcp.Retransmission = t.Retransmission
	}
	if t.Connect > 0 {
		n.tcp.Connect = t.Connect
	}
}

// Host is one machine. It implements net.Network for the process that runs on it.
type Host struct {
	net       *Net
	index     int
	name      string
	owner     Owner
	powered   bool
	postponed bool   // what the owner was given last it has not taken
	boots     uint64 // how often the machine lost power
	listening map[net.Port]bool
	refusals  []*int // of the faults that impose them
	dark      holder // what arrived while there was no power
	oldest    *end   // of the living ends on this host, linked
	newest    *end   // to each other
	living    int    // how many they are
	nextPort  net.Port
}

// AddHost adds a machine, powered, without a process.
func (n *Net) AddHost(name string) *Host {
	if n.byName[name] != nil {
		panic(fmt.Sprintf("simnet: host %s added twice", name))
	}
	h := &Host{net: n, index: n.hosts, name: name, powered: true, listening: map[net.Port]bool{}, nextPort: 40000}
	n.hosts++
	n.byName[name] = h
	return h
}

// Name returns the host's name, the first half of its addresses.
func (h *Host) Name() string { return h.name }

// Connections returns how many connection ends live on h.
func (h *Host) Connections() int { return h.living }

// Run gives the host a process. If it had no power it has now: what its peers could not
// tell it they retransmit, and its machine, which knows of nothing, resets them.
func (h *Host) Run(o Owner) {
	h.owner, h.powered = o, true
	h.net.release(&h.dark)
}

// linkID is one direction between two hosts.
type linkID struct{ from, to int }

// link is the state of one direction. Blocks, delays and throttles are lists that name the
// counters of the faults which impose them, so overlapping faults lift independently.
type link struct {
	blocks    []*int
	delays    []delay
	throttles []throttle
	busy      clock.Instant // while throttled: until when something is being sent
	held      holder        // flows that a block holds up
	unheard   []*end        // senders whose answers a block holds up
	dials     uint64        // incarnations begun in this direction
}

type delay struct {
	extra    time.Duration
	mattered *int
}

type throttle struct {
	bytesPerSecond int64
	mattered       *int
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

// holder is what holds up flows: a blocked link, or a machine without power.
type holder struct{ ends []*end }
