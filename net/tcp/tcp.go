package tcp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	stdnet "net"
	"slices"
	"sync"
	"time"

	"github.com/zoobreak/zoobreak/internal/inbox"
	"github.com/zoobreak/zoobreak/net"
)

// Config says where the addresses of the service are in the real world.
type Config struct {
	// Bind gives each port that may be listened on a real address, such as
	// "127.0.0.1:2181"; real port 0 picks a free one, which Bound tells.
	Bind map[net.Port]string
	// TLS makes what is accepted on a port speak TLS. Who does not finish the handshake in
	// time, or shows no certificate where one is required, never becomes a connection.
	TLS map[net.Port]*tls.Config
	// DialTLS makes what is dialed speak TLS; it is asked with the address of the service,
	// and may say nil. Without a server name it is the host that is dialed.
	DialTLS func(net.Addr) *tls.Config
	// Resolve gives the real address to dial. Without it an address means itself.
	Resolve func(net.Addr) string
	// Window is how many bytes may wait for a connection, beyond what the machine has
	// taken, before Send says that there is no room.
	Window int64
	// Unsent is how many may wait if the owner goes on all the same, before the peer is
	// given up as one that does not read. What is sent when less than that waits is taken
	// whole.
	Unsent int64
	// Linger is how long the last bytes of a closed connection may take.
	Linger time.Duration
}

// What Config leaves out.
const (
	defaultWindow = 256 << 10
	defaultUnsent = 64 << 20
	defaultLinger = 30 * time.Second
)

// Network is one owner's network. It implements net.Network; all methods are for the
// owner's thread.
type Network struct {
	cfg       Config
	box       *inbox.Inbox
	owner     func(net.Event)
	listeners map[net.Port]*stdnet.TCPListener
	listening map[net.Port]bool
	conns     map[net.Conn]*conn
	last      net.Conn
	working   sync.WaitGroup
	alive     context.Context // ends with Stop: handshakes wait for nothing longer
	stop      context.CancelFunc
}

// New binds the ports, so that an address which is taken is known before the service
// starts; what is dialed there waits until the service listens. Owner is called, from the
// inbox, with events.
func New(cfg Config, box *inbox.Inbox, owner func(net.Event)) (*Network, error) {
	if cfg.Window == 0 {
		cfg.Window = defaultWindow
	}
	if cfg.Unsent == 0 {
		cfg.Unsent = defaultUnsent
	}
	if cfg.Linger == 0 {
		cfg.Linger = defaultLinger
	}
	n := &Network{
		cfg: cfg, box: box, owner: owner,
		listeners: map[net.Port]*stdnet.TCPListener{}, listening: map[net.Port]bool{}, conns: map[net.Conn]*conn{},
	}
	n.alive, n.stop = context.WithCancel(context.Background())
	for _, p := range slices.Sorted(maps.Keys(cfg.Bind)) {
		if err := n.bind(p, cfg.Bind[p]); err != nil {
			n.stop()
			n.closeListeners()
			return nil, err
		}
	}
	return n, nil
}

// Connections are not probed while nothing is sent on them: that a peer has gone in silence
// is for the service's own timeouts to find out, and they would not be tried if the machine
// found out first.
var (
	silent       = stdnet.ListenConfig{KeepAlive: -1}
	silentDialer = stdnet.Dialer{KeepAlive: -1}
)

func (n *Network) bind(p net.Port, addr string) error {
	l, err := silent.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return fmt.Errorf("tcp: port %d of the service: %w", p, err)
	}
	n.listeners[p] = l.(*stdnet.TCPListener)
	return nil
}

// Bound returns the real address of a port.
func (n *Network) Bound(p net.Port) string { return n.listener(p).Addr().String() }

func (n *Network) listener(p net.Port) *stdnet.TCPListener {
	l := n.listeners[p]
	if l == nil {
		panic(fmt.Sprintf("tcp: port %d is used, and Config.Bind has no real address for it", p))
	}
	return l
}

// Listen implements net.Network.
func (n *Network) Listen(p net.Port) {
	l := n.listener(p)
	if !n.listening[p] {
		n.listening[p] = true
		n.working.Go(func() { n.accept(p, l) })
	}
}

// acceptPause is how long a machine that has run out of something, such as descriptors,
// is left alone.
const acceptPause = 50 * time.Millisecond

func (n *Network) accept(p net.Port, l *stdnet.TCPListener) {
	greet := n.greeter(p)
	for {
		raw, err := l.AcceptTCP()
		switch {
		case errors.Is(err, stdnet.ErrClosed):
			return
		case err != nil:
			time.Sleep(acceptPause)
		case !greet(raw):
			return
		}
	}
}

