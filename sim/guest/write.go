package guest

import (
	"io"
	stdnet "net"
	"os"
	"slices"
	"syscall"
	"time"
)

// buffered is how many bytes wait between a program and the network, each way, before one
// side waits for the other.
const buffered = 64 << 10

// Write implements net.Conn. It blocks while there is no room; if that ends in an error it
// says how much of b went before.
func (c *Conn) Write(b []byte) (n int, err error) {
	if err := c.beginWrite(); err != nil {
		return 0, err
	}
	defer c.endWrite()
	for {
		k, err := c.room(len(b) - n)
		if err != nil {
			return n, err
		}
		c.pass(b[n : n+k])
		if n += k; n == len(b) {
			return n, nil
		}
	}
}

// beginWrite waits until no other Write is under way, so that each is in one piece.
func (c *Conn) beginWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.writing {
		if err := c.refusal(); err != nil {
			return err
		}
		c.awaitChange()
	}
	c.writing = true
	return nil
}

func (c *Conn) endWrite() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = false
	c.changed.Broadcast()
}

// room waits until some of size bytes can be written, and returns how many.
func (c *Conn) room(size int) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if err := c.refusal(); err != nil {
			return 0, err
		}
		if !c.full && c.ahead < buffered {
			size = min(size, buffered)
			c.ahead += size
			return size, nil
		}
		c.awaitChange()
	}
}

// awaitChange waits for a change, or for the deadline of writing.
func (c *Conn) awaitChange() {
	c.write.set(c.write.at, c.writeFired)
	c.changed.Wait()
}

// refusal is why nothing can be written.
func (c *Conn) refusal() error {
	switch {
	case c.closed:
		return c.failure("write", stdnet.ErrClosed)
	case c.write.passed():
		return c.failure("write", os.ErrDeadlineExceeded)
	case c.err == io.EOF:
		return c.failure("write", os.NewSyscallError("write", syscall.EPIPE))
	case c.err != nil:
		return c.failure("write", os.NewSyscallError("write", c.err))
	}
	return nil
}

// pass gives bytes to the driver.
func (c *Conn) pass(b []byte) {
	if c.last {
		c.epilogue()
		c.sent(len(b), true)
		return
	}
	sent := slices.Clone(b)
	c.p.b.inbox.post(c.p, c.id, func() { c.sent(len(sent), c.send(sent)) })
}

// send is for the driver. It reports whether there is room for more.
func (c *Conn) send(b []byte) bool {
	if c.conn == 0 {
		return true // it broke, or everything is over: the next Write fails
	}
	if c.tap != nil {
		c.tap.Sent(c.p.b.k.Now(), b)
	}
	return c.p.spec.Host.Send(c.conn, b)
}

// sent is for the driver.
func (c *Conn) sent(size int, room bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead -= size
	c.full = !room
	c.changed.Broadcast()
}

// drained is for the driver: the network has room again.
func (c *Conn) drained() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.full = false
	c.changed.Broadcast()
}

// readsOn reports whether the program has read half of what it had, so that the network
// is to go on.
func (c *Conn) readsOn() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.unread || len(c.buf) > buffered/2 {
		return false
	}
	c.unread = false
	return true
}

// SetWriteDeadline implements net.Conn. Its timer runs only while a Write waits.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.write.at = t
	c.changed.Broadcast() // who waits sets the timer anew
	return nil
}

// writeFired is the timer's: the deadline has passed, or was moved since.
func (c *Conn) writeFired() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.write.armed = time.Time{}
	c.changed.Broadcast()
}
