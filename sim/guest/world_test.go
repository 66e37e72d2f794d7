package guest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/simnet"
	"github.com/zoobreak/zoobreak/sim/guest"
	"github.com/zoobreak/zoobreak/sim/kernel"
	"github.com/zoobreak/zoobreak/sim/resource"
	"github.com/zoobreak/zoobreak/wire"
)

// world is a kernel, a network, one server, the resource, and processes.
type world struct {
	b        *guest.Bubble
	k        *kernel.Kernel
	net      *simnet.Net
	log      history.Log
	key      rng.Key
	server   *simnet.Host
	resource *simnet.Host
	clients  []*simnet.Host
}

const second = clock.Instant(time.Second)

// run builds a world and calls story in it. The server is an echo, unless serve is called.
func run(t *testing.T, seed uint64, story func(w *world)) error {
	t.Helper()
	return guest.Run(guest.Options{Key: rng.New(seed)}, func(b *guest.Bubble) { story(newWorld(b, seed)) })
}

func newWorld(b *guest.Bubble, seed uint64) *world {
	w := &world{b: b, k: kernel.New(), key: rng.New(seed)}
	b.Use(w.k)
	w.k.Shake(kernel.Noise{Key: w.key})
	w.net = simnet.New(w.k, simnet.Latency{Min: time.Millisecond, Max: 5 * time.Millisecond})
	w.server = w.net.AddHost("10.0.0.1")
	w.server.Run(&echo{w.server})
	w.server.Listen(2181)
	w.resource = w.net.AddHost("10.0.9.1")
	w.resource.Run(resource.New(w.resource, b.Effect))
	return w
}

func (w *world) process() *guest.Process {
	i := len(w.clients) + 1
	h := w.net.AddHost(fmt.Sprintf("10.1.0.%d", i))
	w.clients = append(w.clients, h)
	return w.b.NewProcess(guest.Spec{Index: i, Name: string(rune('A' + i - 1)), Host: h, Log: &w.log,
		Servers: []string{"10.0.0.1:2181"}, Resource: net.MakeAddr(w.resource.Name(), resource.Port), Seed: w.key.Int(uint64(i))})
}

// isolate cuts a client off, as a fault does; the function it returns heals.
func (w *world) isolate(p *guest.Process, h *simnet.Host) (heal func()) {
	var mattered int
	others := []*simnet.Host{w.server, w.resource}
	p.Hold()
	for _, o := range others {
		w.net.Block(h, o, &mattered)
		w.net.Block(o, h, &mattered)
	}
	return func() {
		for _, o := range others {
			w.net.Unblock(h, o, &mattered)
			w.net.Unblock(o, h, &mattered)
		}
		p.Unhold()
	}
}

func (w *world) until(t *testing.T, at clock.Instant) {
	t.Helper()
	require.NoError(t, w.k.Run(at))
}

// ops returns the operations of the kind.
func (w *world) ops(kinds ...history.Kind) (out []history.Op) {
	for _, op := range w.log.Ops {
		for _, k := range kinds {
			if op.Kind == k {
				out = append(out, op)
			}
		}
	}
	return out
}

// echo sends back what it gets; "bye" makes it close.
type echo struct{ h *simnet.Host }

func (e *echo) NetEvent(ev net.Event) {
	if ev.Kind != net.Received {
		return
	}
	if string(ev.Data) == "bye" {
		e.h.Close(ev.Conn)
		return
	}
	e.h.Send(ev.Conn, append([]byte(nil), ev.Data...))
}

// ensemble is hardly a ZooKeeper: sessions, create, exists, delete, ping, and one watch on
// /gone that never fires.
type ensemble struct {
	h       *simnet.Host
	framers map[net.Conn]*wire.Framer
	greeted map[net.Conn]bool
	nodes   map[wire.Path]bool
	zxid    wire.Zxid
	session wire.SessionID
}

func (w *world) serve() *ensemble {
	s := &ensemble{h: w.server, framers: map[net.Conn]*wire.Framer{}, greeted: map[net.Conn]bool{}, nodes: map[wire.Path]bool{}, session: 0x100}
	w.server.Run(s)
	return s
}

func (s *ensemble) NetEvent(ev net.Event) {
	switch ev.Kind {
	case net.Accepted:
		s.framers[ev.Conn] = &wire.Framer{}
	case net.Received:
		s.framers[ev.Conn].Feed(ev.Data)
		for {
			frame, ok, _ := s.framers[ev.Conn].Next()
			if !ok {
				return
			}
			s.handle(ev.Conn, frame)
		}
	}
}

func (s *ensemble) handle(c net.Conn, frame []byte) {
	var e wire.Encoder
	mark := e.Begin()
	if !s.greeted[c] {
		s.greeted[c] = true
		q, _ := wire.DecodeConnectRequest(frame)
		if q.Session == 0 {
			s.session++
			q.Session = s.session
		}
		(&wire.ConnectResponse{TimeoutMillis: q.TimeoutMillis, Session: q.Session, Password: make([]byte, 16)}).Encode(&e)
	} else {
		q, _ := wire.DecodeRequest(frame)
		r := s.reply(q)
		r.Encode(&e, q.Op)
	}
	e.End(mark)
	s.h.Send(c, e.Buf)
}

func (s *ensemble) reply(q wire.Request) wire.Reply {
	r := wire.Reply{Xid: q.Xid, Zxid: s.zxid, Path: q.Path}
	switch {
	case q.Op == wire.OpCreate && s.nodes[q.Path]:
		r.Err = wire.NodeExists
	case q.Op == wire.OpCreate:
		s.zxid++
		r.Zxid, s.nodes[q.Path] = s.zxid, true
	case q.Op == wire.OpExists && !s.nodes[q.Path]:
		r.Err = wire.NoNode
	}
	return r
}
