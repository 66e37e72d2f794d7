package guest

import (
	"io"
	stdnet "net"
	"os"
	"time"

	"github.com/zoobreak/zoobreak/history/tap"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/wire"
)

// clientPort is where servers speak the ZooKeeper protocol.
const clientPort = 2181

// Dial connects to a server. Its type is that of a dialer of go-zookeeper/zk. A timeout
// of 0 is none.
func (p *Process) Dial(network, to string, timeout time.Duration) (stdnet.Conn, error) {
	c := newConn(p, net.Addr(to))
	if err := c.connect(timeout); err != nil {
		return nil, &stdnet.OpError{Op: "dial", Net: network, Addr: c.RemoteAddr(), Err: err}
	}
	return c, nil
}

func (c *Conn) connect(timeout time.Duration) error {
	if c.p.b.over.Load() {
		time.Sleep(epilogueLatency)
		c.last = true
		return nil
	}
	host, port, err := c.remote.Split()
	if err != nil || !c.p.knows(host) {
		return &stdnet.DNSError{Err: "no such host in this world", Name: string(c.remote), IsNotFound: true}
	}
	if timeout > 0 {
		c.SetReadDeadline(time.Now().Add(timeout))
	}
	c.p.b.inbox.post(c.p, c.id, func() { c.dial(port) })
	if err := c.awaitConnected(); err != nil {
		c.Close()
		return err
	}
	c.SetReadDeadline(time.Time{})
	return nil
}

// knows reports whether the world has the host: the network takes an unknown one for a
// mistake of the simulator.
func (p *Process) knows(host string) bool {
	for _, a := range append(p.Servers(), string(p.spec.Resource)) {
		if h, _, err := net.Addr(a).Split(); err == nil && h == host {
			return true
		}
	}
	return false
}

func (c *Conn) awaitConnected() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.connected {
		switch {
		case c.err == io.EOF:
			return io.ErrUnexpectedEOF
		case c.err != nil:
			return os.NewSyscallError("connect", c.err)
		case c.read.passed():
			return os.ErrDeadlineExceeded
		}
		c.changed.Wait()
	}
	return nil
}

// dial is for the driver.
func (c *Conn) dial(port net.Port) {
	if c.p.b.over.Load() {
		c.fail(io.EOF)
		return
	}
	if port == clientPort {
		c.tap = tap.New(c.p.spec.Log, c.p.spec.Index)
	}
	c.conn = c.p.spec.Host.Dial(c.remote)
	c.p.open = append(c.p.open, c)
}

// epilogueLatency keeps a library that redials at once from doing so for ever at one
// instant.
const epilogueLatency = 10 * time.Millisecond

// epilogue answers whatever the client says first with "your session has expired" and
// closes: the one answer upon which a ZooKeeper client gives up all watches and requests.
func (c *Conn) epilogue() {
	var e wire.Encoder
	mark := e.Begin()
	(&wire.ConnectResponse{Password: make([]byte, 16)}).Encode(&e)
	e.End(mark)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buf = append(c.buf, e.Buf...)
	c.err = io.EOF
	c.changed.Broadcast()
}
