package simclock_test

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/clock/simclock"
)

const second = clock.Instant(time.Second)

// reading is what a clock shows: its monotonic time, and by how much the calendar is off it.
type reading struct {
	mono clock.Instant
	off  time.Duration
}

func read(c *simclock.Clock) reading {
	now := c.Now()
	return reading{now.Mono, time.Duration(now.Wall - simclock.Start - clock.Wall(now.Mono))}
}

// Each fault is on from second 10 to second 20. What the clock shows then, and how the
// alarm that was set to second 15 rings.
func TestFaults(t *testing.T) {
	for name, tc := range map[string]struct {
		begin              func(c *simclock.Clock, mattered *int)
		at10, at16, at20   reading
		at32               reading
		alarm              clock.Instant
		movesTheAlarmFault bool
	}{
		"none": {
			nil, reading{10 * second, 0}, reading{16 * second, 0}, reading{20 * second, 0}, reading{32 * second, 0}, 15 * second, false},
		"fast": {func(c *simclock.Clock, m *int) { c.RunAt(1_250_000, m) },
			reading{10 * second, 0}, reading{17*second + second/2, 0}, reading{22*second + second/2, 0}, reading{34*second + second/2, 0}, 14 * second, true},
		"slow": {func(c *simclock.Clock, m *int) { c.RunAt(500_000, m) },
			reading{10 * second, 0}, reading{13 * second, 0}, reading{15 * second, 0}, reading{27 * second, 0}, 20 * second, true},
		"frozen": {func(c *simclock.Clock, m *int) { c.Freeze(m) },
			reading{10 * second, 0}, reading{10 * second, 0}, reading{10 * second, 0}, reading{22 * second, 0}, 25 * second, true},
		"stepped forwards, and slewed back": {func(c *simclock.Clock, m *int) { c.Step(5*time.Second, m) },
			reading{10 * second, 5 * time.Second}, reading{16 * second, 5 * time.Second}, reading{20 * second, 5 * time.Second}, reading{32 * second, 4 * time.Second}, 15 * second, false},
		"stepped backwards, and slewed back": {func(c *simclock.Clock, m *int) { c.Step(-500*time.Millisecond, m) },
			reading{10 * second, -time.Second / 2}, reading{16 * second, -time.Second / 2}, reading{20 * second, -time.Second / 2}, reading{32 * second, 0}, 15 * second, false},
		"jumped, for ever": {func(c *simclock.Clock, m *int) { c.Jump(-time.Hour, m) },
			reading{10 * second, -time.Hour}, reading{16 * second, -time.Hour}, reading{20 * second, -time.Hour}, reading{32 * second, -time.Hour}, 15 * second, false},
	} {
		t.Run(name, func(t *testing.T) {
			k, c, woken := start()
			c.Set(15 * second)
			at := func(s clock.Instant) reading {
				require.NoError(t, k.Run(s*second))
				return read(c)
			}
			mattered := 0
			at(10)
			if tc.begin != nil {
				tc.begin(c, &mattered)
			}
			require.Equal(t, tc.movesTheAlarmFault, mattered == 1, "an alarm that it moves counts")
			require.Equal(t, []reading{tc.at10, tc.at16, tc.at20}, []reading{at(10), at(16), at(20)})
			if tc.begin != nil {
				require.GreaterOrEqual(t, mattered, 3, "readings count")
				c.Lift(&mattered)
			}
			before := mattered
			require.Equal(t, []reading{tc.at20, tc.at32}, []reading{at(20), at(32)})
			require.Equal(t, []clock.Instant{tc.alarm}, *woken)
			require.Equal(t, before, mattered, "nothing counts afterwards")
		})
	}
}

// Four faults at once; each ends when it does, whatever the others do.
func TestFaultsOverlap(t *testing.T) {
	k, c, _ := start()
	var fast, faster, ice, more, early int
	at := func(s clock.Instant) reading {
		require.NoError(t, k.Run(s*second))
		return read(c)
	}
	c.RunAt(2_000_000, &fast)
	c.Step(-time.Second, &early)
	require.Equal(t, reading{20 * second, -time.Second}, at(10))
	c.RunAt(1_500_000, &faster)
	require.Equal(t, reading{50 * second, -time.Second}, at(20), "rates are multiplied")
	c.Freeze(&ice)
	c.Freeze(&more)
	require.Equal(t, reading{50 * second, -time.Second}, at(30))
	c.Lift(&ice)
	c.Lift(&fast)
	require.Equal(t, reading{50 * second, -time.Second}, at(40), "still frozen")
	c.Lift(&early)
	require.Equal(t, reading{50 * second, -time.Second}, at(50), "and what is frozen is not slewed")
	c.Lift(&more)
	require.Equal(t, reading{65 * second, 0}, at(60))
	c.Lift(&faster)
	require.Equal(t, reading{75 * second, 0}, at(70))
	require.PanicsWithValue(t, "simclock: a fault is lifted that was not imposed", func() { c.Lift(&fast) })
	require.PanicsWithValue(t, "simclock: a clock cannot run at 0 millionths of true time", func() { c.RunAt(0, &fast) })
}

