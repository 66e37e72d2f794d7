package gate

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/wire"
)

// Stats is what a gate has counted.
type Stats struct {
	Accepted, Rejected       int64 // connections
	Sessionless              int64 // connections closed because they never had a session
	Held                     int64 // how often a client was not read because too many requests waited
	Received, Sent           int64 // packets
	BytesReceived, BytesSent int64
	Outstanding              int // requests that wait
	Connections              int
	Latency                  Latency
}

// Latency is how long requests took, from their last byte to the reply.
type Latency struct {
	Count    int64
	Min, Max time.Duration
	Sum      time.Duration
}

func (l *Latency) add(d time.Duration) {
	if l.Count == 0 || d < l.Min {
		l.Min = d
	}
	l.Max = max(l.Max, d)
	l.Count++
	l.Sum += d
}

// Mean returns the average, or 0.
func (l Latency) Mean() time.Duration {
	if l.Count == 0 {
		return 0
	}
	return l.Sum / time.Duration(l.Count)
}

// Client is what is known of one client's connection.
type Client struct {
	Conn           net.Conn
	Peer           net.Addr
	Secure         bool
	Since          clock.Instant
	Session        wire.SessionID // 0: none yet
	Timeout        time.Duration
	Received, Sent int64 // packets
	Waiting        int
	LastOp         wire.OpCode
	LastXid        int32
	LastZxid       wire.Zxid
	LastReply      clock.Instant
	LastLatency    time.Duration
	Latency        Latency
}

func (c *client) attached() bool { return c.Session != 0 }

// note takes in the beginning of a request; the first is a handshake.
func (c *client) note(head []byte) {
	if c.in.count > 1 && len(head) >= 8 {
		c.LastXid, c.LastOp = int32(binary.BigEndian.Uint32(head)), wire.OpCode(int32(binary.BigEndian.Uint32(head[4:])))
	}
}

// answered takes in the beginning of what a client is sent. All but notifications answer
// requests, in their order.
func (g *Gate) answered(c *client, head []byte) {
	g.count(&c.Client.Sent, &g.stats.Sent)
	if c.out.count == 1 {
		c.admitted(head)
	} else if len(head) >= 12 {
		if int32(binary.BigEndian.Uint32(head)) == wire.XidNotification {
			return
		}
		if z := wire.Zxid(binary.BigEndian.Uint64(head[4:])); z > 0 {
			c.LastZxid = z
		}
	}
	if len(c.asked) == 0 {
		return
	}
	c.LastReply = g.cfg.Now()
	c.LastLatency = c.LastReply.Sub(c.asked[0])
	c.asked = c.asked[1:]
	g.stats.Outstanding--
	c.Latency.add(c.LastLatency)
	g.stats.Latency.add(c.LastLatency)
}

// admitted takes in the answer to a handshake.
func (c *client) admitted(head []byte) {
	if len(head) >= 16 {
		c.Timeout = time.Duration(int32(binary.BigEndian.Uint32(head[4:]))) * time.Millisecond
		c.Session = wire.SessionID(binary.BigEndian.Uint64(head[8:]))
	}
}

// Stats returns what was counted.
func (g *Gate) Stats() Stats {
	s := g.stats
	s.Connections = len(g.clients)
	return s
}

// Clients returns the connections there are, oldest first.
func (g *Gate) Clients() []Client {
	var all []Client
	for _, conn := range slices.Sorted(maps.Keys(g.clients)) {
		c := g.clients[conn].Client
		c.Waiting = len(g.clients[conn].asked)
		all = append(all, c)
	}
	return all
}

// ResetStats forgets what srst forgets: packets and latencies.
func (g *Gate) ResetStats() { g.stats.Received, g.stats.Sent, g.stats.Latency = 0, 0, Latency{} }

// ResetClients forgets what crst forgets: the same of each connection.
func (g *Gate) ResetClients() {
	for _, conn := range slices.Sorted(maps.Keys(g.clients)) {
		c := g.clients[conn]
		c.Received, c.Sent, c.Latency, c.LastLatency, c.LastOp = 0, 0, Latency{}, 0, 0
	}
}
