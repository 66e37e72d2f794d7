package native

import (
	"errors"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/wire"
)

// ErrUnknownOutcome says that the connection broke after the request was sent: it may
// have taken effect, or may yet.
var ErrUnknownOutcome = errors.New("native: connection lost, outcome unknown")

// Tap sees the bytes of one connection, for the record.
type Tap interface {
	Sent(at clock.Instant, b []byte)
	Got(at clock.Instant, b []byte)
	Broken(at clock.Instant)
}

// Config is what a session is told once.
type Config struct {
	Servers []net.Addr
	First   int // which server to try first
	Timeout time.Duration
	Tap     func() Tap       // a new one for each connection; nil for none
	Marks   *invariant.Marks // of the run; nil: nobody counts
}

// Session is one client. Requests that wait for a connection are kept; requests that were
// on a connection that broke fail with ErrUnknownOutcome and are not repeated.
type Session struct {
	cfg Config
	net net.Network

	id       wire.SessionID
	password []byte
	timeout  time.Duration
	lastZxid wire.Zxid
	xid      int32

	state    state
	conn     net.Conn
	tap      Tap
	framer   wire.Framer
	next     int           // server to try
	retryAt  clock.Instant // disconnected: when
	heard    clock.Instant // connected: last bytes
	sent     clock.Instant // connected: last bytes out
	full     bool          // the connection has no room for more requests
	waiting  []*call       // not sent
	inflight []*call       // sent, in order
}

type state uint8

const (
	disconnected state = iota
	dialing
	greeting // connected, waiting for the answer to the handshake
	attached
)

type call struct {
	req  wire.Request
	done func(wire.Reply, error)
}

// New returns a session that connects as soon as it is woken.
func New(cfg Config, n net.Network) *Session {
	return &Session{cfg: cfg, net: n, next: cfg.First, timeout: cfg.Timeout, password: make([]byte, 16)}
}

// ID returns the session's id, or 0 before there is one.
func (s *Session) ID() wire.SessionID { return s.id }

// Submit sends a request, now or when there is a connection. Done is called once, from
// inside a later NetEvent or Wake.
func (s *Session) Submit(now clock.Now, req wire.Request, done func(wire.Reply, error)) {
	s.xid++
	req.Xid = s.xid
	s.waiting = append(s.waiting, &call{req, done})
	s.flush(now)
}

func (s *Session) flush(now clock.Now) {
	for s.state == attached && !s.full && len(s.waiting) > 0 {
		c := s.waiting[0]
		s.waiting = s.waiting[1:]
		s.inflight = append(s.inflight, c)
		var e wire.Encoder
		mark := e.Begin()
		c.req.Encode(&e)
		e.End(mark)
		s.write(now, e.Buf)
	}
}

func (s *Session) write(now clock.Now, b []byte) {
	s.sent = now.Mono
	if s.tap != nil {
		s.tap.Sent(now.Mono, b)
	}
	s.full = !s.net.Send(s.conn, b) || s.full
}

// Due returns when the session wants to be woken.
func (s *Session) Due() clock.Instant {
	switch s.state {
	case disconnected:
		return s.retryAt
	case attached:
		return min(s.heard.Add(s.timeout*2/3), s.sent.Add(s.timeout/3))
	}
	return s.heard.Add(s.timeout / 3)
}

// Wake does what is due: connect, ping, or give up a silent connection.
func (s *Session) Wake(now clock.Now) {
	switch {
	case s.Due() > now.Mono:
	case s.state == disconnected:
		s.dial(now)
	case s.state == attached && now.Mono.Sub(s.heard) < s.timeout*2/3:
		s.ping(now)
	default:
		s.sometimes(true, silentServer)
		s.net.Close(s.conn)
		s.broken(now)
	}
}

func (s *Session) dial(now clock.Now) {
	s.conn = s.net.Dial(s.cfg.Servers[s.next%len(s.cfg.Servers)])
	s.next++
	s.state, s.heard, s.framer = dialing, now.Mono, wire.Framer{}
	if s.cfg.Tap != nil {
		s.tap = s.cfg.Tap()
	}
}

func (s *Session) ping(now clock.Now) {
	var e wire.Encoder
	mark := e.Begin()
	(&wire.Request{Xid: wire.XidPing, Op: wire.OpPing}).Encode(&e)
	e.End(mark)
	s.write(now, e.Buf)
}

// NetEvent takes in what happened on the network.
func (s *Session) NetEvent(now clock.Now, ev net.Event) {
	if ev.Conn != s.conn || s.state == disconnected {
		return
	}
	switch ev.Kind {
	case net.Connected:
		s.greet(now)
	case net.Received:
		s.receive(now, ev.Data)
	case net.Writable:
		s.full = false
		s.flush(now)
	case net.Closed:
		s.broken(now)
	}
}

func (s *Session) greet(now clock.Now) {
	s.state, s.heard = greeting, now.Mono
	var e wire.Encoder
	mark := e.Begin()
	(&wire.ConnectRequest{LastZxidSeen: s.lastZxid, TimeoutMillis: int32(s.cfg.Timeout / time.Millisecond), Session: s.id, Password: s.password}).Encode(&e)
	e.End(mark)
	s.write(now, e.Buf)
}

func (s *Session) receive(now clock.Now, b []byte) {
	s.heard = now.Mono
	if s.tap != nil {
		s.tap.Got(now.Mono, b)
	}
	s.framer.Feed(b)
	for s.state == greeting || s.state == attached {
		frame, ok, err := s.framer.Next()
		if err != nil {
			s.net.Close(s.conn)
			s.broken(now)
			return
		}
		if !ok {
			return
		}
		s.hear(now, frame)
	}
}

func (s *Session) hear(now clock.Now, frame []byte) {
	if s.state == greeting {
		s.attach(now, frame)
		return
	}
	h := wire.DecodeReplyHeader(wire.NewDecoder(frame))
	if h.Xid < 0 {
		return // ping answers; watch events, which this session never asks for
	}
	if len(s.inflight) == 0 || s.inflight[0].req.Xid != h.Xid {
		panic("native: a reply is out of order: the server broke the FIFO order of a connection")
	}
	c := s.inflight[0]
	s.inflight = s.inflight[1:]
	reply, err := wire.DecodeReply(frame, c.req.Op)
	s.lastZxid = max(s.lastZxid, reply.Zxid)
	c.done(reply, err)
}

// attach handles the answer to the handshake. A session that is gone is replaced by a new
// one; what waits for it goes to the new one, what it had in flight failed before.
func (s *Session) attach(now clock.Now, frame []byte) {
	r, err := wire.DecodeConnectResponse(frame)
	if err != nil || r.Session == 0 {
		s.sometimes(s.id != 0, replaced)
		s.id, s.password, s.lastZxid = 0, make([]byte, 16), 0
		s.net.Close(s.conn)
		s.broken(now)
		return
	}
	s.sometimes(s.id == r.Session, reattached)
	s.id, s.password, s.timeout = r.Session, r.Password, time.Duration(r.TimeoutMillis)*time.Millisecond
	s.state = attached
	s.flush(now)
}

// pause between attempts to connect.
const pause = 50 * time.Millisecond

func (s *Session) broken(now clock.Now) {
	if s.tap != nil {
		s.tap.Broken(now.Mono)
	}
	s.state, s.conn, s.tap, s.full, s.retryAt = disconnected, 0, nil, false, now.Mono.Add(pause)
	lost := s.inflight
	s.sometimes(len(lost) > 0, unknownOutcome)
	s.inflight = nil
	for _, c := range lost {
		c.done(wire.Reply{}, ErrUnknownOutcome)
	}
}
