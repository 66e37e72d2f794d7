package register

import (
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/wire"
)

// What servers say to each other, and to clients.
const (
	prepare  int32 = 1 + iota // promise not to follow older views than promised
	promise                   // promised; state is what I have
	accept                    // take this state; I am the primary of promised
	accepted                  // it is durable here

	yes int32 = 1 // an answer to a client
	no  int32 = 2 // I am not the primary; nothing was done
)

// message is what servers say. The view it is about is promised.
type message struct {
	kind        int32
	from, round int64
	state
}

func (s state) encode(e *wire.Encoder) {
	e.Int64(s.promised)
	e.Int64(s.view)
	e.Int64(s.version)
	e.String(s.value)
}

func decodeState(d *wire.Decoder) state {
	return state{promised: d.Int64(), view: d.Int64(), version: d.Int64(), value: d.String()}
}

// frame puts a length before what f encodes.
func frame(f func(e *wire.Encoder)) []byte {
	var e wire.Encoder
	mark := e.Begin()
	f(&e)
	e.End(mark)
	return e.Buf
}

func (s *Server) tellAll(m message) {
	for id := int64(1); id <= s.n; id++ {
		if id != s.id {
			s.tell(id, m)
		}
	}
}

// link is the way to another server.
type link struct {
	conn net.Conn
	open bool
	at   clock.Instant // dialed
}

// tell sends on the link to a server. Without one it dials, and the message is lost: the
// next heartbeat says the same. A dial to a machine without power is never answered, so
// it is given up after a while.
func (s *Server) tell(to int64, m message) {
	l, ok := s.links[to]
	if ok && l.open {
		s.net.Send(l.conn, frame(func(e *wire.Encoder) {
			e.Int32(m.kind)
			e.Int64(m.from)
			e.Int64(m.round)
			m.state.encode(e)
		}))
		return
	}
	if ok && s.now < l.at.Add(patience) {
		return
	}
	s.net.Close(l.conn)
	s.links[to] = link{conn: s.net.Dial(net.MakeAddr(s.peers[to-1], peerPort)), at: s.now}
}

// linked notes that a link opened, or, if not, that it is gone.
func (s *Server) linked(c net.Conn, open bool) {
	for id := int64(1); id <= s.n; id++ {
		switch l := s.links[id]; {
		case l.conn != c:
		case open:
			l.open = true
			s.links[id] = l
		default:
			delete(s.links, id)
		}
	}
}

func (s *Server) answer(c net.Conn, code int32, value string) {
	if s.clients[c] {
		s.net.Send(c, frame(func(e *wire.Encoder) {
			e.Int32(code)
			e.String(value)
		}))
	}
}

// NetEvent takes in what happened on the network.
func (s *Server) NetEvent(now clock.Now, ev net.Event) {
	s.now = now.Mono
	switch ev.Kind {
	case net.Accepted:
		s.framers[ev.Conn] = &wire.Framer{}
		s.clients[ev.Conn] = ev.Port == clientPort
	case net.Closed:
		delete(s.framers, ev.Conn)
		delete(s.clients, ev.Conn)
		s.linked(ev.Conn, false)
	case net.Connected:
		s.linked(ev.Conn, true)
	case net.Received:
		s.receive(ev)
	}
	s.Wake(now)
}

func (s *Server) receive(ev net.Event) {
	f := s.framers[ev.Conn]
	f.Feed(ev.Data)
	for {
		b, ok, err := f.Next()
		if !ok || err != nil {
			return
		}
		d := wire.NewDecoder(b)
		if s.clients[ev.Conn] {
			d.Int64() // only tells requests apart on the wire
			s.ask(ev.Conn, d.Bool(), d.String())
		} else {
			s.hear(message{kind: d.Int32(), from: d.Int64(), round: d.Int64(), state: decodeState(d)})
		}
	}
}
