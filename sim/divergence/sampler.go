package divergence

import (
	"fmt"
	"math"

	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// Window is the events of a run that are looked at, by number, both included.
type Window struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to,omitempty"` // 0: to the end of the run
}

// capacity is how many samples a look keeps. Most runs have fewer events, so that one
// look at each shows where they differ even if they never do so at the same event again.
const capacity = 4096

// Sampler keeps samples of the events of a window, evenly spaced: every one as long as there
// is room, then every second, every fourth ... So its memory is bounded, whatever the
// length of the run.
type Sampler struct {
	window  Window
	stride  uint64
	samples []outcome.Sample
}

// Watch makes a sampler for a run that has not begun. It takes the place of a trace.
func Watch(k *kernel.Kernel, w Window) *Sampler {
	w.From = max(w.From, 1)
	s := &Sampler{window: w, stride: 1}
	k.Sample(w.From, s.keep)
	return s
}

// Samples returns what has been seen so far.
func (s *Sampler) Samples() []outcome.Sample { return s.samples }

func (s *Sampler) keep(r kernel.Record, what string) (next uint64) {
	s.samples = append(s.samples, sample(r, what))
	if len(s.samples) == capacity {
		s.halve()
	}
	next = s.window.From + uint64(len(s.samples))*s.stride
	if s.window.To != 0 && next > s.window.To {
		return math.MaxUint64
	}
	return next
}

// halve drops every second sample.
func (s *Sampler) halve() {
	for i := range capacity / 2 {
		s.samples[i] = s.samples[2*i]
	}
	s.samples = s.samples[:capacity/2]
	s.stride *= 2
}

func sample(r kernel.Record, what string) outcome.Sample {
	self := rng.Mix(rng.Mix(rng.Mix(rng.HashString(r.Actor), uint64(r.At)), uint64(uint32(r.Kind))), r.Arg)
	return outcome.Sample{
		Event: r.Number, Digest: fmt.Sprintf("%016x", r.Digest), Self: fmt.Sprintf("%016x", self), Line: Line(r, what),
	}
}

// Line is an event for people.
func Line(r kernel.Record, what string) string {
	return fmt.Sprintf("%7d %12v  %-18s %s", r.Number, r.At, r.Actor, what)
}
