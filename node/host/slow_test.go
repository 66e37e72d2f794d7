package host

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/node/quorum"
	"github.com/zoobreak/zoobreak/wire"
)

func (m *machine) reading() (did []string) {
	return slices.DeleteFunc(slices.Clone(m.did), func(s string) bool { return s != "pause" && s != "resume" })
}

// A client that does not take its replies is not read until it does.
func TestASlowClientIsNotHeard(t *testing.T) {
	h, m := boot(t, alone)
	m.finish(h)
	m.full = map[net.Conn]bool{8: true}
	for _, c := range []net.Conn{7, 8} {
		m.greet(h, c)
		m.finish(h)
		require.Positive(t, m.sent[c])
	}
	require.Equal(t, []string{"pause"}, m.reading(), "client 8 alone")
	h.NetEvent(clock.Now{}, net.Event{Kind: net.Writable, Conn: 8})
	require.Equal(t, []string{"pause", "resume"}, m.reading())
	h.NetEvent(clock.Now{}, net.Event{Kind: net.Closed, Conn: 8})
	require.Len(t, h.clients, 1, "nothing is kept of who went")
}

// Another server is always read, however slow it is.
func TestASlowServerIsHeard(t *testing.T) {
	pair := alone
	pair.Ensemble = quorum.Simple(1, 2)
	h, m := boot(t, pair)
	m.finish(h)
	m.full = map[net.Conn]bool{101: true}
	h.NetEvent(clock.Now{}, net.Event{Kind: net.Connected, Conn: 101})
	require.Positive(t, m.sent[101])
	require.Empty(t, m.reading())
}

// A client that sends requests faster than the ensemble takes them is not read while a
// thousand of them wait.
func TestAHastyClientIsNotHeard(t *testing.T) {
	h, m := boot(t, alone)
	m.finish(h)
	m.greet(h, 7)
	m.finish(h)
	create := func(n int) {
		var e wire.Encoder
		for i := range n {
			mark := e.Begin()
			(&wire.Request{Xid: int32(i + 1), Op: wire.OpSync, Path: "/"}).Encode(&e)
			e.End(mark)
			mark = e.Begin()
			(&wire.Request{Xid: int32(i + 1), Op: wire.OpDelete, Path: "/none", Version: -1}).Encode(&e)
			e.End(mark)
		}
		h.NetEvent(clock.Now{}, net.Event{Kind: net.Received, Conn: 7, Data: e.Buf})
	}
	create(400)
	require.Positive(t, h.node.Waiting(7))
	require.Empty(t, m.reading())
	create(600)
	require.Equal(t, []string{"pause"}, m.reading())
	m.finish(h)
	require.Equal(t, []string{"pause", "resume"}, m.reading())
	require.Zero(t, h.node.Waiting(7))
}
