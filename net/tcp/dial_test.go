package tcp

import (
	stdnet "net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/internal/inbox"
	"github.com/zoobreak/zoobreak/net"
)

// A dial may succeed in the moment in which its owner gives it up. Then the connection is
// ended, and the owner hears nothing.
func TestADialThatSucceedsAfterItWasGivenUp(t *testing.T) {
	l, err := stdnet.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	sock, err := stdnet.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	peer, err := l.Accept()
	require.NoError(t, err)
	defer peer.Close()

	n, err := New(Config{}, inbox.New(), func(ev net.Event) { t.Errorf("%v", ev.Kind) })
	require.NoError(t, err)
	c := n.add()
	c.giveUp = func() {}
	n.Close(c.id)
	n.connected(c, plain(sock.(*stdnet.TCPConn)))
	require.NoError(t, peer.SetReadDeadline(time.Now().Add(20*time.Second)))
	_, err = peer.Read(make([]byte, 1))
	require.EqualError(t, err, "EOF")
	require.Empty(t, n.conns)
}
