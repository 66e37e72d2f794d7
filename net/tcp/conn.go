package tcp

import (
	"bytes"
	"context"
	"errors"
	"io"
	stdnet "net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/zoobreak/zoobreak/internal/inbox"
	"github.com/zoobreak/zoobreak/net"
)

// conn is one end of a connection, or a dial that may become one.
type conn struct {
	id     net.Conn
	giveUp context.CancelFunc // of a dial
	sock   *stdnet.TCPConn    // nil while dialing
	closed bool               // the owner closed it or was told of its end: no event any more
	cause  error              // why we broke it
	out    *inbox.Queue[[]byte]
	unsent atomic.Int64 // bytes the owner sent and the machine has not taken
}

func newConn(id net.Conn) *conn { return &conn{id: id, out: inbox.NewQueue[[]byte]()} }

// segment is the most that one read returns.
const segment = 64 << 10

// read posts what arrives until nothing more can. It goes on when the owner has closed
// the connection, and nobody wants what arrives: a socket that is closed with bytes
// unread resets the connection, and the peer would lose the last that we sent.
func (n *Network) read(c *conn, sock *stdnet.TCPConn) {
	buf := make([]byte, segment)
	for {
		k, err := sock.Read(buf)
		if k > 0 {
			data := bytes.Clone(buf[:k])
			n.box.Post(func() { n.received(c, data) })
		}
		if err != nil {
			n.box.Post(func() { n.end(c, err) })
			return
		}
	}
}

func (n *Network) received(c *conn, data []byte) {
	if !c.closed {
		n.owner(net.Event{Kind: net.Received, Conn: c.id, Data: data})
	}
}

// gather is the most buffers that one system call takes; what a slow peer leaves waiting
// is counted down as each is done.
const gather = 64

// lastWords is how long the reader has, after a write failed, for what the peer sent
// before it went.
const lastWords = time.Second

// write sends what the owner queues, and after the last of it, the end.
func (c *conn) write(sock *stdnet.TCPConn) {
	for {
		queued, ok := c.out.Take()
		if !ok {
			sock.CloseWrite()
			return
		}
		for some := range slices.Chunk(queued, gather) {
			buffers := stdnet.Buffers(some)
			k, err := buffers.WriteTo(sock)
			c.unsent.Add(-k)
			if err != nil {
				sock.SetReadDeadline(time.Now().Add(lastWords))
				return
			}
		}
	}
}

// finish lets the writer send what is queued and the end after it, and the reader wait for
// the peer's end; after linger both give up.
func (c *conn) finish(linger time.Duration) {
	c.out.Close()
	c.sock.SetDeadline(time.Now().Add(linger))
}

// abort breaks the connection: the peer sees a reset, and the owner, as soon as the reader
// notices, Closed.
func (c *conn) abort(cause error) {
	if c.cause != nil {
		return // it is on its way
	}
	c.cause = cause
	c.sock.SetLinger(0)
	c.shut()
}

// shut ends whatever the goroutines of the connection wait for.
func (c *conn) shut() {
	c.out.Close()
	if c.giveUp != nil {
		c.giveUp()
	}
	if c.sock != nil {
		c.sock.Close()
	}
}

// reason is what the owner is told: nothing, if the peer simply ended.
func (c *conn) reason(err error) error {
	if c.cause != nil {
		return c.cause
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
