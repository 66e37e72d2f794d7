package tcp_test

import (
	"crypto/tls"
	stdnet "net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/internal/testcert"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/tcp"
)

// mutual is two ends that ask each other for certificates.
func mutual(t *testing.T) (server, client *tls.Config) {
	a, err := testcert.New()
	require.NoError(t, err)
	mine, err := a.Issue("server")
	require.NoError(t, err)
	yours, err := a.Issue("client")
	require.NoError(t, err)
	server = &tls.Config{Certificates: []tls.Certificate{mine}, ClientCAs: a.Pool(), ClientAuth: tls.RequireAndVerifyClientCert}
	return server, &tls.Config{Certificates: []tls.Certificate{yours}, RootCAs: a.Pool()}
}

func secure(t *testing.T, server *tls.Config) *owner {
	cfg := loopback
	cfg.TLS = map[net.Port]*tls.Config{7: server}
	o := start(t, cfg)
	o.net.Listen(7)
	return o
}

func dialer(t *testing.T, client *tls.Config) *owner {
	return start(t, tcp.Config{DialTLS: func(net.Addr) *tls.Config { return client }})
}

func TestTLSCarriesBytesBothWays(t *testing.T) {
	server, client := mutual(t)
	s, c := secure(t, server), dialer(t, client)
	out := c.net.Dial(net.Addr(s.net.Bound(7)))
	require.Equal(t, out, c.next(net.Connected).Conn)
	in := s.next(net.Accepted).Conn
	long := make([]byte, 1<<20)
	c.net.Send(out, long)
	for s.received() < len(long) {
		s.next(net.Received)
	}
	s.net.Send(in, []byte("last words"))
	s.net.Close(in)
	require.Equal(t, "last words", string(c.next(net.Received).Data))
	require.NoError(t, c.next(net.Closed).Err, "an orderly end")
}

// Who cannot show what is asked for is no connection, and the server is not told of it.
func TestTLSRefuses(t *testing.T) {
	server, client := mutual(t)
	_, stranger := mutual(t)
	s := secure(t, server)
	at := net.Addr(s.net.Bound(7))
	for name, config := range map[string]*tls.Config{
		"no certificate":     {RootCAs: client.RootCAs},
		"another authority":  {RootCAs: client.RootCAs, Certificates: stranger.Certificates},
		"no trust in server": {RootCAs: stranger.RootCAs, Certificates: client.Certificates},
		"another name":       {RootCAs: client.RootCAs, Certificates: client.Certificates, ServerName: "example.org"},
	} {
		t.Run(name, func(t *testing.T) {
			c := dialer(t, config)
			c.net.Dial(at)
			require.ErrorContains(t, c.next(net.Closed).Err, "tls: ")
		})
	}
	plain := dialed(t, s)
	_, err := plain.Write([]byte("ruok, without a handshake"))
	require.NoError(t, err)
	require.NoError(t, plain.SetReadDeadline(time.Now().Add(bound)))
	for err == nil {
		_, err = plain.Read(make([]byte, 100))
	}
	require.NotContains(t, err.Error(), "timeout")
	require.Empty(t, s.events)
}

// Who connects and says nothing holds up nobody, and Stop does not wait for it.
func TestASilentHandshake(t *testing.T) {
	server, client := mutual(t)
	s := secure(t, server)
	var silent []*stdnet.TCPConn
	for range 5 {
		silent = append(silent, dialed(t, s))
	}
	c := dialer(t, client)
	c.net.Dial(net.Addr(s.net.Bound(7)))
	s.next(net.Accepted)
	before := time.Now()
	s.stop()
	require.Less(t, time.Since(before), 5*time.Second, "half of what a handshake may take")
	require.NoError(t, silent[0].SetReadDeadline(time.Now().Add(bound)))
	_, err := silent[0].Read(make([]byte, 1))
	require.Error(t, err)
}
