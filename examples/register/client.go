package register

import (
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/wire"
	"github.com/zoobreak/zoobreak/workloads"
)

// The kinds of operation that a client records.
const (
	Read  history.Kind = "register.read"
	Write history.Kind = "register.write"
)

// impatience is how long a client waits for an answer, and pause between two tries.
const (
	impatience = 400 * time.Millisecond
	pause      = 30 * time.Millisecond
)

// Client carries out operations, one after the other, on whichever server answers.
type Client struct {
	id      int
	servers []string
	net     net.Network
	alarm   clock.Alarm
	log     *history.Log
	agenda  *workloads.Agenda // what is left, from one life to the next

	busy    bool
	op      workloads.Op
	handle  history.Handle
	conn    net.Conn // 0: none; it is kept from one operation to the next
	open    bool
	sent    bool
	next    int // server to try
	framer  wire.Framer
	retryAt clock.Instant // when to try again, or to give up waiting
}

// Wake does what is due.
func (c *Client) Wake(now clock.Now) {
	switch {
	case !c.busy && now.Mono >= c.agenda.Due():
		c.begin(now)
	case c.busy && now.Mono >= c.retryAt:
		c.again(now)
	}
	if c.busy {
		c.alarm.Set(c.retryAt)
	} else {
		c.alarm.Set(c.agenda.Due())
	}
}

func (c *Client) begin(now clock.Now) {
	c.op = c.agenda.Begin()
	op := history.Op{Client: c.id, Kind: Read, Name: string(c.op.Path)}
	if c.write() {
		op.Kind, op.Text = Write, c.op.Value
	}
	c.busy, c.handle = true, c.log.Call(now.Mono, op)
	c.try(now)
}

func (c *Client) write() bool { return c.op.Do == "set" }

// try sends the request, or dials first.
func (c *Client) try(now clock.Now) {
	c.sent, c.retryAt = c.open, now.Mono.Add(impatience)
	if c.open {
		c.net.Send(c.conn, frame(func(e *wire.Encoder) {
			e.Int64(int64(c.op.At)) // tells requests apart on the wire
			e.Bool(c.write())
			e.String(c.op.Value)
		}))
		return
	}
	c.conn = c.net.Dial(net.MakeAddr(c.servers[c.next%len(c.servers)], clientPort))
	c.framer = wire.Framer{}
}

// again follows a wait that was in vain. What was never sent had no effect and is tried on
// another server; what was sent may yet take effect, so that operation is over.
func (c *Client) again(now clock.Now) {
	c.hangUp()
	c.next++
	if c.sent {
		c.finish(now, history.Unknown, "")
		return
	}
	c.try(now)
}

func (c *Client) hangUp() {
	if c.conn != 0 {
		c.net.Close(c.conn)
	}
	c.conn, c.open = 0, false
}

func (c *Client) finish(now clock.Now, s history.Status, value string) {
	c.log.Return(c.handle, now.Mono, s, func(op *history.Op) {
		if op.Kind == Read {
			op.Text = value
		}
	})
	c.busy = false
}

// NetEvent takes in what happened on the network.
func (c *Client) NetEvent(now clock.Now, ev net.Event) {
	switch {
	case ev.Conn != c.conn:
	case ev.Kind == net.Closed:
		c.conn, c.open, c.retryAt = 0, false, now.Mono.Add(pause)
	case ev.Kind == net.Connected && c.busy:
		c.open = true
		c.try(now)
	case ev.Kind == net.Received && c.busy:
		c.hear(now, ev.Data)
	}
	c.Wake(now)
}

func (c *Client) hear(now clock.Now, b []byte) {
	c.framer.Feed(b)
	reply, ok, err := c.framer.Next()
	if !ok || err != nil {
		return
	}
	d := wire.NewDecoder(reply)
	if d.Int32() == yes {
		c.finish(now, history.OK, d.String())
		return
	}
	c.hangUp()
	c.next++
	c.sent, c.retryAt = false, now.Mono.Add(pause)
}

// DiskDone completes sim.Server; a client has nothing on its disk.
func (c *Client) DiskDone(clock.Now, disk.Done) {
	panic("register: a client has submitted nothing to a disk")
}
