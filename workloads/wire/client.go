package wire

import (
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/history/tap"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/wire"
	"github.com/zoobreak/zoobreak/workloads"
)

// Config is what a client is told once.
type Config struct {
	Client  int
	Servers []net.Addr
	Timeout time.Duration // of its sessions
	Log     *history.Log
}

// Script is what is left to do, and how many connections there were, over all lives of a
// client.
type Script struct {
	agenda *workloads.Agenda
	conns  int
}

// NewScript returns one with all the operations.
func NewScript(ops []workloads.Op) *Script { return &Script{agenda: workloads.NewAgenda(ops)} }

// Client is a client of the service. It is a process of the simulator without a disk. It
// trusts nothing that a server says and asserts nothing: it writes down.
type Client struct {
	cfg    Config
	net    net.Network
	alarm  clock.Alarm
	script *Script

	id       wire.SessionID
	password []byte
	seen     wire.Zxid
	xid      int32
	users    []string // credentials
	watches  watches

	state   state
	conn    net.Conn
	framer  wire.Framer
	tap     *tap.Tap
	server  int           // whom it is or was connected to, from 0
	retryAt clock.Instant // disconnected: when
	heard   clock.Instant // last bytes in
	sent    clock.Instant // last bytes out
	full    bool          // the connection has no room for more
	asked   []wire.Request
}

type state uint8

const (
	disconnected state = iota
	dialing
	greeting
	attached
	leaving // closeSession is on its way: nothing more is sent
)

// New starts a client, in its first or in a later life, with what is left to do.
func New(cfg Config, script *Script, n net.Network, alarm clock.Alarm, now clock.Now) *Client {
	c := &Client{cfg: cfg, net: n, alarm: alarm, script: script, server: cfg.Client - 1 + len(cfg.Servers)}
	c.forget()
	c.Wake(now)
	return c
}

// forget begins a new session with the next connection.
func (c *Client) forget() {
	c.id, c.password, c.seen, c.watches = 0, make([]byte, 16), 0, newWatches()
}

// NetEvent takes in what happened on the network.
func (c *Client) NetEvent(now clock.Now, ev net.Event) {
	if ev.Conn == c.conn && c.state != disconnected {
		switch ev.Kind {
		case net.Connected:
			c.greet(now)
		case net.Received:
			c.receive(now, ev.Data)
		case net.Writable:
			c.full = false
		case net.Closed:
			c.broken(now)
		}
	}
	c.Wake(now)
}

// Wake does what is due.
func (c *Client) Wake(now clock.Now) {
	c.look(now)
	for c.ready() && c.script.agenda.Due() <= now.Mono {
		c.do(now, c.script.agenda.Begin())
	}
	c.alarm.Set(c.due())
}

// pipelined is how many requests may be on their way before the client waits for answers.
const pipelined = 40

func (c *Client) ready() bool { return c.state == attached && !c.full && len(c.asked) < pipelined }

// do carries out an operation of the plan.
func (c *Client) do(now clock.Now, op workloads.Op) {
	switch op.Do {
	case "send":
		reqs := make([]wire.Request, len(op.Send))
		for i, s := range op.Send {
			reqs[i] = s.Request()
			c.xid++
			reqs[i].Xid = c.xid
		}
		c.send(now, reqs...)
	case "auth": // before any watch of the connection: from when on it counts would else be open
		c.users = append(c.users, op.Value)
		c.hangUp(now)
	case "move":
		c.hangUp(now)
	case "close":
		c.xid++
		c.send(now, wire.Request{Xid: c.xid, Op: wire.OpCloseSession})
		c.state = leaving
	case "forget":
		c.hangUp(now)
		c.forget()
	default:
		panic("workloads/wire: a raw client cannot " + op.Do)
	}
}

// look keeps the connection: it connects, pings, or gives up a silent server.
func (c *Client) look(now clock.Now) {
	switch {
	case c.keepDue() > now.Mono:
	case c.state == disconnected:
		c.dial(now)
	case c.state == attached && now.Mono.Sub(c.heard) < c.cfg.Timeout*2/3:
		c.send(now, wire.Request{Xid: wire.XidPing, Op: wire.OpPing})
	default:
		c.hangUp(now)
	}
}

func (c *Client) keepDue() clock.Instant {
	switch c.state {
	case disconnected:
		return c.retryAt
	case attached:
		return min(c.heard.Add(c.cfg.Timeout*2/3), c.sent.Add(c.cfg.Timeout/3))
	}
	return c.heard.Add(c.cfg.Timeout / 3)
}

