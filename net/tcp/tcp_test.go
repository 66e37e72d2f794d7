package tcp_test

import (
	"io"
	stdnet "net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/internal/inbox"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/tcp"
)

// What both twins do is told in net/nettest; here is what only sockets can do.

const bound = 20 * time.Second

// owner is a network with an inbox of its own, and what happened.
type owner struct {
	t      *testing.T
	box    *inbox.Inbox
	net    *tcp.Network
	events []net.Event
}

func start(t *testing.T, cfg tcp.Config) *owner {
	o := &owner{t: t, box: inbox.New()}
	n, err := tcp.New(cfg, o.box, func(ev net.Event) { o.events = append(o.events, ev) })
	require.NoError(t, err)
	o.net = n
	t.Cleanup(o.stop)
	return o
}

func (o *owner) stop() {
	o.box.Close()
	o.net.Stop()
}

// next handles events until one of the kind has come, and returns it.
func (o *owner) next(k net.Kind) net.Event {
	o.t.Helper()
	for {
		require.True(o.t, o.box.Step(bound), "never %v", k)
		if ev := o.events[len(o.events)-1]; ev.Kind == k {
			return ev
		}
	}
}

func (o *owner) received() (n int) {
	for _, ev := range o.events {
		n += len(ev.Data)
	}
	return n
}

var loopback = tcp.Config{Bind: map[net.Port]string{7: "127.0.0.1:0"}}

func dialed(t *testing.T, to *owner) *stdnet.TCPConn {
	sock, err := stdnet.Dial("tcp", to.net.Bound(7))
	require.NoError(t, err)
	t.Cleanup(func() { sock.Close() })
	return sock.(*stdnet.TCPConn)
}

// A peer that never reads: what is sent to it waits up to the bound, and then the
// connection is given up, in an event of its own.
func TestAPeerThatDoesNotReadIsGivenUp(t *testing.T) {
	cfg := loopback
	cfg.Unsent = 1 << 20
	o := start(t, cfg)
	o.net.Listen(7)
	sock := dialed(t, o)
	c := o.next(net.Accepted).Conn
	for range 200 { // more than any socket's buffers
		o.net.Send(c, make([]byte, 1<<20))
	}
	ev := o.next(net.Closed)
	require.Equal(t, c, ev.Conn)
	require.ErrorContains(t, ev.Err, "wait for a peer that does not read them")
	_, err := sock.Read(make([]byte, 1))
	for err == nil {
		_, err = sock.Read(make([]byte, 1<<20))
	}
	require.ErrorContains(t, err, "reset", "the peer is told that it has not got everything")
}

// One message may be longer than the bound.
func TestALongMessageIsTakenWhole(t *testing.T) {
	cfg := loopback
	cfg.Unsent = 10
	o := start(t, cfg)
	o.net.Listen(7)
	sock := dialed(t, o)
	o.net.Send(o.next(net.Accepted).Conn, make([]byte, 1<<20))
	read(t, sock, 1<<20)
}

// What the peer has taken does not wait any more.
func TestAPeerThatReadsIsNotGivenUp(t *testing.T) {
	cfg := loopback
	cfg.Unsent = 1 << 20
	o := start(t, cfg)
	o.net.Listen(7)
	sock := dialed(t, o)
	c := o.next(net.Accepted).Conn
	for range 20 {
		o.net.Send(c, make([]byte, 400_000))
		read(t, sock, 400_000)
	}
	for o.box.Step(10 * time.Millisecond) {
		require.NotEqual(t, net.Closed, o.events[len(o.events)-1].Kind)
	}
}

func read(t *testing.T, sock *stdnet.TCPConn, left int) {
	require.NoError(t, sock.SetReadDeadline(time.Now().Add(bound)))
	_, err := io.CopyN(io.Discard, sock, int64(left))
	require.NoError(t, err)
}

// An owner that is slow holds up who sends to it, and loses nothing.
func TestASlowOwnerLosesNothing(t *testing.T) {
	o := start(t, loopback)
	o.net.Listen(7)
	sock := dialed(t, o)
	o.next(net.Accepted)
	const all = 64 << 20
	written := 0
	for err := error(nil); err == nil; { // until the inbox and the sockets are full
		var n int
		require.NoError(t, sock.SetWriteDeadline(time.Now().Add(100*time.Millisecond)))
		n, err = sock.Write(make([]byte, min(1<<20, all-written)))
		written += n
	}
	require.Less(t, written, all, "the sender was held up")
	require.NoError(t, sock.CloseWrite())
	require.NoError(t, o.next(net.Closed).Err)
	require.Equal(t, written, o.received())
}

