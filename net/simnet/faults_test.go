package simnet_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/net/simnet"
)

// Each fault, what it does, and that nothing is left of it when it is lifted.

func TestAThrottledLinkTakesItsTime(t *testing.T) {
	var mattered, other int
	took := func(w *world) time.Duration {
		w.connect()
		sent := w.k.Now()
		for range 10 {
			w.say(w.client, strings.Repeat("x", 100))
		}
		w.pass(2000 * ms)
		require.Len(t, w.server.got, 1000)
		return w.server.last.Sub(sent)
	}
	require.Less(t, took(build(1)), 6*time.Millisecond, "nothing throttles the link")

	w := build(1)
	w.net.Throttle(w.client.h, w.server.h, 1000, &mattered)
	w.net.Throttle(w.client.h, w.server.h, 5000, &other)
	require.Greater(t, took(w), time.Second, "a thousand bytes at a thousand a second")
	require.Equal(t, []int{10, 10}, []int{mattered, other})
	w.net.Unthrottle(w.client.h, w.server.h, &mattered)
	w.net.Unthrottle(w.client.h, w.server.h, &other)
	w.server.got = ""
	require.Less(t, took(w), 6*time.Millisecond)
	require.Equal(t, 10, mattered)
}

// What waits for its turn need not wait any more when the throttle is lifted, and what is
// under way is not disturbed.
func TestALiftedThrottleLetsEverythingGo(t *testing.T) {
	w := build(1)
	w.connect()
	var mattered int
	w.net.Throttle(w.client.h, w.server.h, 1000, &mattered)
	for i := range 50 {
		w.say(w.client, fmt.Sprintf("%099d,", i))
	}
	w.pass(1000 * ms)
	require.InDelta(t, 10, strings.Count(w.server.got, ","), 1)
	w.net.Unthrottle(w.client.h, w.server.h, &mattered)
	w.pass(10 * ms)
	require.Equal(t, 50, strings.Count(w.server.got, ","))
	require.True(t, strings.HasSuffix(w.server.got, "49,"))
}

func TestARefusingHost(t *testing.T) {
	w := build(1)
	w.connect()
	var mattered int
	w.net.Refuse(w.server.h, &mattered)
	old := w.client.conn
	w.connect()
	require.Equal(t, []string{"connected", "closed connection refused"}, w.client.seen)
	require.Equal(t, 1, mattered)
	w.client.h.Send(old, []byte("x"))
	w.pass(20 * ms)
	require.Equal(t, "x", w.server.got, "the connections that there are live on")
	w.net.Unrefuse(w.server.h, &mattered)
	w.connect()
	require.Equal(t, "connected", w.client.seen[2])
	require.Equal(t, 1, mattered)
	require.Panics(t, func() { w.net.Unrefuse(w.server.h, &mattered) })
}

// A connection that ceases in silence: the sender finds out by its own limit; who sends
// nothing never does, whether the other machine lives or was restarted.
func TestAHalfOpenConnection(t *testing.T) {
	w := build(1)
	w.net.Tune(simnet.TCP{Retransmission: time.Second})
	w.connect()
	w.say(w.server, "lost on its way")
	require.Equal(t, 1, w.net.HalfOpen(w.client.h, w.server.h))
	require.Zero(t, w.net.HalfOpen(w.client.h, w.server.h), "it is so already")
	w.pass(500 * ms)
	require.Equal(t, []string{"accepted"}, w.server.seen)
	w.pass(1000 * ms)
	require.Equal(t, []string{"accepted", "closed connection timed out"}, w.server.seen)
	require.Empty(t, w.client.got)
	require.Equal(t, []string{"connected"}, w.client.seen, "it sends nothing")
	w.server.h.Kill()
	w.server.h.Run(w.server)
	w.say(w.client, "x")
	w.pass(500 * ms)
	require.Equal(t, []string{"connected"}, w.client.seen, "and the path eats the reset")
	w.pass(1000 * ms)
	require.Equal(t, []string{"connected", "closed connection timed out"}, w.client.seen)
	w.server.h.Listen(1)
	w.connect()
	require.Equal(t, "connected", w.client.seen[2], "a new connection is whole")
}

// What a block holds up for too long breaks the connection for its sender; the other end
// learns of it when it sends something itself.
func TestASenderGivesUp(t *testing.T) {
	for name, way := range map[string]func(w *world) (from, to *simnet.Host){
		"what it sends is held up": func(w *world) (from, to *simnet.Host) { return w.client.h, w.server.h },
		"the answers are":          func(w *world) (from, to *simnet.Host) { return w.server.h, w.client.h },
	} {
		t.Run(name, func(t *testing.T) {
			w := build(1)
			w.net.Tune(simnet.TCP{Retransmission: time.Second})
			w.connect()
			var mattered int
			from, to := way(w)
			w.net.Block(from, to, &mattered)
			w.say(w.client, "x")
			w.pass(900 * ms)
			require.Equal(t, []string{"connected"}, w.client.seen)
			w.pass(200 * ms)
			require.Equal(t, []string{"connected", "closed connection timed out"}, w.client.seen)
			w.net.Unblock(from, to, &mattered)
			got := w.server.got
			w.pass(100 * ms)
			require.Equal(t, []string{"accepted"}, w.server.seen)
			require.Equal(t, got, w.server.got, "nothing is sent again")
			w.say(w.server, "y")
			w.pass(100 * ms)
			require.Equal(t, []string{"accepted", "closed connection reset by peer"}, w.server.seen)
		})
	}
}

