package invariant

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A mark that is reached is counted, one that is not is there with zero.
func TestMarksAreCountedForOneRun(t *testing.T) {
	var declared Declared
	reached := declared.Mark("reached", "it happened")
	never := declared.Mark("never", "it did not")
	require.Equal(t, []*Mark{reached, never}, declared.All())

	one, other := Collect(declared.All()...), Collect(declared.All()...)
	Sometimes(one, true, reached)
	Sometimes(one, 1 < 2, reached)
	Sometimes(one, 2 < 1, never)
	require.Equal(t, map[string]int{"reached": 2, "never": 0}, one.Counts())
	require.Equal(t, map[string]int{"reached": 0, "never": 0}, other.Counts(), "another run in this process has its own")
}

func TestMarksWithoutACampaign(t *testing.T) {
	var declared Declared
	m := declared.Mark("m", "it happened")
	require.NotPanics(t, func() { Sometimes(nil, true, m) })
	require.Nil(t, (*Marks)(nil).Counts())
	require.Nil(t, Collect().Counts())
}

// What would make a mark vanish from the list of those never reached is an error.
func TestMarksThatWouldBeMissed(t *testing.T) {
	var declared Declared
	m := declared.Mark("m", "it happened")
	require.PanicsWithValue(t, `invariant: the mark "m" is declared twice`, func() { declared.Mark("m", "again") })
	require.PanicsWithError(t, `invariant violated: the mark "m" is one that this run collects`, func() { Sometimes(Collect(), true, m) })
	require.NotPanics(t, func() { Sometimes(Collect(), false, m) })
	require.Panics(t, func() { Collect(m, m) })
}
