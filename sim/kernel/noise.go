package kernel

import (
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
)

// Noise is the randomness of a run that no plan names, such as latencies and crash images,
// from an instant on. A run that shares its beginning with another and then goes its own way
// has a second one: everything up to there is the same, event for event.
type Noise struct {
	From clock.Instant
	Key  rng.Key
}

// Shake sets the noise of the whole run: the first interval from instant 0, later ones in
// order. Call it before anything asks a Stream. Without it every run has the same noise.
func (k *Kernel) Shake(intervals ...Noise) {
	if len(intervals) == 0 || intervals[0].From != 0 {
		panic("kernel: the first interval of noise begins at instant 0")
	}
	for i := 1; i < len(intervals); i++ {
		if intervals[i].From <= intervals[i-1].From {
			panic("kernel: intervals of noise come in order of time")
		}
	}
	k.noise = intervals
}

// Stream is the noise of one purpose. Values are keyed by what they are for, never by a
// count of draws, so that taking one thing out of a run changes nobody else's luck.
type Stream struct {
	k    *Kernel
	name string
	era  int // of key; -1: none yet
	key  rng.Key
}

// Stream returns the noise of a purpose.
func (k *Kernel) Stream(name string) *Stream { return &Stream{k: k, name: name, era: -1} }

// Key returns the key that holds at this instant.
func (s *Stream) Key() rng.Key {
	if era := s.Era(); era != s.era {
		s.era, s.key = era, s.k.noise[era].Key.Of(s.name)
	}
	return s.key
}

// Era counts the intervals of noise that are over. Keys derived in an earlier era are stale.
func (s *Stream) Era() int {
	k := s.k
	for k.era+1 < len(k.noise) && k.noise[k.era+1].From <= k.now {
		k.era++
	}
	return k.era
}
