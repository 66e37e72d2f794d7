package gate

import (
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/node/host"
)

// SecurePort is where clients connect with TLS; the host knows one port for clients.
const SecurePort net.Port = 2281

// Config is what a gate is told once. A limit of 0 is none.
type Config struct {
	Ports       []net.Port    // those that are open; the host may want to listen on more
	PerAddress  int           // connections of clients from one address
	Total       int           // connections of clients
	Sessionless time.Duration // how long a connection may go without a session
	Outstanding int           // requests of all clients that wait
	Now         func() clock.Instant
	// Word answers a four-letter word; ok is false if it is none.
	Word func(word string, from net.Conn) (answer string, ok bool)
}

// Gate is the host's network.
type Gate struct {
	net.Network // for what is not about clients
	cfg         Config
	owner       func(net.Event)
	clients     map[net.Conn]*client
	arrived     []net.Conn // those without a session that may still be here, oldest first
	addresses   map[string]int
	held        []net.Conn // not read because too many requests wait
	stats       Stats
}

// client is one connection.
type client struct {
	Client
	host    string
	in, out frames
	first   []byte // until it is known whether they are a word
	known   bool   // to the host
	asked   []clock.Instant
	stopped bool // by the host
	held    bool // by the gate
}

// New returns a gate on a network whose events it is to be given; owner gets those that
// are for the host.
func New(cfg Config, below net.Network, owner func(net.Event)) *Gate {
	return &Gate{Network: below, cfg: cfg, owner: owner, clients: map[net.Conn]*client{}, addresses: map[string]int{}}
}

// Listen implements net.Network.
func (g *Gate) Listen(p net.Port) {
	ports := []net.Port{p}
	if p == host.ClientPort {
		ports = append(ports, SecurePort)
	}
	for _, p := range ports {
		if slices.Contains(g.cfg.Ports, p) {
			g.Network.Listen(p)
		}
	}
}

// NetEvent takes in what happened on the network.
func (g *Gate) NetEvent(ev net.Event) {
	if ev.Kind == net.Accepted && (ev.Port == host.ClientPort || ev.Port == SecurePort) {
		g.arrive(ev)
		return
	}
	c := g.clients[ev.Conn]
	if c == nil {
		g.owner(ev)
		return
	}
	switch ev.Kind {
	case net.Received:
		g.receive(c, ev)
	case net.Closed:
		g.forget(c)
		if c.known {
			g.owner(ev)
		}
	default:
		g.owner(ev)
	}
}

// arrive lets a client in, or does not. The host is told when the first bytes have come:
// somebody who asks with a four-letter word how the server is gets an answer also while no
// client is served.
func (g *Gate) arrive(ev net.Event) {
	from, _, _ := ev.Peer.Split()
	full := g.cfg.Total > 0 && len(g.clients) >= g.cfg.Total
	if full || g.cfg.PerAddress > 0 && g.addresses[from] >= g.cfg.PerAddress {
		g.stats.Rejected++
		g.Network.Close(ev.Conn)
		return
	}
	c := &client{Client: Client{Conn: ev.Conn, Peer: ev.Peer, Secure: ev.Port == SecurePort, Since: g.cfg.Now()}, host: from}
	g.clients[ev.Conn] = c
	g.addresses[from]++
	g.arrived = append(g.arrived, ev.Conn)
	g.stats.Accepted++
}

func (g *Gate) forget(c *client) {
	delete(g.clients, c.Conn)
	g.stats.Outstanding -= len(c.asked)
	if g.addresses[c.host]--; g.addresses[c.host] == 0 {
		delete(g.addresses, c.host)
	}
	g.release()
}

