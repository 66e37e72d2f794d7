package tcp

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"github.com/zoobreak/zoobreak/internal/inbox"
	"github.com/zoobreak/zoobreak/net"
)

// conn is one end of a connection, or a dial that may become one. The owner's thread has
// it, but for what the writer counts.
type conn struct {
	id     net.Conn
	giveUp context.CancelFunc // of a dial
	sock   *socket            // nil while dialing
	closed bool               // the owner closed it or was told of its end: no event any more
	cause  error              // why we broke it, or could not write
	quit   chan struct{}      // closed when its goroutines are to end

	paused  bool
	offered bool      // the reader has something that the owner has not taken
	taken   chan bool // the answer to it; false: offer it again

	out    *inbox.Queue[[]byte]
	unsent atomic.Int64 // bytes the owner sent and the machine has not taken
	full   atomic.Bool  // the writer is to say when little is unsent
	waits  bool         // the owner is to be told Writable
}

func newConn(id net.Conn) *conn {
	return &conn{id: id, out: inbox.NewQueue[[]byte](), quit: make(chan struct{}), taken: make(chan bool, 1)}
}

// segment is the most that one read returns.
const segment = 64 << 10

// read offers what arrives until nothing more can. It reads no further while the owner has
// not taken what there is: so there is one segment of each connection at most, and TCP
// makes the peer wait. It goes on when the owner has closed the connection, and nobody
// wants what arrives: a socket that is closed with bytes unread resets the connection, and
// the peer would lose the last that we sent.
func (n *Network) read(c *conn, sock *socket) {
	buf := make([]byte, segment)
	for {
		k, err := sock.Read(buf)
		if k > 0 && !n.offer(c, func() bool { return n.received(c, buf[:k]) }) {
			return
		}
		if err != nil {
			n.offer(c, func() bool { return n.ended(c, err) })
			return
		}
	}
}

// offer posts an event until the owner has taken it, which it does not while it has paused
// the connection. It returns false if that will never be.
func (n *Network) offer(c *conn, event func() (taken bool)) bool {
	for {
		posted := n.box.Post(func() {
			if event() {
				c.taken <- true
			} else {
				c.offered = true
			}
		})
		if !posted {
			return false
		}
		select {
		case taken := <-c.taken:
			if taken {
				return true
			}
		case <-c.quit:
			return false
		}
	}
}

// received reports whether the owner has taken the bytes.
func (n *Network) received(c *conn, data []byte) bool {
	switch {
	case c.closed:
	case c.paused:
		return false
	default:
		n.owner(net.Event{Kind: net.Received, Conn: c.id, Data: data})
	}
	return true
}

// ended reports whether the owner has taken that nothing more can be read. An orderly end
// waits for Resume as bytes do.
func (n *Network) ended(c *conn, err error) bool {
	if c.paused && !c.closed && errors.Is(err, io.EOF) {
		return false
	}
	n.end(c, err)
	return true
}

// offerAgain makes the reader offer what the owner has not taken.
func (c *conn) offerAgain() {
	c.paused = false
	if c.offered {
		c.offered = false
		c.taken <- false
	}
}

// gather is the most buffers that one system call takes; what a slow peer leaves waiting
// is counted down as each is done.
const gather = 64

// lastWords is how long the reader has, after a write failed, for what the peer sent
// before it went.
const lastWords = time.Second

// write sends what the owner queues, and after the last of it, the end.
func (n *Network) write(c *conn, sock *socket) {
	for {
		queued, ok := c.out.Take()
		if !ok {
			sock.CloseWrite()
			return
		}
		for some := range slices.Chunk(queued, gather) {
			k, err := sock.writeAll(some)
			if err != nil {
				n.box.Post(func() { n.writeFailed(c, err) })
				return
			}
			if c.unsent.Add(-k) <= n.enough() && c.full.CompareAndSwap(true, false) {
				n.box.Post(func() { n.writable(c) })
			}
		}
	}
}

// enough is how little must wait before there is room again: two thirds of the window, as
// in Linux, so that owners are not told of every byte.
func (n *Network) enough() int64 { return n.cfg.Window * 2 / 3 }

func (n *Network) writable(c *conn) {
	if !c.closed && n.drained(c) {
		c.waits = false
		n.owner(net.Event{Kind: net.Writable, Conn: c.id})
	}
}

// writeFailed leaves it to the reader to notice the end, unless nobody reads.
func (n *Network) writeFailed(c *conn, err error) {
	switch {
	case c.closed || c.cause != nil: // it has ended, or is about to
	case c.paused:
		n.end(c, err)
	default:
		c.cause = err
		c.sock.SetReadDeadline(time.Now().Add(lastWords))
	}
}

// finish lets the writer send what is queued and the end after it, and the reader wait for
// the peer's end; after linger both give up.
func (c *conn) finish(linger time.Duration) {
	c.out.Close()
	c.sock.SetDeadline(time.Now().Add(linger))
	c.offerAgain() // to nobody
}

// abort breaks the connection: the peer sees a reset, and the owner, as soon as the reader
// notices, Closed.
func (c *conn) abort(cause error) {
	if c.cause != nil {
		return // it is on its way
	}
	c.cause = cause
	c.sock.raw.SetLinger(0)
	c.out.Close()
	c.sock.shut()
	c.offerAgain()
}

// shut ends whatever the goroutines of the connection wait for.
func (c *conn) shut() {
	select {
	case <-c.quit:
		return
	default:
		close(c.quit)
	}
	c.out.Close()
	if c.giveUp != nil {
		c.giveUp()
	}
	if c.sock != nil {
		c.sock.shut()
	}
}

// reason is what the owner is told: nothing, if the peer simply ended.
func (c *conn) reason(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	if c.cause != nil {
		return c.cause
	}
	return err
}
