package guest

import (
	"io"
	stdnet "net"
	"os"
	"slices"
	"sync"
	"syscall"

	"github.com/zoobreak/zoobreak/history/tap"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/simnet"
)

// Conn is a program's end of a simulated connection. It behaves as a TCP connection of
// package net does, with its errors. Reading and writing block on a condition variable,
// which a bubble counts as waiting.
type Conn struct {
	p      *Process
	id     uint64 // of the process
	remote net.Addr
	last   bool // dialed after the end of the run: see epilogue

	mu        sync.Mutex
	changed   sync.Cond
	connected bool
	buf       []byte
	err       error // why no more bytes will come; io.EOF, or an error number
	closed    bool  // by the program
	read      deadline
	write     deadline
	writing   bool // a Write is under way; others wait, as on a socket
	ahead     int  // bytes written that the network has not been given
	full      bool // the network has no room for more
	unread    bool // reading from the network is paused, because buf is full

	// The rest belongs to the driver.
	conn net.Conn // 0: not in the network
	tap  *tap.Tap // nil: what is said here is not the ZooKeeper protocol
}

func newConn(p *Process, to net.Addr) *Conn {
	c := &Conn{p: p, id: p.conns.Add(1), remote: to}
	c.changed.L = &c.mu
	return c
}

// Read implements net.Conn.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.await(b)
	if c.readsOn() {
		c.p.b.inbox.post(c.p, c.id, func() { c.p.spec.Host.Resume(c.conn) })
	}
	return n, err
}

// await waits for bytes, or for a reason why there are none.
func (c *Conn) await(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, c.failure("read", stdnet.ErrClosed)
		case c.read.passed():
			return 0, c.failure("read", os.ErrDeadlineExceeded)
		case len(c.buf) > 0 || len(b) == 0:
			n := copy(b, c.buf)
			c.buf = c.buf[n:]
			return n, nil
		case c.err == io.EOF:
			return 0, io.EOF
		case c.err != nil:
			return 0, c.failure("read", os.NewSyscallError("read", c.err))
		}
		c.changed.Wait()
	}
}

// Close implements net.Conn.
func (c *Conn) Close() error {
	if !c.shut() {
		return c.failure("close", stdnet.ErrClosed)
	}
	c.p.b.inbox.post(c.p, c.id, c.leave)
	return nil
}

// shut reports whether the connection was not closed before.
func (c *Conn) shut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.closed = true
	c.read.stop()
	c.write.stop()
	c.changed.Broadcast()
	return true
}

func (c *Conn) failure(op string, err error) error {
	return &stdnet.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// address is a host and port; unlike those of package net it need not be numeric.
type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() stdnet.Addr {
	return address(net.MakeAddr(c.p.spec.Host.Name(), net.Port(40000+c.id)))
}

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() stdnet.Addr { return address(c.remote) }

// fail says that nothing more will come.
func (c *Conn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
	c.changed.Broadcast()
}

// leave is for the driver: the program closed the connection.
func (c *Conn) leave() {
	if c.conn != 0 {
		c.p.spec.Host.Close(c.conn)
		c.forget()
	}
}

// forget ends what the driver knows of the connection.
func (c *Conn) forget() {
	if c.tap != nil {
		c.tap.Broken(c.p.b.k.Now())
	}
	c.conn = 0
	c.p.open = slices.DeleteFunc(c.p.open, func(x *Conn) bool { return x == c })
}

// netEvent is for the driver.
func (c *Conn) netEvent(ev net.Event) {
	switch ev.Kind {
	case net.Connected:
		c.establish()
	case net.Received:
		if c.tap != nil {
			c.tap.Got(c.p.b.k.Now(), ev.Data)
		}
		c.hand(ev.Data)
	case net.Writable:
		c.drained()
	case net.Closed:
		c.forget()
		c.fail(cause(ev.Err))
	}
}

func (c *Conn) establish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.connected = true
	c.changed.Broadcast()
}

// hand gives bytes to the program.
func (c *Conn) hand(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buf = append(c.buf, b...)
	c.changed.Broadcast()
	if len(c.buf) >= buffered && !c.unread {
		c.unread = true
		c.p.spec.Host.Pause(c.conn)
	}
}

// cause translates what the network says into what a program expects.
func cause(err error) error {
	switch err {
	case nil:
		return io.EOF
	case simnet.ErrRefused:
		return syscall.ECONNREFUSED
	case simnet.ErrTimedOut:
		return syscall.ETIMEDOUT
	}
	return syscall.ECONNRESET
}