func (c *Client) due() clock.Instant {
	if c.ready() {
		return min(c.keepDue(), c.script.agenda.Due())
	}
	return c.keepDue()
}

func (c *Client) dial(now clock.Now) {
	c.script.conns++
	c.server++
	c.conn = c.net.Dial(c.cfg.Servers[c.at()])
	c.state, c.heard, c.framer, c.full = dialing, now.Mono, wire.Framer{}, false
	c.tap = tap.New(c.cfg.Log, c.cfg.Client)
}

func (c *Client) at() int { return c.server % len(c.cfg.Servers) }

func (c *Client) greet(now clock.Now) {
	c.state, c.heard = greeting, now.Mono
	hello := wire.ConnectRequest{LastZxidSeen: c.seen, TimeoutMillis: int32(c.cfg.Timeout / time.Millisecond), Session: c.id, Password: c.password}
	c.write(now, hello.Encode)
}

// send writes requests as one, so that they are pipelined.
func (c *Client) send(now clock.Now, reqs ...wire.Request) {
	frames := make([]func(*wire.Encoder), len(reqs))
	for i := range reqs {
		frames[i] = reqs[i].Encode
	}
	c.asked = append(c.asked, reqs...)
	c.write(now, frames...)
}

func (c *Client) write(now clock.Now, frames ...func(*wire.Encoder)) {
	c.sent = now.Mono
	var e wire.Encoder
	for _, encode := range frames {
		mark := e.Begin()
		encode(&e)
		c.record(now, history.Sent, e.Buf[mark:])
		e.End(mark)
	}
	c.tap.Sent(now.Mono, e.Buf)
	c.full = !c.net.Send(c.conn, e.Buf) || c.full
}

func (c *Client) record(now clock.Now, way history.Direction, frame []byte) {
	c.cfg.Log.Frame(now.Mono, history.Frame{Client: c.cfg.Client, Conn: c.script.conns, Server: c.at() + 1, Way: way, Bytes: frame})
}

func (c *Client) receive(now clock.Now, b []byte) {
	c.heard = now.Mono
	c.tap.Got(now.Mono, b)
	c.framer.Feed(b)
	for c.state != disconnected {
		frame, ok, err := c.framer.Next()
		if err != nil {
			c.hangUp(now)
			return
		}
		if !ok {
			return
		}
		c.record(now, history.Got, frame)
		if c.state == greeting {
			c.attach(now, frame)
		} else {
			c.hear(frame)
		}
	}
}

// attach handles the answer to the handshake. It shows who it is, and arms its watches, in
// this order, as all client libraries do.
func (c *Client) attach(now clock.Now, frame []byte) {
	r, err := wire.DecodeConnectResponse(frame)
	if err != nil || r.Session == 0 {
		c.forget()
		c.hangUp(now)
		return
	}
	c.id, c.password, c.state = r.Session, r.Password, attached
	var reqs []wire.Request
	for _, u := range c.users {
		reqs = append(reqs, wire.Request{Xid: wire.XidAuth, Op: wire.OpAuth, Scheme: "digest", Data: []byte(u)})
	}
	if r, any := c.watches.request(c.seen); any {
		reqs = append(reqs, r)
	}
	if len(reqs) > 0 {
		c.send(now, reqs...)
	}
}

// hear handles a packet behind the handshake.
func (c *Client) hear(frame []byte) {
	h := wire.DecodeReplyHeader(wire.NewDecoder(frame))
	if h.Xid == wire.XidNotification {
		if ev, err := wire.DecodeNotification(frame); err == nil {
			c.watches.told(ev)
		}
		return
	}
	if len(c.asked) == 0 {
		return
	}
	req := c.asked[0]
	c.asked = c.asked[1:]
	c.seen = max(c.seen, h.Zxid)
	c.watches.answered(&req, h.Err)
}

// hangUp ends the connection from this side.
func (c *Client) hangUp(now clock.Now) {
	c.net.Close(c.conn)
	c.broken(now)
}

// pause between attempts to connect.
const pause = 50 * time.Millisecond

func (c *Client) broken(now clock.Now) {
	c.tap.Broken(now.Mono)
	if c.state == leaving {
		c.forget()
	}
	c.state, c.conn, c.asked, c.retryAt = disconnected, 0, nil, now.Mono.Add(pause)
}