// admit hands a connection to the owner. It returns false if there is none any more.
func (n *Network) admit(p net.Port, sock *socket) bool {
	ok := n.box.Call(func() { n.accepted(p, sock) })
	if !ok {
		sock.shut()
	}
	return ok
}

func (n *Network) accepted(p net.Port, sock *socket) {
	c := n.add()
	n.begin(c, sock)
	n.owner(net.Event{Kind: net.Accepted, Conn: c.id, Port: p, Peer: net.Addr(sock.raw.RemoteAddr().String())})
}

func (n *Network) add() *conn {
	n.last++
	c := newConn(n.last)
	n.conns[c.id] = c
	return c
}

// begin starts the two goroutines of a connection. What they post comes after the event
// that is being handled, which tells the owner that there is a connection.
func (n *Network) begin(c *conn, sock *socket) {
	c.sock = sock
	n.working.Go(func() { n.read(c, sock) })
	n.working.Go(func() { n.write(c, sock) })
}

// Dial implements net.Network.
func (n *Network) Dial(to net.Addr) net.Conn {
	target := string(to)
	if n.cfg.Resolve != nil {
		target = n.cfg.Resolve(to)
	}
	c := n.add()
	ctx, cancel := context.WithCancel(context.Background())
	c.giveUp = cancel
	secure := n.secured(to, target)
	n.working.Go(func() { n.dial(ctx, c, target, secure) })
	return c.id
}

func (n *Network) dial(ctx context.Context, c *conn, target string, secure *tls.Config) {
	sock, err := reach(ctx, target, secure)
	if err != nil {
		n.box.Post(func() { n.end(c, err) })
		return
	}
	if !n.box.Call(func() { n.connected(c, sock) }) {
		sock.shut()
	}
}

func (n *Network) connected(c *conn, sock *socket) {
	c.giveUp() // releases the context
	if c.closed {
		sock.shut()
		delete(n.conns, c.id)
		return
	}
	n.begin(c, sock)
	n.owner(net.Event{Kind: net.Connected, Conn: c.id})
}

// Send implements net.Network. A peer that reads too slowly for what it is sent all the same
// loses the connection: the owner can neither wait nor keep everything.
func (n *Network) Send(id net.Conn, b []byte) bool {
	c := n.open(id)
	if c == nil || len(b) == 0 {
		return true
	}
	if waiting := c.unsent.Load(); waiting > n.cfg.Unsent {
		c.abort(fmt.Errorf("tcp: %d bytes wait for a peer that does not read them", waiting))
		return false
	}
	c.unsent.Add(int64(len(b)))
	c.out.Put(b)
	return n.room(c)
}

// room reports whether more may be sent. If not, the writer will say when: it may have made
// room before it knew that somebody waits, and then somebody need not.
func (n *Network) room(c *conn) bool {
	if !c.waits {
		c.waits = c.unsent.Load() >= n.cfg.Window && !n.drained(c)
	}
	return !c.waits
}

// drained reports whether there is room again; if not, the writer will post writable.
func (n *Network) drained(c *conn) bool {
	c.full.Store(true)
	return c.unsent.Load() <= n.enough() && c.full.CompareAndSwap(true, false)
}

// open returns a connection that the owner can use.
func (n *Network) open(id net.Conn) *conn {
	if c := n.conns[id]; c != nil && !c.closed && c.sock != nil {
		return c
	}
	return nil
}

// Pause implements net.Network. There is no pause once the connection is known to be
// broken: what the peer sent before is not waited for any longer than lastWords.
func (n *Network) Pause(id net.Conn) {
	if c := n.open(id); c != nil && c.cause == nil {
		c.paused = true
	}
}

// Resume implements net.Network.
func (n *Network) Resume(id net.Conn) {
	if c := n.open(id); c != nil {
		c.offerAgain()
	}
}

// Close implements net.Network.
func (n *Network) Close(id net.Conn) {
	c := n.conns[id]
	if c == nil || c.closed {
		return
	}
	c.closed = true
	if c.sock == nil {
		c.giveUp()
	} else {
		c.finish(n.cfg.Linger)
	}
}

// end handles that a dial has failed, or that nothing more can be read.
func (n *Network) end(c *conn, err error) {
	delete(n.conns, c.id)
	c.shut()
	if !c.closed {
		c.closed = true
		n.owner(net.Event{Kind: net.Closed, Conn: c.id, Err: c.reason(err)})
	}
}

// Stop ends everything at once, as the end of the process would, and waits until all
// goroutines have ended. The inbox must be closed before.
func (n *Network) Stop() {
	n.stop()
	n.closeListeners()
	for _, c := range n.conns {
		c.closed = true
		c.shut()
	}
	n.working.Wait()
}

func (n *Network) closeListeners() {
	for _, l := range n.listeners {
		l.Close()
	}
}
