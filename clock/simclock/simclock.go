package simclock

import (
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// Start is the calendar time of instant 0 on a host without skew: 2026-01-01T00:00:00Z.
const Start clock.Wall = 1_767_225_600_000_000_000

// Clock is one host's clock. It implements clock.Alarm.
type Clock struct {
	k      *kernel.Kernel
	actor  kernel.Actor
	wake   func()
	armed  clock.Instant // what the owner asked for
	queued clock.Instant // the earliest event of ours in the kernel's queue
}

// New returns a clock; wake is called when its alarm fires.
func New(k *kernel.Kernel, name string, wake func()) *Clock {
	c := &Clock{k: k, wake: wake, armed: clock.Never, queued: clock.Never}
	c.actor = k.Register("clock "+name, c)
	return c
}

// Now returns what the clock shows.
func (c *Clock) Now() clock.Now {
	return clock.Now{Mono: c.k.Now(), Wall: Start + clock.Wall(c.k.Now())}
}

// Set implements clock.Alarm. An owner moves its alarm at nearly every event, mostly to
// later; so an event that is queued already is left alone, and looks again when it fires.
func (c *Clock) Set(at clock.Instant) {
	c.armed = at
	if at < c.queued {
		c.queue(at)
	}
}

func (c *Clock) queue(at clock.Instant) {
	c.queued = max(at, c.k.Now())
	c.k.At(c.queued, c.actor, 0, 0)
}

// Fire implements kernel.Handler.
func (c *Clock) Fire(int32, uint64) {
	if c.k.Now() < c.queued {
		return // an event from before the alarm was moved to earlier and back
	}
	c.queued = clock.Never
	switch {
	case c.armed == clock.Never:
	case c.armed > c.k.Now():
		c.queue(c.armed)
	default:
		c.armed = clock.Never
		c.wake()
	}
}

// Describe implements kernel.Describer.
func (c *Clock) Describe(int32, uint64) string {
	if c.armed > c.k.Now() {
		return "alarm moved to " + c.armed.String()
	}
	return "alarm"
}
