package simnet_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/simnet"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

const ms = clock.Instant(time.Millisecond)

// party is a process that notes what happens to it.
type party struct {
	k    *kernel.Kernel
	h    *simnet.Host
	seen []string
	got  string
	conn net.Conn // the latest accepted or dialed
	last clock.Instant
}

func (p *party) NetEvent(ev net.Event) {
	p.last = p.k.Now()
	switch ev.Kind {
	case net.Received:
		p.got += string(ev.Data)
	case net.Accepted:
		p.conn = ev.Conn
		p.seen = append(p.seen, "accepted")
	case net.Closed:
		p.seen = append(p.seen, fmt.Sprintf("closed %v", ev.Err))
	default:
		p.seen = append(p.seen, ev.Kind.String())
	}
}

type world struct {
	k              *kernel.Kernel
	net            *simnet.Net
	client, server *party
}

func build(seed uint64) *world {
	w := &world{k: kernel.New()}
	w.k.Shake(kernel.Noise{Key: rng.New(seed)})
	w.net = simnet.New(w.k, simnet.Latency{Min: time.Millisecond, Max: 5 * time.Millisecond})
	w.client, w.server = w.party("a"), w.party("b")
	w.server.h.Listen(1)
	return w
}

func (w *world) party(name string) *party {
	p := &party{k: w.k, h: w.net.AddHost(name)}
	p.h.Run(p)
	return p
}

func (w *world) pass(d clock.Instant) {
	if err := w.k.Run(w.k.Now() + d); err != nil {
		panic(err)
	}
}

// connect dials and waits.
func (w *world) connect() {
	w.client.conn = w.client.h.Dial("b:1")
	w.pass(20 * ms)
}

func (w *world) say(p *party, s string) { p.h.Send(p.conn, []byte(s)) }

// How connections begin and end, as both ends see it.
func TestLives(t *testing.T) {
	cases := map[string]struct {
		story          func(w *world)
		client, server []string
	}{
		"talk and close": {
			func(w *world) { w.connect(); w.say(w.client, "x"); w.client.h.Close(w.client.conn) },
			[]string{"connected"}, []string{"accepted", "closed <nil>"},
		},
		"closed by the server": {
			func(w *world) { w.connect(); w.server.h.Close(w.server.conn) },
			[]string{"connected", "closed <nil>"}, []string{"accepted"},
		},
		"nobody listens": {
			func(w *world) { w.client.h.Dial("b:2") },
			[]string{"closed connection refused"}, nil,
		},
		"no process": {
			func(w *world) { w.server.h.Kill(); w.client.h.Dial("b:1") },
			[]string{"closed connection refused"}, nil,
		},
		"no power": {
			func(w *world) { w.server.h.PowerOff(); w.client.h.Dial("b:1") },
			nil, nil,
		},
		"reset": {
			func(w *world) { w.connect(); w.net.Reset(w.client.h, w.server.h) },
			[]string{"connected", "closed connection reset by peer"}, []string{"accepted", "closed connection reset by peer"},
		},
		"the server is killed": {
			func(w *world) { w.connect(); w.server.h.Kill() },
			[]string{"connected", "closed <nil>"}, []string{"accepted"},
		},
		"the server loses power: silence": {
			func(w *world) { w.connect(); w.server.h.PowerOff(); w.say(w.client, "x") },
			[]string{"connected"}, []string{"accepted"},
		},
		"and comes back, and knows nothing": {
			func(w *world) {
				w.connect()
				w.server.h.PowerOff()
				w.server.h.Run(w.server)
				w.say(w.client, "x")
			},
			[]string{"connected", "closed connection reset by peer"}, []string{"accepted"},
		},
		"given up while dialing": {
			func(w *world) { w.client.h.Close(w.client.h.Dial("b:1")) },
			nil, nil,
		},
		"given up after the server accepted": {
			func(w *world) {
				w.client.conn = w.client.h.Dial("b:1")
				for len(w.server.seen) == 0 {
					w.pass(ms / 10)
				}
				w.client.h.Close(w.client.conn)
			},
			[]string{"connected"}, []string{"accepted", "closed <nil>"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := build(1)
			tc.story(w)
			w.pass(100 * ms)
			require.Equal(t, tc.client, w.client.seen)
			require.Equal(t, tc.server, w.server.seen)
		})
	}
}