// Close gives up on a peer that neither reads nor ends.
func TestLingerIsBounded(t *testing.T) {
	cfg := loopback
	cfg.Linger = 50 * time.Millisecond
	o := start(t, cfg)
	o.net.Listen(7)
	sock := dialed(t, o)
	c := o.next(net.Accepted).Conn
	for range 20 {
		o.net.Send(c, make([]byte, 1<<20))
	}
	o.net.Close(c)
	_, err := sock.Write(make([]byte, 1))
	for err == nil {
		o.box.Step(10 * time.Millisecond) // its reader and its writer end
		require.NoError(t, sock.SetWriteDeadline(time.Now().Add(bound)))
		_, err = sock.Write(make([]byte, 1))
	}
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the peer finds the connection gone")
	require.Len(t, o.events, 1, "which is nobody's business")
}

func TestAResetIsAnError(t *testing.T) {
	o := start(t, loopback)
	o.net.Listen(7)
	sock := dialed(t, o)
	o.next(net.Accepted)
	require.NoError(t, sock.SetLinger(0))
	require.NoError(t, sock.Close())
	require.ErrorContains(t, o.next(net.Closed).Err, "reset")
}

// An address of the service need not be one of the real world.
func TestAddressesAreResolved(t *testing.T) {
	server := start(t, loopback)
	server.net.Listen(7)
	client := start(t, tcp.Config{Resolve: func(a net.Addr) string {
		require.Equal(t, net.Addr("10.0.0.1:7"), a)
		return server.net.Bound(7)
	}})
	c := client.net.Dial("10.0.0.1:7")
	require.Equal(t, c, client.next(net.Connected).Conn)
	require.Equal(t, net.Port(7), server.next(net.Accepted).Port)
	lost := start(t, tcp.Config{Resolve: func(net.Addr) string { return "" }})
	c = lost.net.Dial("10.0.0.9:7")
	ev := lost.next(net.Closed)
	require.Equal(t, c, ev.Conn)
	require.Error(t, ev.Err)
}

// What cannot be bound is known before the service starts, and nothing stays bound.
func TestAnAddressThatIsTaken(t *testing.T) {
	taken := start(t, loopback).net.Bound(7)
	free, err := stdnet.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	_, err = tcp.New(tcp.Config{Bind: map[net.Port]string{1: free.Addr().String(), 2: taken}}, inbox.New(), nil)
	require.ErrorContains(t, err, "tcp: port 2 of the service: listen tcp "+taken)
	again, err := stdnet.Listen("tcp", free.Addr().String())
	require.NoError(t, err)
	require.NoError(t, again.Close())
}

func TestAPortWithoutAnAddress(t *testing.T) {
	o := start(t, loopback)
	why := "tcp: port 8 is used, and Config.Bind has no real address for it"
	require.PanicsWithValue(t, why, func() { o.net.Listen(8) })
	require.PanicsWithValue(t, why, func() { o.net.Bound(8) })
	o.net.Listen(7)
	o.net.Listen(7)
}

// Stop returns when every goroutine has ended, whatever each was at: accepting, dialing,
// reading, writing, waiting for its owner. Peers then find nobody.
func TestStopEndsEverything(t *testing.T) {
	o := start(t, loopback)
	at := o.net.Bound(7)
	o.net.Listen(7)
	open := dialed(t, o)
	c := o.next(net.Accepted).Conn
	for range 20 {
		o.net.Send(c, make([]byte, 1<<20))
	}
	var late []*stdnet.TCPConn
	for range 5 {
		late = append(late, dialed(t, o)) // accepted by nobody yet
		o.net.Dial(net.Addr(at))
	}
	o.stop()
	for i, sock := range append(late, open) {
		require.NoError(t, sock.SetReadDeadline(time.Now().Add(bound)))
		_, err := io.Copy(io.Discard, sock)
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "connection %d lives on", i)
	}
	_, err := stdnet.Dial("tcp", at)
	require.ErrorContains(t, err, "refused")
	o.net.Send(c, []byte("lost"))
	o.net.Close(c)
	require.Len(t, o.events, 1)
}
