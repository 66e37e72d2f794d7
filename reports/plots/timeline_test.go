package plots

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

func ms(n int) clock.Instant { return clock.Instant(n) * clock.Instant(time.Millisecond) }

// done records an operation with both its instants.
func done(l *history.Log, from, to int, op history.Op) {
	h := l.Call(ms(from), op)
	if op.Status != history.Pending {
		l.Return(h, ms(to), op.Status, nil)
	}
}

// busyRun has a mark of every kind.
func busyRun() *outcome.Outcome {
	l := &history.Log{}
	for s := 1; s <= 3; s++ {
		l.Fact(history.Fact{At: 0, Server: s, Kind: history.Started})
	}
	l.Fact(history.Fact{At: ms(400), Server: 2, Kind: history.Role, Note: "leading"})
	l.Fact(history.Fact{At: ms(2110), Kind: history.FaultOn, Note: "isolate client A"})
	for i := range 60 {
		done(l, 300+i*430, 305+i*430, history.Op{Client: 1 + i%3, Kind: history.Wire, Name: "create", Status: history.OK})
	}
	holder := func(c, from, to int, s history.Status, version int64) {
		done(l, from-200, from, history.Op{Client: c, Kind: history.Acquire, Name: "/lock", Status: history.OK})
		done(l, from+20, from+20, history.Op{Client: c, Kind: history.EffectRead, Name: "db", Status: history.OK})
		done(l, from+40, to-10, history.Op{Client: c, Kind: history.EffectWrite, Name: "db", Status: s, Version: version})
		done(l, to, to+10, history.Op{Client: c, Kind: history.Release, Name: "/lock", Status: history.OK})
	}
	holder(1, 2100, 8410, history.OK, 6)
	holder(2, 6400, 6900, history.OK, 5)
	holder(3, 9000, 10000, history.Fail, 0)
	holder(2, 12000, 14000, history.Unknown, 0)
	done(l, 16000, 16500, history.Op{Client: 1, Kind: history.Phantom, Name: "/lock", Status: history.OK})
	l.Fact(history.Fact{At: ms(8400), Kind: history.FaultOff, Note: "isolate client A"})
	l.Fact(history.Fact{At: ms(11000), Kind: history.FaultOn, Note: "crash server 2"})
	l.Fact(history.Fact{At: ms(11000), Server: 2, Kind: history.Stopped, Note: "killed"})
	l.Fact(history.Fact{At: ms(12500), Server: 3, Kind: history.Role, Note: "leading"})
	l.Fact(history.Fact{At: ms(15000), Server: 2, Kind: history.Started})
	l.Fact(history.Fact{At: ms(22000), Kind: history.Healed})
	return &outcome.Outcome{Scenario: "zk-lock", Seed: "42", Verdict: outcome.Fail, VirtualNS: int64(30 * time.Second), History: l}
}

func svgOf(t require.TestingT, o *outcome.Outcome) string {
	b, err := Timeline(o)
	require.NoError(t, err)
	return string(b)
}

