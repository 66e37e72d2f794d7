package tcp

import (
	"bytes"
	"context"
	"crypto/tls"
	stdnet "net"
	"time"

	"github.com/zoobreak/zoobreak/net"
)

// socket is a connection of the machine, with TLS on it or without.
type socket struct {
	stdnet.Conn
	raw *stdnet.TCPConn
}

func plain(raw *stdnet.TCPConn) *socket { return &socket{Conn: raw, raw: raw} }

// writeAll is one system call without TLS, and one record (or few) with it.
func (s *socket) writeAll(some [][]byte) (int64, error) {
	if s.Conn == s.raw {
		buffers := stdnet.Buffers(some)
		return buffers.WriteTo(s.raw)
	}
	n, err := s.Write(bytes.Join(some, nil))
	return int64(n), err
}

// CloseWrite sends the end of the stream.
func (s *socket) CloseWrite() error {
	if over, ok := s.Conn.(*tls.Conn); ok {
		over.CloseWrite() // says goodbye; the end of the stream is below
	}
	return s.raw.CloseWrite()
}

// shut ends the connection at once. TLS would wait to say goodbye.
func (s *socket) shut() { s.raw.Close() }

// patience is how long a handshake of TLS may take, and handshakes how many are under way
// on one port; those beyond wait to be accepted. Without the two bounds, who connects and
// says nothing would cost a goroutine each time.
const (
	patience   = 10 * time.Second
	handshakes = 128
)

// greeter returns what is done with an accepted connection; it returns false when no more
// is to be accepted.
func (n *Network) greeter(p net.Port) func(*stdnet.TCPConn) bool {
	secure := n.cfg.TLS[p]
	if secure == nil {
		return func(raw *stdnet.TCPConn) bool { return n.admit(p, plain(raw)) }
	}
	room := make(chan struct{}, handshakes)
	return func(raw *stdnet.TCPConn) bool {
		room <- struct{}{}
		n.working.Go(func() {
			defer func() { <-room }()
			if sock, err := shake(n.alive, raw, tls.Server(raw, secure)); err == nil {
				n.admit(p, sock)
			}
		})
		return true
	}
}

// shake finishes a handshake, or closes the connection.
func shake(ctx context.Context, raw *stdnet.TCPConn, over *tls.Conn) (*socket, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := over.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, err
	}
	return &socket{Conn: over, raw: raw}, nil
}

// secured returns how to speak TLS to an address of the service, or nil.
func (n *Network) secured(to net.Addr, target string) *tls.Config {
	if n.cfg.DialTLS == nil {
		return nil
	}
	secure := n.cfg.DialTLS(to)
	if secure != nil && secure.ServerName == "" {
		secure = secure.Clone()
		secure.ServerName, _, _ = stdnet.SplitHostPort(target)
	}
	return secure
}

// reach connects.
func reach(ctx context.Context, target string, secure *tls.Config) (*socket, error) {
	c, err := silentDialer.DialContext(ctx, "tcp", target)
	if err != nil {
		return nil, err
	}
	raw := c.(*stdnet.TCPConn)
	if secure == nil {
		return plain(raw), nil
	}
	return shake(ctx, raw, tls.Client(raw, secure))
}