// While it is slewed the calendar never runs backwards.
func TestSlewingIsMonotonic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, c, _ := start()
		var m int
		c.Step(time.Duration(rapid.Int64Range(-1000, 1000).Draw(t, "step")), &m)
		c.Lift(&m)
		last := c.Now().Wall
		for k.Now() < 15_000 {
			require.NoError(t, k.Run(k.Now()+clock.Instant(rapid.Int64Range(1, 500).Draw(t, "gap"))))
			require.GreaterOrEqual(t, c.Now().Wall, last)
			last = c.Now().Wall
		}
		require.Zero(t, read(c).off)
	})
}

// naive is a clock that counts: each nanosecond of virtual time adds the rate.
type naive struct {
	now       clock.Instant
	millionth int64
	rates     map[*int]int64 // of the faults that are on; 0: frozen
	order     []*int
	armed     clock.Instant
	woken     []clock.Instant
}

func (n *naive) mono() clock.Instant { return clock.Instant(n.millionth / 1_000_000) }

func (n *naive) ring() {
	if n.armed <= n.mono() {
		n.armed = clock.Never
		n.woken = append(n.woken, n.now)
	}
}

func (n *naive) rate() int64 {
	rate := int64(1_000_000)
	for _, m := range n.order {
		if r, on := n.rates[m]; on && rate > 0 {
			rate = max(rate*r/1_000_000, min(r, 1))
		}
	}
	return rate
}

func (n *naive) run(until clock.Instant) {
	n.ring()
	for n.now < until {
		n.now++
		n.millionth += n.rate()
		n.ring()
	}
}

// Whatever happens to the clock, it shows what counting would, and its alarm rings at the
// first nanosecond at which the clock shows what it was set to: not one earlier, not one
// later, and never not at all.
func TestAgainstCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, c, woken := start()
		n := &naive{rates: map[*int]int64{}, armed: clock.Never}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"set", "set", "rate", "freeze", "lift", "off"}).Draw(t, "do") {
			case "set":
				at := n.mono() + clock.Instant(rapid.Int64Range(-5, 300).Draw(t, "delay"))
				c.Set(at)
				n.armed = at
			case "off":
				c.Set(clock.Never)
				n.armed = clock.Never
			case "rate":
				r, m := rapid.Int64Range(1, 3_000_000).Draw(t, "rate"), new(int)
				c.RunAt(simclock.Rate(r), m)
				n.rates[m], n.order = r, append(n.order, m)
			case "freeze":
				m := new(int)
				c.Freeze(m)
				n.rates[m], n.order = 0, append(n.order, m)
			case "lift":
				if len(n.order) > 0 {
					i := rapid.IntRange(0, len(n.order)-1).Draw(t, "which")
					c.Lift(n.order[i])
					n.order = append(n.order[:i:i], n.order[i+1:]...)
				}
			}
			until := k.Now() + clock.Instant(rapid.Int64Range(0, 200).Draw(t, "gap"))
			require.NoError(t, k.Run(until))
			n.run(until)
			require.Equal(t, n.mono(), c.Now().Mono)
			require.Equal(t, n.woken, append([]clock.Instant(nil), *woken...))
		}
	})
}

// When is exact over hours and at every rate, where counting takes too long: at that
// instant the clock shows what was asked for, and a nanosecond before it does not.
func TestWhenIsExactOverHours(t *testing.T) {
	million := big.NewInt(1_000_000)
	rapid.Check(t, func(t *rapid.T) {
		k, c, _ := start()
		c.RunAt(simclock.Rate(rapid.Int64Range(1, int64(simclock.MaxRate)).Draw(t, "first")), new(int))
		require.NoError(t, k.Run(clock.Instant(rapid.Int64Range(0, 4*3600e9).Draw(t, "for"))))
		rate := rapid.Int64Range(1, int64(simclock.True)).Draw(t, "second")
		c.RunAt(simclock.Rate(rate), new(int))
		from := c.Now().Mono
		mono := from + clock.Instant(rapid.Int64Range(1, 4*3600e9).Draw(t, "ahead"))
		when := c.When(mono)
		if when == clock.Never {
			far := new(big.Int).Mul(big.NewInt(int64(mono-from)), million)
			require.Positive(t, far.Cmp(big.NewInt(math.MaxInt64/1000)), "never is far away")
			return
		}
		if when > k.Now() {
			require.NoError(t, k.Run(when-1))
			require.Less(t, c.Now().Mono, mono)
		}
		require.NoError(t, k.Run(when))
		require.GreaterOrEqual(t, c.Now().Mono, mono)
	})
}

func TestWhoWaitsIsToldOfAnotherRate(t *testing.T) {
	_, c, _ := start()
	told := 0
	c.OnChange(func() { told++ })
	var a, b, s int
	c.RunAt(simclock.True, &s)
	c.Step(time.Second, &b)
	require.Zero(t, told, "at the same rate nothing is to be moved")
	c.RunAt(2*simclock.True, &a)
	c.Lift(&a)
	require.Equal(t, 2, told)
}