func (g *Gate) receive(c *client, ev net.Event) {
	g.stats.BytesReceived += int64(len(ev.Data))
	if c.known {
		g.pass(c, ev.Data)
		return
	}
	c.first = append(c.first, ev.Data...)
	if len(c.first) < 4 {
		return
	}
	if answer, ok := g.cfg.Word(string(c.first[:4]), c.Conn); ok {
		g.count(&c.Client.Received, &g.stats.Received)
		g.Network.Send(c.Conn, []byte(answer))
		g.Network.Close(c.Conn)
		g.forget(c)
		return
	}
	c.known = true
	g.owner(net.Event{Kind: net.Accepted, Conn: c.Conn, Port: host.ClientPort, Peer: c.Peer})
	if g.clients[c.Conn] == c {
		g.pass(c, c.first)
	}
	c.first = nil
}

func (g *Gate) count(counters ...*int64) {
	for _, n := range counters {
		*n++
	}
}

// pass hands bytes on to the host, and notes which requests end in them. Too many waiting
// requests stop the client that sent the last of them.
func (g *Gate) pass(c *client, b []byte) {
	now := g.cfg.Now()
	c.in.feed(b, func(head []byte) {
		g.count(&c.Client.Received, &g.stats.Received)
		c.note(head)
		c.asked = append(c.asked, now)
		g.stats.Outstanding++
	})
	g.owner(net.Event{Kind: net.Received, Conn: c.Conn, Data: b})
	if g.cfg.Outstanding > 0 && g.stats.Outstanding >= g.cfg.Outstanding && g.clients[c.Conn] == c && !c.held {
		c.held = true
		g.held = append(g.held, c.Conn)
		g.stats.Held++
		g.apply(c)
	}
}

// Send implements net.Network.
func (g *Gate) Send(conn net.Conn, b []byte) bool {
	if c := g.clients[conn]; c != nil {
		g.stats.BytesSent += int64(len(b))
		c.out.feed(b, func(head []byte) { g.answered(c, head) })
		g.release()
	}
	return g.Network.Send(conn, b)
}

// Close implements net.Network.
func (g *Gate) Close(conn net.Conn) {
	if c := g.clients[conn]; c != nil {
		g.forget(c)
	}
	g.Network.Close(conn)
}

// Pause implements net.Network.
func (g *Gate) Pause(conn net.Conn) { g.stop(conn, true) }

// Resume implements net.Network.
func (g *Gate) Resume(conn net.Conn) { g.stop(conn, false) }

func (g *Gate) stop(conn net.Conn, on bool) {
	if c := g.clients[conn]; c != nil {
		c.stopped = on
		g.apply(c)
		return
	}
	if on {
		g.Network.Pause(conn)
	} else {
		g.Network.Resume(conn)
	}
}

// apply stops or starts reading a client: two may want it stopped.
func (g *Gate) apply(c *client) {
	if c.stopped || c.held {
		g.Network.Pause(c.Conn)
	} else {
		g.Network.Resume(c.Conn)
	}
}

// release reads clients again once half of the requests have been answered.
func (g *Gate) release() {
	if len(g.held) == 0 || g.stats.Outstanding > g.cfg.Outstanding/2 {
		return
	}
	held := g.held
	g.held = nil
	for _, conn := range held {
		if c := g.clients[conn]; c != nil {
			c.held = false
			g.apply(c)
		}
	}
}

// Due returns when Wake has something to do.
func (g *Gate) Due() clock.Instant {
	for len(g.arrived) > 0 {
		if c := g.clients[g.arrived[0]]; c != nil && !c.attached() {
			if g.cfg.Sessionless == 0 {
				return clock.Never
			}
			return c.Since.Add(g.cfg.Sessionless)
		}
		g.arrived = g.arrived[1:]
	}
	return clock.Never
}

// Wake closes the connections that have gone without a session for too long.
func (g *Gate) Wake() {
	for now := g.cfg.Now(); g.Due() <= now; {
		c := g.clients[g.arrived[0]]
		g.arrived = g.arrived[1:]
		g.stats.Sessionless++
		g.Network.Close(c.Conn)
		g.forget(c)
		if c.known {
			g.owner(net.Event{Kind: net.Closed, Conn: c.Conn})
		}
	}
}
