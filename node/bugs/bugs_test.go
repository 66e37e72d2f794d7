package bugs

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheEmptySetIsTheProduct(t *testing.T) {
	none, err := Parse()
	require.NoError(t, err)
	for _, i := range All() {
		require.False(t, none.Has(i.Bug))
		require.False(t, Set{}.Has(i.Bug))
	}
}

func TestParseSwitchesOnWhatIsNamed(t *testing.T) {
	for _, i := range All() {
		s, err := Parse(string(i.Bug))
		require.NoError(t, err)
		for _, j := range All() {
			require.Equal(t, i == j, s.Has(j.Bug))
		}
	}
	_, err := Parse("ack-before-sync", "ack-befor-sync")
	require.EqualError(t, err, `bugs: no bug is called "ack-befor-sync"; see: zoobreak list bugs`)
}

func TestEveryBugIsDescribed(t *testing.T) {
	require.True(t, slices.IsSortedFunc(All(), func(a, b Info) int { return slices.Compare([]Bug{a.Bug}, []Bug{b.Bug}) }))
	for _, i := range All() {
		require.NotEmpty(t, i.Summary, i.Bug)
		require.NotEmpty(t, i.Breaks, i.Bug)
	}
}
