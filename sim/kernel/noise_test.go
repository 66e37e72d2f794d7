package kernel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// reader notes what a stream says at each event.
type reader struct {
	s    *kernel.Stream
	keys []rng.Key
}

func (r *reader) Fire(int32, uint64) { r.keys = append(r.keys, r.s.Key()) }

// readAt returns what the stream "dice" says at the instants 0 to 9.
func readAt(intervals ...kernel.Noise) []rng.Key {
	k := kernel.New()
	k.Shake(intervals...)
	r := &reader{s: k.Stream("dice")}
	a := k.Register("reader", r)
	for i := range clock.Instant(10) {
		k.At(i, a, 0, 0)
	}
	if err := k.Run(20); err != nil {
		panic(err)
	}
	return r.keys
}

// A second interval of noise changes everything from its instant on, and nothing before.
func TestNoiseBranches(t *testing.T) {
	one, two := rng.New(1), rng.New(2)
	same, other := readAt(kernel.Noise{Key: one}), readAt(kernel.Noise{Key: two})
	branched := readAt(kernel.Noise{Key: one}, kernel.Noise{From: 5, Key: two})
	require.Equal(t, one.Of("dice"), same[0])
	require.Equal(t, same[:5], branched[:5])
	require.Equal(t, other[5:], branched[5:])
	require.NotEqual(t, same[5], branched[5])
}

func TestNoiseIsInOrder(t *testing.T) {
	require.PanicsWithValue(t, "kernel: the first interval of noise begins at instant 0", func() { kernel.New().Shake() })
	require.PanicsWithValue(t, "kernel: the first interval of noise begins at instant 0", func() { kernel.New().Shake(kernel.Noise{From: 1}) })
	require.PanicsWithValue(t, "kernel: intervals of noise come in order of time", func() { kernel.New().Shake(kernel.Noise{}, kernel.Noise{}) })
}
