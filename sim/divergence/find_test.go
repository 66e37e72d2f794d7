package divergence_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/sim/divergence"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// clockwork fires an event every nanosecond, up to a number of them, and may be made to
// do something else at one.
type clockwork struct {
	k      *kernel.Kernel
	a      kernel.Actor
	events uint64
	at     uint64 // the event at which it does; 0: never
	odd    func(c *clockwork)
}

func (c *clockwork) Fire(_ int32, arg uint64) {
	if c.k.Events() == c.at {
		c.odd(c)
	} else {
		c.tick(arg)
	}
}

func (c *clockwork) tick(arg uint64) {
	if c.k.Events() < c.events {
		c.next(arg + 1)
	}
}

func (c *clockwork) next(arg uint64)                     { c.k.At(c.k.Now()+1, c.a, 0, arg) }
func (c *clockwork) Describe(_ int32, arg uint64) string { return fmt.Sprint("tick ", arg) }

// The ways in which event at+1 differs.
var odds = map[string]func(c *clockwork){
	"argument": func(c *clockwork) { c.next(1 << 40) },
	"content":  func(c *clockwork) { c.k.Fold(1); c.tick(c.at - 1) },
	"instant":  func(c *clockwork) { c.k.At(c.k.Now()+2, c.a, 0, c.at) },
	"end":      func(c *clockwork) {},
}

// execution is one of the two runs, with what its looks cost.
type execution struct {
	events  uint64
	odd     func(c *clockwork)
	at      func(look int) uint64 // the event, by the number of the look
	looks   int
	samples int // most at once
}

func (e *execution) run(w divergence.Window) (*outcome.Outcome, error) {
	e.looks++
	k := kernel.New()
	c := &clockwork{k: k, events: e.events, odd: e.odd}
	if e.odd != nil {
		c.at = e.at(e.looks)
	}
	c.a = k.Register("clockwork", c)
	k.At(0, c.a, 0, 0)
	s := divergence.Watch(k, w)
	k.StopAfter(w.To)
	if err := k.Run(clock.Never); err != nil {
		return nil, err
	}
	e.samples = max(e.samples, len(s.Samples()))
	return &outcome.Outcome{Events: k.Events(), Digest: fmt.Sprint(k.Digest()), Samples: s.Samples()}, nil
}

func always(n uint64) func(int) uint64 { return func(int) uint64 { return n } }

// Wherever it is and whatever it is, the first difference is found, in few looks, and
// without keeping more of a long run than of a short one.
func TestTheFirstDifferenceIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]string{"argument", "content", "instant", "end"}).Draw(t, "kind")
		events := rapid.Uint64Range(1, 100_000).Draw(t, "events")
		at := rapid.Uint64Range(1, events).Draw(t, "at")
		if at == events && kind != "content" {
			t.Skip("after the last event there is only content")
		}
		one, two := &execution{events: events}, &execution{events: events, odd: odds[kind], at: always(at)}
		swap := rapid.Bool().Draw(t, "swapped")
		if swap {
			one, two = two, one
		}
		p, err := divergence.Find(one.run, two.run)
		require.NoError(t, err)
		require.NotNil(t, p)
		require.Equal(t, at+1, p.Event)
		require.Equal(t, kind == "content", p.Content)
		require.Len(t, p.Both, int(min(at, 3)))
		require.Contains(t, p.Both[len(p.Both)-1], fmt.Sprintf("tick %d", at-1))
		require.LessOrEqual(t, one.looks, 3)
		require.Less(t, max(one.samples, two.samples), 4096)
	})
}

func TestRunsThatAreAlike(t *testing.T) {
	one, two := &execution{events: 50_000}, &execution{events: 50_000}
	p, err := divergence.Find(one.run, two.run)
	require.NoError(t, err)
	require.Nil(t, p)
	require.Equal(t, 1, one.looks)
}

// In a run that fits into one look, the difference is shown as it was seen first, even if
// it is elsewhere each time.
func TestAShortRunIsLookedAtOnce(t *testing.T) {
	one := &execution{events: 4000}
	two := &execution{events: 4000, odd: odds["argument"], at: func(look int) uint64 { return uint64(1000 * look) }}
	p, err := divergence.Find(one.run, two.run)
	require.NoError(t, err)
	require.EqualValues(t, 1001, p.Event)
	require.Equal(t, 1, one.looks)
}

// In a longer one it may move while it is searched for, to earlier, to later, or away for
// a while; it is found as soon as it is seen twice in one place.
func TestADifferenceThatMoves(t *testing.T) {
	places := []uint64{70_000, 20_000, 90_000, 1 << 60, 50_000, 50_001}
	one := &execution{events: 100_000}
	two := &execution{events: 100_000, odd: odds["argument"], at: func(look int) uint64 { return places[min(look, len(places))-1] }}
	p, err := divergence.Find(one.run, two.run)
	require.NoError(t, err)
	require.EqualValues(t, 50_002, p.Event)
	require.Greater(t, one.looks, 4)
}

func TestADifferenceThatIsNeverSeenTwice(t *testing.T) {
	one := &execution{events: 100_000}
	two := &execution{events: 100_000, odd: odds["argument"], at: func(look int) uint64 {
		return 60_000 - uint64(look%2)*50_000 + uint64(look)*50
	}}
	_, err := divergence.Find(one.run, two.run)
	var unsteady *divergence.UnsteadyError
	require.ErrorAs(t, err, &unsteady)
	require.Equal(t, 12, unsteady.Looks)
	require.ErrorContains(t, err, "not in the same way each time")
}

func TestARunThatCannotBeExecuted(t *testing.T) {
	broken := errors.New("no worker")
	good := (&execution{events: 10}).run
	bad := func(divergence.Window) (*outcome.Outcome, error) { return nil, broken }
	for _, runs := range [][2]divergence.Run{{good, bad}, {bad, good}} {
		_, err := divergence.Find(runs[0], runs[1])
		require.ErrorIs(t, err, broken)
	}
}

// A parting shows both runs, with what led to it.
func TestAPartingForPeople(t *testing.T) {
	show := func(events uint64, kind string, at uint64) string {
		one, two := &execution{events: events}, &execution{events: events, odd: odds[kind], at: always(at)}
		p, err := divergence.Find(one.run, two.run)
		require.NoError(t, err)
		var b strings.Builder
		p.Write(&b)
		return b.String()
	}
	require.Equal(t, `two runs differ from event 6 on
  both         3    0.000000s  clockwork          tick 2
  both         4    0.000000s  clockwork          tick 3
  both         5    0.000000s  clockwork          tick 4
  run 1        6    0.000000s  clockwork          tick 5
  run 1        7    0.000000s  clockwork          tick 6
  run 1        8    0.000000s  clockwork          tick 7
  run 2        6    0.000000s  clockwork          tick 1099511627776
  run 2        7    0.000000s  clockwork          tick 1099511627777
  run 2        8    0.000000s  clockwork          tick 1099511627778
`, show(9, "argument", 5))
	require.Equal(t, `two runs differ from event 2 on
  both         1    0.000000s  clockwork          tick 0
  run 1        2    0.000000s  clockwork          tick 1
  run 2  ended
`, show(2, "end", 1))
	require.Equal(t, `two runs differ from event 3 on; not in the event itself, but in what event 2 did
  both         1    0.000000s  clockwork          tick 0
  both         2    0.000000s  clockwork          tick 1
  run 1        3    0.000000s  clockwork          tick 2
  run 2        3    0.000000s  clockwork          tick 2
`, show(3, "content", 2))
}