// wellFormed reads the SVG to its end as XML.
func wellFormed(t require.TestingT, svg string) {
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

func TestTimelineIsTheSameTwice(t *testing.T) {
	require.Equal(t, svgOf(t, busyRun()), svgOf(t, busyRun()))
	one, err := TimelinePNG(busyRun())
	require.NoError(t, err)
	two, err := TimelinePNG(busyRun())
	require.NoError(t, err)
	require.True(t, bytes.Equal(one, two), "the PNG is the same twice")
}

func TestTimelineNamesWhatItShows(t *testing.T) {
	svg := svgOf(t, busyRun())
	wellFormed(t, svg)
	require.Contains(t, svg, "@font-face", "the font is embedded")
	for _, label := range []string{"virtual time (s)", "client A", "server 3", "faults", "zk-lock, seed 42: fail"} {
		require.Contains(t, svg, ">"+label+"<")
	}
	for k := range kinds {
		require.Contains(t, svg, ">"+looks[k].label+"<")
	}
}

func TestTimelineWithoutEvidence(t *testing.T) {
	for name, o := range map[string]*outcome.Outcome{
		"no history":    {},
		"empty history": {History: &history.Log{}},
	} {
		t.Run(name, func(t *testing.T) {
			svg := svgOf(t, o)
			wellFormed(t, svg)
			require.Contains(t, svg, "virtual time (s)")
			require.NotContains(t, svg, "request sent", "nothing is explained that is not there")
			b, err := TimelinePNG(o)
			require.NoError(t, err)
			_, err = png.Decode(bytes.NewReader(b))
			require.NoError(t, err)
		})
	}
}

func TestAnyInstantsCanBeDrawn(t *testing.T) {
	instant := rapid.SampledFrom([]clock.Instant{0, 1, -5, ms(10), clock.Never, clock.Never - 1, math.MinInt64})
	rapid.Check(t, func(t *rapid.T) {
		l := &history.Log{}
		for range rapid.IntRange(0, 8).Draw(t, "ops") {
			k := rapid.SampledFrom([]history.Kind{history.Wire, history.Acquire, history.Release, history.EffectWrite, history.Phantom}).Draw(t, "kind")
			l.Ops = append(l.Ops, history.Op{Kind: k, Status: history.OK, Call: 1, Return: 2, CallAt: instant.Draw(t, "call"), ReturnAt: instant.Draw(t, "return")})
		}
		for range rapid.IntRange(0, 8).Draw(t, "facts") {
			k := rapid.SampledFrom([]history.FactKind{history.FaultOn, history.FaultOff, history.Healed, history.Started, history.Stopped}).Draw(t, "fact")
			l.Facts = append(l.Facts, history.Fact{Kind: k, Server: 1, At: instant.Draw(t, "at")})
		}
		svg := svgOf(t, &outcome.Outcome{VirtualNS: int64(instant.Draw(t, "end")), History: l})
		_, body, found := strings.Cut(svg, "</style>")
		require.True(t, found)
		require.NotContains(t, body, "NaN")
		require.NotContains(t, body, "Inf")
	})
}

func TestHostileNamesStayText(t *testing.T) {
	svg := svgOf(t, &outcome.Outcome{Scenario: "<script>a\n\x1b]]>\xff&", Seed: strings.Repeat("\u00e9", 500)})
	wellFormed(t, svg)
	require.NotContains(t, svg, "<script")
	require.Contains(t, svg, strings.Repeat("\u00e9", 50)+"...")
}

func TestMarksAreCappedAndSaidSo(t *testing.T) {
	o := busyRun()
	for i := range 20_000 {
		done(o.History, i, i, history.Op{Client: 1, Kind: history.Wire, Status: history.OK})
	}
	c := collect(o)
	require.Len(t, c.marks, maxMarks)
	require.Equal(t, c.found[refused], c.kept[refused], "what tells most is kept")
	require.Contains(t, svgOf(t, o), fmt.Sprintf("request sent (%d of 20060 drawn)", c.kept[request]))
}

func TestRowsAreCappedAndSaidSo(t *testing.T) {
	l := &history.Log{}
	for i := range 100 {
		done(l, i, i, history.Op{Client: i + 1, Kind: history.Wire, Status: history.OK})
	}
	o := &outcome.Outcome{History: l}
	require.Len(t, collect(o).rows, maxRows)
	require.Contains(t, svgOf(t, o), "(61 rows not shown)")
	require.Equal(t, maxRows-1, collect(o).found[request])
}

// of returns the intervals of a kind.
func of(c *chart, k kind) (all [][2]clock.Instant) {
	for _, m := range c.marks {
		if m.kind == k {
			all = append(all, [2]clock.Instant{m.from, m.to})
		}
	}
	return all
}

func TestIntervals(t *testing.T) {
	c := collect(busyRun())
	for k, want := range map[kind][][2]clock.Instant{
		belief:  {{ms(2100), ms(8410)}, {ms(6400), ms(6900)}, {ms(9000), ms(10000)}, {ms(12000), ms(14000)}},
		fault:   {{ms(2110), ms(8400)}, {ms(11000), ms(22000)}},
		healed:  {{ms(22000), ms(22000)}},
		running: {{0, ms(30000)}, {0, ms(11000)}, {0, ms(30000)}, {ms(15000), ms(30000)}},
		leading: {{ms(400), ms(11000)}, {ms(12500), ms(30000)}},
	} {
		require.ElementsMatch(t, want, of(c, k), looks[k].label)
	}
	require.Len(t, of(c, accepted), 2)
	require.Len(t, of(c, refused), 1)
	require.Len(t, of(c, unanswered), 1)
	require.Len(t, of(c, phantom), 1)
}

func TestABeliefThatIsNeverReleasedLastsToTheEnd(t *testing.T) {
	l := &history.Log{}
	done(l, 1, 2, history.Op{Client: 1, Kind: history.Acquire, Status: history.OK})
	done(l, 5, 5, history.Op{Client: 2, Kind: history.Acquire, Status: history.Fail})
	done(l, 9, 9, history.Op{Client: 2, Kind: history.Wire, Status: history.OK})
	require.Equal(t, [][2]clock.Instant{{ms(2), ms(9)}}, of(collect(&outcome.Outcome{History: l}), belief))
}

func TestABeliefEndsWithTheLifeThatHeldIt(t *testing.T) {
	l := &history.Log{}
	done(l, 1, 2, history.Op{Client: 1, Kind: history.Acquire, Status: history.OK})
	l.Fact(history.Fact{Kind: history.ClientStopped, Client: 2, At: ms(3)})
	l.Fact(history.Fact{Kind: history.ClientStopped, Client: 1, At: ms(4)})
	done(l, 8, 9, history.Op{Client: 1, Kind: history.Acquire, Status: history.OK})
	l.Fact(history.Fact{Kind: history.ClientStopped, Client: 1, At: ms(11)})
	require.Equal(t, [][2]clock.Instant{{ms(2), ms(4)}, {ms(9), ms(11)}}, of(collect(&outcome.Outcome{History: l}), belief))
}

func TestFaultsOfOneNameAreAllPaired(t *testing.T) {
	l := &history.Log{}
	for i, k := range []history.FactKind{history.FaultOff, history.FaultOn, history.FaultOn, history.FaultOff, history.FaultOff} {
		l.Fact(history.Fact{At: ms(i), Kind: k, Note: "slow"})
	}
	require.Equal(t, [][2]clock.Instant{{ms(1), ms(3)}, {ms(2), ms(4)}}, of(collect(&outcome.Outcome{History: l}), fault))
}
