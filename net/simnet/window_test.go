package simnet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/simnet"
)

// fill sends until there is no room, and returns how much that took.
func (w *world) fill() (sent int) {
	for w.client.h.Send(w.client.conn, make([]byte, 100)) {
		sent += 100
	}
	return sent + 100
}

// postponer handles nothing until it is told to.
type postponer struct {
	*party
	asleep bool
	later  []net.Event
}

func (p *postponer) NetEvent(ev net.Event) {
	if p.asleep {
		p.h.Postpone()
		p.later = append(p.later, ev)
		return
	}
	p.party.NetEvent(ev)
}

func (p *postponer) wake() {
	p.asleep = false
	for _, ev := range p.later {
		p.party.NetEvent(ev)
		p.h.Took(ev.Conn, len(ev.Data))
	}
}

// Whatever keeps bytes from being taken fills the window, and Writable comes when they are.
func TestWhatFillsAWindow(t *testing.T) {
	var mattered int
	for name, c := range map[string]struct{ stop, goOn func(w *world, p *postponer) }{
		"a blocked link": {
			func(w *world, _ *postponer) { w.net.Block(w.client.h, w.server.h, &mattered) },
			func(w *world, _ *postponer) { w.net.Unblock(w.client.h, w.server.h, &mattered) },
		},
		"the way back is": {
			func(w *world, _ *postponer) { w.net.Block(w.server.h, w.client.h, &mattered) },
			func(w *world, _ *postponer) { w.net.Unblock(w.server.h, w.client.h, &mattered) },
		},
		"a process that does not run": {
			func(_ *world, p *postponer) { p.asleep = true },
			func(_ *world, p *postponer) { p.wake() },
		},
		"an owner that does not read": {
			func(w *world, _ *postponer) { w.server.h.Pause(w.server.conn) },
			func(w *world, _ *postponer) { w.server.h.Resume(w.server.conn) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := build(1)
			w.net.Tune(simnet.TCP{Window: 1000})
			p := &postponer{party: w.server}
			w.server.h.Run(p)
			w.connect()
			c.stop(w, p)
			require.Equal(t, 1000, w.fill())
			w.pass(1000 * ms)
			require.Equal(t, []string{"connected"}, w.client.seen)
			require.False(t, w.client.h.Send(w.client.conn, []byte("more")), "it is taken, and still there is no room")
			c.goOn(w, p)
			w.pass(100 * ms)
			require.Equal(t, []string{"connected", "writable"}, w.client.seen, "once")
			require.Len(t, w.server.got, 1004)
			require.True(t, w.client.h.Send(w.client.conn, []byte("x")))
		})
	}
}

func TestAnOwnerThatGoesOnLosesTheConnection(t *testing.T) {
	w := build(1)
	w.net.Tune(simnet.TCP{Window: 1000, Unsent: 5000})
	w.connect()
	w.server.h.Pause(w.server.conn)
	for range 100 {
		w.say(w.client, "a hundred bytes or so, of which the peer reads none, and so they gather in its machine and in ours ")
	}
	require.Equal(t, []string{"connected"}, w.client.seen, "not from inside the call")
	w.pass(100 * ms)
	require.Equal(t, []string{"connected", "closed the peer does not read what it is sent"}, w.client.seen)
	require.Equal(t, []string{"accepted", "closed connection reset by peer"}, w.server.seen)
}

// A paused connection keeps everything, the orderly end too, and tells of a broken one.
func TestAPausedConnection(t *testing.T) {
	w := build(1)
	w.connect()
	w.server.h.Pause(w.server.conn)
	w.say(w.client, "one ")
	w.say(w.client, "two")
	w.client.h.Close(w.client.conn)
	w.pass(100 * ms)
	require.Equal(t, []string{"accepted"}, w.server.seen)
	require.Empty(t, w.server.got)
	w.server.h.Resume(w.server.conn)
	require.Empty(t, w.server.got, "not from inside the call")
	w.pass(100 * ms)
	require.Equal(t, "one two", w.server.got)
	require.Equal(t, []string{"accepted", "closed <nil>"}, w.server.seen)

	w.connect()
	w.server.h.Pause(w.server.conn)
	w.say(w.client, " three")
	w.pass(50 * ms)
	w.net.Reset(w.client.h, w.server.h)
	w.pass(50 * ms)
	require.Equal(t, "closed connection reset by peer", w.server.seen[3])
	require.Equal(t, "one two", w.server.got)
}

// Nothing grows with the number of connections that there were.
func TestDeadConnectionsAreForgotten(t *testing.T) {
	w := build(1)
	w.net.Tune(simnet.TCP{Retransmission: time.Second, Connect: time.Second})
	var mattered int
	seen := map[net.Conn]bool{}
	for i := range 2000 {
		c := w.client.h.Dial("b:1")
		require.False(t, seen[c], "a name is used once")
		seen[c] = true
		switch i % 8 {
		case 1:
			w.net.HalfOpen(w.client.h, w.server.h)
		case 2:
			w.net.Reset(w.client.h, w.server.h)
		case 3:
			w.net.Block(w.client.h, w.server.h, &mattered)
		case 5:
			w.net.Unblock(w.client.h, w.server.h, &mattered)
		case 6:
			w.server.h.Kill()
		case 7:
			w.server.h.PowerOff()
		}
		w.client.h.Send(c, []byte("x"))
		w.pass(3 * ms)
		w.client.h.Send(c, []byte("y"))
		w.server.h.Close(w.server.conn)
		w.client.h.Close(c)
		if i%8 > 5 {
			w.server.h.Run(w.server)
			w.server.h.Listen(1)
		}
		w.pass(10 * ms)
	}
	w.pass(5000 * ms)
	inUse, slots := w.net.Connections()
	require.Zero(t, w.client.h.Connections())
	require.LessOrEqual(t, inUse, w.server.h.Connections(), "ends that their server has not closed")
	require.Less(t, slots, 1000)
}