func TestASenderThatIsAnsweredInTimeDoesNotGiveUp(t *testing.T) {
	w := build(1)
	w.net.Tune(simnet.TCP{Retransmission: time.Second})
	w.connect()
	var mattered int
	for range 4 {
		for _, way := range [][2]*simnet.Host{{w.client.h, w.server.h}, {w.server.h, w.client.h}} {
			w.net.Block(way[0], way[1], &mattered)
			w.say(w.client, "x")
			w.pass(900 * ms)
			w.net.Unblock(way[0], way[1], &mattered)
			w.pass(50 * ms)
		}
	}
	w.pass(5000 * ms)
	require.Equal(t, []string{"connected"}, w.client.seen)
	require.Equal(t, "xxxxxxxx", w.server.got)
}

func TestADialGivesUp(t *testing.T) {
	for name, meddle := range map[string]func(w *world){
		"blocked":           func(w *world) { w.net.Block(w.client.h, w.server.h, new(int)) },
		"the answer is":     func(w *world) { w.net.Block(w.server.h, w.client.h, new(int)) },
		"there is no power": func(w *world) { w.server.h.PowerOff() },
	} {
		t.Run(name, func(t *testing.T) {
			w := build(1)
			w.net.Tune(simnet.TCP{Connect: time.Second})
			meddle(w)
			w.connect()
			w.pass(900 * ms)
			require.Empty(t, w.client.seen)
			w.pass(200 * ms)
			require.Equal(t, []string{"closed connection timed out"}, w.client.seen)
			require.Empty(t, w.server.seen)
			w.pass(2000 * ms)
			require.Zero(t, w.server.h.Connections())
		})
	}
}

// By default the limits are Linux's.
func TestTheLimitsOfLinux(t *testing.T) {
	w := build(1)
	w.connect()
	var mattered int
	w.net.Block(w.client.h, w.server.h, &mattered)
	w.say(w.client, "x")
	w.client.h.Dial("b:1")
	w.pass(126_000 * ms)
	require.Equal(t, []string{"connected"}, w.client.seen)
	w.pass(2000 * ms)
	require.Equal(t, []string{"connected", "closed connection timed out"}, w.client.seen)
	w.pass(795_000 * ms)
	require.Len(t, w.client.seen, 2)
	w.pass(3000 * ms)
	require.Len(t, w.client.seen, 3)
}

// A reset lets a beginning of what is on its way arrive: over many seeds none of it, some,
// and all, and a frame cut in two only where writes are mixed.
func TestAResetLosesASuffix(t *testing.T) {
	for _, mixed := range []uint64{0, 100} {
		frames, cut := map[int]bool{}, false
		for seed := uint64(1); seed <= 60; seed++ {
			w := build(seed)
			w.connect()
			for range 3 {
				w.say(w.client, "frame,")
			}
			w.net.Mix(mixed)
			require.Equal(t, 1, w.net.Reset(w.client.h, w.server.h))
			w.pass(50 * ms)
			require.True(t, strings.HasPrefix("frame,frame,frame,", w.server.got))
			frames[strings.Count(w.server.got, ",")] = true
			cut = cut || !strings.HasSuffix(w.server.got, ",") && w.server.got != ""
			require.Equal(t, []string{"accepted", "closed connection reset by peer"}, w.server.seen)
			require.Equal(t, []string{"connected", "closed connection reset by peer"}, w.client.seen)
		}
		require.Len(t, frames, 4, "none to three")
		require.Equal(t, mixed > 0, cut)
	}
}

// The peer of a killed process sees an orderly end, unless something of its own was unread.
func TestHowAKilledProcessLooks(t *testing.T) {
	ends := func(before func(w *world)) map[string]int {
		seen := map[string]int{}
		for seed := uint64(1); seed <= 60; seed++ {
			w := build(seed)
			w.connect()
			before(w)
			w.server.h.Kill()
			w.pass(50 * ms)
			seen[w.client.seen[1]]++
		}
		return seen
	}
	orderly, reset := "closed <nil>", "closed connection reset by peer"
	require.Equal(t, map[string]int{orderly: 60}, ends(func(*world) {}), "idle")
	require.Equal(t, map[string]int{reset: 60}, ends(func(w *world) {
		w.server.h.Pause(w.server.conn)
		w.say(w.client, "x")
		w.pass(20 * ms)
	}), "unread")
	drawn := ends(func(w *world) { w.say(w.client, "x") })
	require.Greater(t, drawn[orderly], 15)
	require.Greater(t, drawn[reset], 15)
}

// A machine that comes back resets who still sends to it, without being sent more.
func TestARebootedMachineAnswersWhatIsSentAgain(t *testing.T) {
	w := build(1)
	w.connect()
	w.server.h.PowerOff()
	w.say(w.client, "x")
	w.pass(1000 * ms)
	require.Equal(t, []string{"connected"}, w.client.seen)
	w.server.h.Run(w.server)
	w.pass(100 * ms)
	require.Equal(t, []string{"connected", "closed connection reset by peer"}, w.client.seen)
}

// What a machine had not got through when it lost power nobody sends again.
func TestWhatAMachineRetransmitsDiesWithIt(t *testing.T) {
	w := build(1)
	w.connect()
	var mattered int
	w.net.Block(w.client.h, w.server.h, &mattered)
	w.say(w.client, "x")
	w.pass(50 * ms)
	w.client.h.PowerOff()
	w.net.Unblock(w.client.h, w.server.h, &mattered)
	w.pass(50 * ms)
	require.Empty(t, w.server.got)
}
