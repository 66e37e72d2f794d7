package register

import (
	"fmt"
	"strconv"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/workloads"
)

// The kinds of operation that a client records.
const (
	Read  history.Kind = "register.read"
	Write history.Kind = "register.write"
)

const (
	impatience = 400 * time.Millisecond // how long a client waits for an answer
	pause      = 30 * time.Millisecond  // between two tries
)

// Client carries out operations, one after the other, each on whichever server is the
// primary, and records what it asked for and what it was told.
type Client struct {
	id      int
	servers []string
	net     net.Network
	alarm   clock.Alarm
	log     *history.Log
	agenda  *workloads.Agenda // what is left to do

	busy   bool // with this operation:
	ask    message
	handle history.Handle
	server int      // on which it is tried
	conn   net.Conn // 0: none; it is kept for the next operation
	open   bool
	sent   bool          // so it may take effect
	in     []byte        // what has come, and is no message yet
	until  clock.Instant // when the try is over, or the next begins
}

// Wake does what is due.
func (c *Client) Wake(now clock.Now) {
	switch {
	case !c.busy && now.Mono >= c.agenda.Due():
		c.begin(now, c.agenda.Begin())
	case c.busy && now.Mono >= c.until && c.sent:
		c.hangUp()
		c.end(now, history.Unknown, 0)
	case c.busy && now.Mono >= c.until:
		c.try(now)
	}
	if c.busy {
		c.alarm.Set(c.until)
	} else {
		c.alarm.Set(c.agenda.Due())
	}
}

func (c *Client) begin(now clock.Now, op workloads.Op) {
	c.busy, c.ask = true, message{Kind: get, From: int64(op.At)}
	record := history.Op{Client: c.id, Kind: Read, Name: string(op.Path)}
	if op.Do == "set" {
		c.ask.Kind, c.ask.Value = set, number(op.Value)
		record.Kind, record.Text = Write, op.Value
	}
	c.handle = c.log.Call(now.Mono, record)
	c.try(now)
}

// number reads what a plan wants to be written.
func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(fmt.Sprintf("register: the plan sets %q, and the register holds whole numbers", text))
	}
	return n
}

// try asks the server to which there is a connection, or else dials the next.
func (c *Client) try(now clock.Now) {
	if c.until = now.Mono.Add(impatience); c.open {
		c.sent = true
		c.net.Send(c.conn, c.ask.encode())
		return
	}
	c.net.Close(c.conn)
	c.server = (c.server + 1) % len(c.servers)
	c.conn = c.net.Dial(net.MakeAddr(c.servers[c.server], port))
}

func (c *Client) hangUp() {
	c.net.Close(c.conn)
	c.conn, c.open, c.in = 0, false, nil
}

func (c *Client) end(now clock.Now, s history.Status, value int64) {
	c.log.Return(c.handle, now.Mono, s, func(op *history.Op) {
		if op.Kind == Read {
			op.Text = strconv.FormatInt(value, 10)
		}
	})
	c.busy, c.sent = false, false
}

// NetEvent takes in what happened on the network.
func (c *Client) NetEvent(now clock.Now, ev net.Event) {
	switch {
	case ev.Conn != c.conn:
	case ev.Kind == net.Connected && c.busy:
		c.open = true
		c.try(now)
	case ev.Kind == net.Received && c.busy:
		c.in = append(c.in, ev.Data...)
		if m, ok := take(&c.in); ok && m.Kind == done {
			c.end(now, history.OK, m.Value)
		} else if ok {
			c.hangUp()
			c.sent, c.until = false, now.Mono.Add(pause)
		}
	case ev.Kind == net.Closed:
		c.hangUp()
		c.until = now.Mono.Add(pause)
	}
	c.Wake(now)
}

// DiskDone completes sim.Server; a client has nothing on its disk.
func (c *Client) DiskDone(clock.Now, disk.Done) {
	panic("register: a client has submitted nothing to a disk")
}
