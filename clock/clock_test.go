package clock_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
)

func TestInstantAdd(t *testing.T) {
	cases := []struct {
		name string
		from clock.Instant
		d    time.Duration
		want clock.Instant
	}{
		{"later", 5, 7, 12},
		{"earlier", 5, -2, 3},
		{"never stays never", clock.Never, time.Second, clock.Never},
		{"even backwards", clock.Never, -time.Second, clock.Never},
		{"as late as can be", clock.Never - 2, 1, clock.Never - 1},
		{"up to never", clock.Never - 2, 2, clock.Never},
		{"a timeout of centuries is not in the past", 5, math.MaxInt64, clock.Never},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, c.from.Add(c.d)) })
	}
}

func TestSubUndoesAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := clock.Instant(rapid.Int64Range(0, math.MaxInt64/2).Draw(t, "instant"))
		d := time.Duration(rapid.Int64Range(0, math.MaxInt64/2).Draw(t, "duration"))
		require.Equal(t, d, i.Add(d).Sub(i))
		require.GreaterOrEqual(t, i.Add(d), i)
		require.LessOrEqual(t, i.Add(d), clock.Never)
	})
}

func TestInstantForPeople(t *testing.T) {
	for i, want := range map[clock.Instant]string{
		0:    "0.000000s",
		999:  "0.000000s",
		1000: "0.000001s",
		clock.Instant(12003400 * time.Microsecond): "12.003400s",
		clock.Instant(time.Hour):                   "3600.000000s",
		clock.Never:                                "never",
	} {
		require.Equal(t, want, i.String())
	}
}

func TestWallMillis(t *testing.T) {
	require.Equal(t, int64(1_700_000_000_123), clock.Wall(1_700_000_000_123_999_999).Millis())
	require.Equal(t, int64(0), clock.Wall(0).Millis())
}

func TestSpansReadAsTheyPrint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := clock.Span(rapid.Int64Min(0).Draw(t, "span"))
		b, err := want.MarshalText()
		require.NoError(t, err)
		var got clock.Span
		require.NoError(t, got.UnmarshalText(b))
		require.Equal(t, want, got)
	})
	require.Equal(t, "2.5s", clock.Span(2500*time.Millisecond).String())
}

func TestTextsThatAreNoSpan(t *testing.T) {
	for _, s := range []string{"", "2.5", "-1s", "soon"} {
		got := clock.Span(7)
		require.EqualError(t, got.UnmarshalText([]byte(s)), "clock: \""+s+"\" is no duration such as 2.5s")
		require.Equal(t, clock.Span(7), got, "what is no duration changes nothing")
	}
}
