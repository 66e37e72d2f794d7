package invariant

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThat(t *testing.T) {
	require.NotPanics(t, func() { That(true, "one is less than %d", 2) })
	require.PanicsWithError(t, "invariant violated: two is less than 1", func() { That(false, "two is less than %d", 1) })
}

func TestImplies(t *testing.T) {
	for _, holds := range [][2]bool{{false, false}, {false, true}, {true, true}} {
		require.NotPanics(t, func() { Implies(holds[0], holds[1], "it holds") })
	}
	require.PanicsWithError(t, "invariant violated: 3 follows", func() { Implies(true, false, "%d follows", 3) })
}
