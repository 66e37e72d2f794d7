package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/scenarios"
)

// Two traces that part show the event from which they do, with what led to it.
func TestWhereRunsPart(t *testing.T) {
	show := func(one, two string) string {
		var b strings.Builder
		showParting(&b, "servers", scenarios.Seed{Root: 7}, strings.Fields(one), strings.Fields(two))
		return b.String()
	}
	require.Equal(t, `servers, seed 7: two runs differ from event 6 on
  both   c
  both   d
  both   e
  run 1  f
  run 2  x
`, show("a b c d e f g", "a b c d e x g"))
	require.Equal(t, `servers, seed 7: two runs differ from event 2 on
  both   a
  run 1  b
  run 2  ended
`, show("a b", "a"))
	require.Contains(t, show("a b", "a b"), "the events are the same, so what differs is their content, or it does not repeat")
}
