package resource

import (
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/wire"
)

// Port is where the resource listens.
const Port net.Port = 7000

// Resource is the process. It is an owner of network events.
type Resource struct {
	net      net.Network
	observe  func(Request, Reply)
	framers  map[net.Conn]*wire.Framer
	counters map[identity]*counter
	answered map[origin]Reply
}

// identity names a counter.
type identity struct {
	name   string
	fenced bool
}

// origin names a request, however often it arrives.
type origin struct {
	client int
	id     uint64
}

type counter struct {
	value, version int64
	token          int64 // the greatest ever seen
}

// New starts the resource on a host. Observe is called once for each request, when it
// takes effect or is refused, whether or not its answer will arrive; it may be nil.
func New(n net.Network, observe func(Request, Reply)) *Resource {
	n.Listen(Port)
	return &Resource{net: n, observe: observe, framers: map[net.Conn]*wire.Framer{},
		counters: map[identity]*counter{}, answered: map[origin]Reply{}}
}

// NetEvent handles an event of the network.
func (r *Resource) NetEvent(ev net.Event) {
	switch ev.Kind {
	case net.Accepted:
		r.framers[ev.Conn] = &wire.Framer{}
	case net.Received:
		r.received(ev.Conn, ev.Data)
	case net.Writable:
		r.net.Resume(ev.Conn)
	case net.Closed:
		delete(r.framers, ev.Conn)
	}
}

func (r *Resource) received(c net.Conn, b []byte) {
	f := r.framers[c]
	if f == nil {
		return
	}
	f.Feed(b)
	for {
		frame, ok, err := f.Next()
		if err == nil && !ok {
			return
		}
		q, bad := DecodeRequest(frame)
		if err != nil || bad != nil {
			delete(r.framers, c)
			r.net.Close(c)
			return
		}
		reply := r.answer(q)
		if !r.net.Send(c, reply.Encode()) {
			r.net.Pause(c) // who does not take replies is not asked for more requests
		}
	}
}

// answer gives a repeated request the answer of its first arrival.
func (r *Resource) answer(q Request) Reply {
	from := origin{q.Client, q.ID}
	if old, ok := r.answered[from]; ok {
		return old
	}
	reply := r.apply(q)
	r.answered[from] = reply
	if r.observe != nil {
		r.observe(q, reply)
	}
	return reply
}

// apply registers the token of reads too: otherwise a slow old holder could write
// between the read and the write of a newer one.
func (r *Resource) apply(q Request) Reply {
	c := r.counter(identity{q.Name, q.Fenced})
	if q.Fenced && q.Token < c.token {
		return Reply{ID: q.ID}
	}
	c.token = max(c.token, q.Token)
	if q.Write {
		c.value = q.Value
		c.version++
	}
	return Reply{ID: q.ID, OK: true, Value: c.value, Version: c.version}
}

func (r *Resource) counter(id identity) *counter {
	c := r.counters[id]
	if c == nil {
		c = &counter{}
		r.counters[id] = c
	}
	return c
}
