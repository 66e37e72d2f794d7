package simclock_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/clock/simclock"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

func start() (*kernel.Kernel, *simclock.Clock, *[]clock.Instant) {
	k := kernel.New()
	woken := &[]clock.Instant{}
	return k, simclock.New(k, "host", nil, func() { *woken = append(*woken, k.Now()) }), woken
}

func TestTheClockShowsVirtualTime(t *testing.T) {
	k, c, _ := start()
	require.NoError(t, k.Run(1500))
	require.Equal(t, clock.Now{Mono: 1500, Wall: simclock.Start + 1500}, c.Now())
}

// Each line sets the alarm at instant 0 in the order given; it wakes once, at the last.
func TestTheLastSettingCounts(t *testing.T) {
	cases := map[string]struct {
		set  []clock.Instant
		want []clock.Instant
	}{
		"never set":           {nil, nil},
		"once":                {[]clock.Instant{10}, []clock.Instant{10}},
		"moved to later":      {[]clock.Instant{10, 30}, []clock.Instant{30}},
		"moved to earlier":    {[]clock.Instant{30, 10}, []clock.Instant{10}},
		"moved back":          {[]clock.Instant{30, 10, 30}, []clock.Instant{30}},
		"turned off":          {[]clock.Instant{10, clock.Never}, nil},
		"turned off and on":   {[]clock.Instant{10, clock.Never, 10}, []clock.Instant{10}},
		"in the past: now":    {[]clock.Instant{-5}, []clock.Instant{0}},
		"the same twice":      {[]clock.Instant{10, 10}, []clock.Instant{10}},
		"earlier, then later": {[]clock.Instant{20, 10, 40}, []clock.Instant{40}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			k, c, woken := start()
			for _, at := range tc.set {
				c.Set(at)
			}
			require.Empty(t, *woken, "never from inside Set")
			require.NoError(t, k.Run(100))
			require.ElementsMatch(t, tc.want, *woken)
		})
	}
}

// user sets the alarm anew at instants of its own.
type user struct{ set func(arg uint64) }

func (u user) Fire(_ int32, arg uint64) { u.set(arg) }

// Against the obvious model: what is set and not replaced before it is due, wakes.
func TestAnyUse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, c, woken := start()
		times := rapid.SliceOfN(rapid.Int64Range(1, 30), 1, 12).Draw(t, "gaps")
		delays := rapid.SliceOfN(rapid.Int64Range(1, 60), len(times), len(times)).Draw(t, "delays")
		a := k.Register("user", user{func(arg uint64) { c.Set(k.Now() + clock.Instant(delays[arg])) }})
		var want []clock.Instant
		at := clock.Instant(0)
		for i, gap := range times {
			at += clock.Instant(gap)
			k.At(at, a, 0, uint64(i))
			due := at + clock.Instant(delays[i])
			next := clock.Never
			if i+1 < len(times) {
				next = at + clock.Instant(times[i+1])
			}
			if due < next {
				want = append(want, due)
			} else if due == next {
				return // which is first is the kernel's choice
			}
		}
		require.NoError(t, k.Run(10_000))
		require.Equal(t, want, append([]clock.Instant(nil), *woken...))
	})
}

// An owner that is busy from 10 to 50, and again until 100, gets what it wants by then, as
// from a real inbox.
func TestAnAlarmThatIsHandledLateObeysALaterSetting(t *testing.T) {
	for name, tc := range map[string]struct {
		late  func(k *kernel.Kernel, c *simclock.Clock)
		woken []clock.Instant
	}{
		"left alone":       {func(*kernel.Kernel, *simclock.Clock) {}, []clock.Instant{50}},
		"turned off":       {func(_ *kernel.Kernel, c *simclock.Clock) { c.Set(clock.Never) }, nil},
		"moved to later":   {func(_ *kernel.Kernel, c *simclock.Clock) { c.Set(70) }, []clock.Instant{100}},
		"set to the past":  {func(_ *kernel.Kernel, c *simclock.Clock) { c.Set(3) }, []clock.Instant{50}},
		"the owner ended":  {func(_ *kernel.Kernel, c *simclock.Clock) { c.Off() }, nil},
		"and another came": {func(_ *kernel.Kernel, c *simclock.Clock) { c.Off(); c.Set(60) }, []clock.Instant{100}},
		"moved twice": {func(k *kernel.Kernel, c *simclock.Clock) {
			c.Set(70)
			require.NoError(t, k.Run(90))
			c.Set(120)
		}, []clock.Instant{150}},
	} {
		t.Run(name, func(t *testing.T) {
			k, inbox, woken := kernel.New(), []func(){}, []clock.Instant(nil)
			c := simclock.New(k, "host", func(ring func()) { inbox = append(inbox, ring) }, func() { woken = append(woken, k.Now()) })
			c.Set(10)
			require.NoError(t, k.Run(50))
			require.Len(t, inbox, 1, "posted once")
			tc.late(k, c)
			for _, until := range []clock.Instant{50, 100, 150} {
				require.NoError(t, k.Run(until))
				for ; len(inbox) > 0; inbox = inbox[1:] {
					inbox[0]()
				}
			}
			require.Equal(t, tc.woken, woken)
		})
	}
}
