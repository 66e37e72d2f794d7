package scenarios_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/scenarios"
)

var anySeed = rapid.Custom(func(t *rapid.T) scenarios.Seed {
	s := scenarios.Seed{Root: rapid.Uint64().Draw(t, "root")}
	after := uint64(0)
	for range rapid.IntRange(0, 3).Draw(t, "branches") {
		after += rapid.Uint64Range(1, 1e6).Draw(t, "after")
		s.Branches = append(s.Branches, scenarios.Branch{After: after, Seed: rapid.Uint64().Draw(t, "seed")})
	}
	return s
})

// Seeds have one order, in which a seed comes before what branches off it.
func TestSeedsAreOrdered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anySeed.Draw(t, "a"), anySeed.Draw(t, "b")
		require.Equal(t, a.Compare(b), -b.Compare(a))
		require.Equal(t, a.String() == b.String(), a.Compare(b) == 0)
		require.LessOrEqual(t, scenarios.Seed{Root: a.Root}.Compare(a), 0)
	})
}

func TestSeedsReadAsTheyPrint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySeed.Draw(t, "seed")
		back, err := scenarios.ParseSeed(s.String())
		require.NoError(t, err)
		require.Equal(t, s, back)

		b, err := json.Marshal(s)
		require.NoError(t, err)
		var fromJSON scenarios.Seed
		require.NoError(t, json.Unmarshal(b, &fromJSON))
		require.Equal(t, s, fromJSON)

		alone, err := scenarios.ParseSeeds(s.Alone())
		require.NoError(t, err)
		require.Equal(t, []scenarios.Seed{s}, slices.Collect(alone.All()))
	})
	s := scenarios.Seed{Root: 42, Branches: []scenarios.Branch{{1500, 7}, {9000, 3}}}
	require.Equal(t, "42@1500:7@9000:3", s.String())
}

// There is one way to write a seed, so that equal seeds have equal names.
func TestTextsThatAreNoSeed(t *testing.T) {
	form := ` is no seed; write 42, or 42@1500:7 to go on with seed 7 after event 1500`
	for text, want := range map[string]string{
		"":                     `""` + form,
		"x":                    `"x"` + form,
		"-1":                   `"-1"` + form,
		"+1":                   `"+1"` + form,
		"007":                  `"007"` + form,
		"18446744073709551616": `"18446744073709551616"` + form,
		"42@":                  `"42@"` + form,
		"42@1500":              `"42@1500"` + form,
		"42@1500:":             `"42@1500:"` + form,
		"42@:7":                `"42@:7"` + form,
		"@1500:7":              `"@1500:7"` + form,
		"42@1500:7@":           `"42@1500:7@"` + form,
		"42@1500:7:8":          `"42@1500:7:8"` + form,
		"42@0:7":               `seed "42@0:7" branches after event 0, and no earlier than event 1 is possible there`,
		"42@9:7@9:3":           `seed "42@9:7@9:3" branches after event 9, and no earlier than event 10 is possible there`,
	} {
		_, err := scenarios.ParseSeed(text)
		require.EqualError(t, err, want)
		var s scenarios.Seed
		require.Error(t, json.Unmarshal([]byte(`"`+text+`"`), &s))
	}
}

func TestRangesOfSeeds(t *testing.T) {
	for text, want := range map[string][]string{
		"3..5":      {"3", "4", "5"},
		"7..7":      {"7"},
		"42@1500:7": {"42@1500:7"},
		"18446744073709551614..18446744073709551615": {"18446744073709551614", "18446744073709551615"},
	} {
		s, err := scenarios.ParseSeeds(text)
		require.NoError(t, err)
		var got []string
		for seed := range s.All() {
			got = append(got, seed.String())
		}
		require.Equal(t, want, got)
	}
	require.Empty(t, slices.Collect(scenarios.Seeds{First: 2, Last: 1}.All()))
	for range (scenarios.Seeds{First: 1, Last: math.MaxUint64}).All() {
		break
	}
}

func TestTextsThatAreNoRange(t *testing.T) {
	for text, want := range map[string]string{
		"5":      `"5" is no range; write 1..1000`,
		"1..":    `"1.." is no range; write 1..1000`,
		"1..2x":  `"1..2x" is no range; write 1..1000`,
		"01..2":  `"01..2" is no range; write 1..1000`,
		"2..1":   `"2..1" is empty: the first is greater than the last`,
		"1..2@3": `"1..2@3" is no seed; write 42, or 42@1500:7 to go on with seed 7 after event 1500`,
	} {
		_, err := scenarios.ParseSeeds(text)
		require.EqualError(t, err, want)
	}
}
