package invariant

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThat(t *testing.T) {
	require.NotPanics(t, func() { That(true, "one is less than %d", 2) })
	require.PanicsWithError(t, "invariant violated: two is less than 1", func() { That(false, "two is less than %d", 1) })
}