// What is sent arrives in order, without loss or repetition, whatever is blocked and
// slowed in between, as long as nothing breaks the connection.
func TestBytesArriveInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := build(rapid.Uint64().Draw(t, "seed"))
		w.connect()
		var block, slow int
		sent := ""
		lift := func() {}
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0:
				lift()
				w.net.Block(w.client.h, w.server.h, &block)
				lift = func() { w.net.Unblock(w.client.h, w.server.h, &block) }
			case 1:
				lift()
				w.net.Slow(w.client.h, w.server.h, 7*time.Millisecond, &slow)
				lift = func() { w.net.Unslow(w.client.h, w.server.h, &slow) }
			case 2:
				lift()
				lift = func() {}
			default:
				s := fmt.Sprintf("%d,", i)
				sent += s
				w.say(w.client, s)
			}
			w.pass(clock.Instant(rapid.Int64Range(0, int64(8*ms)).Draw(t, "pause")))
		}
		lift()
		w.pass(1000 * ms)
		require.Equal(t, sent, w.server.got)
	})
}

// Whatever breaks, what has arrived is a prefix of what was sent.
func TestABrokenConnectionLosesASuffix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := build(rapid.Uint64().Draw(t, "seed"))
		w.connect()
		sent := ""
		for i := range 30 {
			s := fmt.Sprintf("%d,", i)
			sent += s
			w.say(w.client, s)
			w.pass(ms / 2)
			if i == rapid.IntRange(0, 29).Draw(t, "when") {
				w.net.Reset(w.client.h, w.server.h)
			}
		}
		w.pass(100 * ms)
		require.Equal(t, w.server.got, sent[:len(w.server.got)])
	})
}

func TestABlockHoldsAndCounts(t *testing.T) {
	w := build(1)
	w.connect()
	var mattered, other int
	w.net.Block(w.client.h, w.server.h, &mattered)
	w.net.Block(w.client.h, w.server.h, &other)
	w.say(w.client, "x")
	w.say(w.server, "y")
	w.pass(50 * ms)
	require.Equal(t, "", w.server.got)
	require.Equal(t, "y", w.client.got, "the other direction is open")
	w.net.Unblock(w.client.h, w.server.h, &mattered)
	w.pass(50 * ms)
	require.Equal(t, "", w.server.got, "the second fault still blocks")
	w.net.Unblock(w.client.h, w.server.h, &other)
	w.pass(50 * ms)
	require.Equal(t, "x", w.server.got)
	require.Equal(t, []int{1, 1}, []int{mattered, other})
}

func TestADialWaitsForABlockToLift(t *testing.T) {
	w := build(1)
	var mattered int
	w.net.Block(w.client.h, w.server.h, &mattered)
	w.client.h.Dial("b:1")
	w.pass(100 * ms)
	require.Empty(t, w.server.seen)
	w.net.Unblock(w.client.h, w.server.h, &mattered)
	w.pass(100 * ms)
	require.Equal(t, []string{"connected"}, w.client.seen)
	require.Equal(t, 1, mattered)
}

func TestLatencyIsWithinItsBounds(t *testing.T) {
	w := build(1)
	w.connect()
	spread := map[clock.Instant]bool{}
	for i := range 200 {
		sent := w.k.Now()
		w.say(w.client, fmt.Sprint(i))
		w.pass(10 * ms)
		took := w.server.last - sent
		require.GreaterOrEqual(t, took, ms)
		require.LessOrEqual(t, took, 5*ms)
		spread[took] = true
	}
	require.Greater(t, len(spread), 150)
}

func TestASlowLinkIsSlower(t *testing.T) {
	w := build(1)
	w.connect()
	var mattered int
	w.net.Slow(w.client.h, w.server.h, time.Second, &mattered)
	sent := w.k.Now()
	w.say(w.client, "x")
	w.pass(2000 * ms)
	require.GreaterOrEqual(t, w.server.last-sent, 1001*ms)
	require.Equal(t, 1, mattered)
}

// Randomness is keyed by what it is for: leaving out one message moves no other.
func TestLeavingOutAMessageMovesNoOther(t *testing.T) {
	arrival := func(also string) clock.Instant {
		w := build(1)
		w.connect()
		if also != "" {
			w.say(w.client, also)
		}
		w.pass(10 * ms)
		sent := w.k.Now()
		w.say(w.client, "the one")
		w.pass(10 * ms)
		return w.server.last - sent
	}
	same := 0
	for i := range 64 {
		if arrival(fmt.Sprint("another ", i)) == arrival("") {
			same++
		}
	}
	require.Greater(t, same, 55, "but for the one in 32 that is counted with it")
}

func TestProgrammersAreTold(t *testing.T) {
	w := build(1)
	var mattered int
	require.Panics(t, func() { w.client.h.Dial("nowhere:1") })
	require.Panics(t, func() { w.net.AddHost("a") })
	require.Panics(t, func() { w.net.Unblock(w.client.h, w.server.h, &mattered) })
	require.Panics(t, func() { w.net.Unslow(w.client.h, w.server.h, &mattered) })
}
