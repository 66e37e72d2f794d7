package fault

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
)

func menu() Menu {
	m := Menu{
		Servers: 3, Clients: 2, Stages: []string{"commit", "logger"}, Max: 8,
		From: time.Second, Until: 20 * time.Second, Session: 4 * time.Second,
		Marks: []clock.Span{span(2000), span(9000), span(19999)}, Events: EveryServerEvent(), Limits: []time.Duration{2 * time.Second},
	}
	for _, i := range Kinds() {
		m.Kinds = append(m.Kinds, i.Kind)
	}
	return m
}

// each calls f with many plans.
func each(m Menu, f func(seed uint64, plan []Clause)) {
	for seed := range uint64(2000) {
		f(seed, Draw(rng.New(seed), m))
	}
}

func TestDrawnClausesAreValidAndWithinTheirTime(t *testing.T) {
	m := menu()
	kinds, whos, events := map[Kind]int{}, map[string]int{}, map[string]int{}
	each(m, func(seed uint64, plan []Clause) {
		require.NotEmpty(t, plan)
		require.LessOrEqual(t, len(plan), m.Max)
		for _, c := range plan {
			require.NoError(t, c.Validate(), "seed %d: %s", seed, c)
			require.GreaterOrEqual(t, time.Duration(c.At), m.From)
			require.LessOrEqual(t, time.Duration(c.At), m.Until)
			require.LessOrEqual(t, time.Duration(c.For), 2*m.Session)
			kinds[c.Kind]++
			whos[c.Who.Kind]++
			events[c.On]++
		}
	})
	require.Len(t, kinds, len(Kinds()), "every kind is drawn some time")
	require.Len(t, whos, len([]string{"server", "client", "leader", "follower", "minority", "majority", "servers", "it", "link"}), "and every way to select")
	require.Len(t, events, 1+len(EveryServerEvent()), "and every event, or none")
}

// To guests nothing is drawn that only processes of ours can suffer.
func TestDrawLeavesGuestsTheirProcesses(t *testing.T) {
	own, guests := 0, menu()
	guests.Guests = true
	for _, m := range []Menu{menu(), guests} {
		each(m, func(_ uint64, plan []Clause) {
			for _, c := range plan {
				if c.NeedsOwnClient() {
					own++
					require.False(t, m.Guests, c)
				}
			}
		})
	}
	require.Positive(t, own)
}

// Clocks run fast and slow, by a little and by a lot, and are set forwards and backwards.
func TestDrawnClocks(t *testing.T) {
	rates, shifts := map[string]int{}, map[string]int{}
	each(menu(), func(_ uint64, plan []Clause) {
		for _, c := range plan {
			if c.Kind == ClockRate {
				require.NotEqual(t, 100, c.Percent)
				rates[fmt.Sprint(c.Percent > 100, c.Percent >= 95 && c.Percent <= 105)]++
			}
			if c.Kind == ClockStep || c.Kind == ClockJump {
				size := max(c.Shift, -c.Shift)
				shifts[fmt.Sprint(c.Shift > 0, size >= Signed(time.Second), size >= Signed(time.Hour))]++
			}
		}
	})
	require.Len(t, rates, 4)
	require.Len(t, shifts, 6)
}

// A clause hangs on its place alone: a plan with more clauses begins with the same ones.
func TestDrawIsStablePerIndex(t *testing.T) {
	more := menu()
	more.Max = 30
	longer := 0
	each(menu(), func(seed uint64, plan []Clause) {
		other := Draw(rng.New(seed), more)
		n := min(len(plan), len(other))
		require.Equal(t, plan[:n], other[:n], "seed %d", seed)
		require.Equal(t, plan, Draw(rng.New(seed), menu()))
		if len(other) > len(plan) {
			longer++
		}
	})
	require.Positive(t, longer)
}

// Swarm: each kind is fully off in most plans, whatever their length: half of half of them,
// and all but three of the others.
func TestDrawSwitchesKindsOff(t *testing.T) {
	m := menu()
	m.Max = 200
	without := map[Kind]int{}
	plans := 0
	each(m, func(_ uint64, plan []Clause) {
		if len(plan) < 100 {
			return // too short to say that a missing kind is off
		}
		plans++
		there := map[Kind]bool{}
		for _, c := range plan {
			there[c.Kind] = true
		}
		for _, k := range m.Kinds {
			if !there[k] {
				without[k]++
			}
		}
	})
	share := (0.5 + 3/float64(len(m.Kinds))) / 2
	for _, k := range m.Kinds {
		require.InDelta(t, float64(plans)*(1-share), without[k], float64(plans)/8, "%s is off in %d of %d plans", k, without[k], plans)
	}
}

func TestDrawDrawsNothingFromAnEmptyMenu(t *testing.T) {
	m := menu()
	m.Max = 0
	require.Empty(t, Draw(rng.New(1), m))
	m = menu()
	m.Kinds = nil
	require.Empty(t, Draw(rng.New(1), m))
}

// Half of the clauses begin within a moment of something that a client begins.
func TestDrawComesNearTheMarks(t *testing.T) {
	near, all := 0, 0
	each(menu(), func(_ uint64, plan []Clause) {
		for _, c := range plan {
			if c.Waits() {
				continue // it has its time from what it waits for
			}
			all++
			for _, mark := range []clock.Span{span(2000), span(9000)} {
				if c.At >= mark && c.At <= mark+clock.Span(moment) {
					near++
				}
			}
		}
	})
	require.InDelta(t, all/3, near, float64(all)/20, "two of three marks are far enough from the end")
}

func TestDrawnLengthsLieOnBothSidesOfTheSession(t *testing.T) {
	short, long := 0, 0
	m := menu()
	each(m, func(_ uint64, plan []Clause) {
		for _, c := range plan {
			if time.Duration(c.For) > m.Session {
				long++
			} else {
				short++
			}
		}
	})
	require.Positive(t, short/4)
	require.Positive(t, long/4)
}
