package simclock

import (
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// Start is the calendar time of instant 0 on a host without skew: 2026-01-01T00:00:00Z.
const Start clock.Wall = 1_767_225_600_000_000_000

// Clock is one host's clock. It implements clock.Alarm.
type Clock struct {
	k     *kernel.Kernel
	actor kernel.Actor
	post  func(ring func())
	ring  func() // one value for all times that it is posted
	wake  func()

	armed  clock.Instant // what the owner asked for, on this clock
	queued clock.Instant // the earliest event of ours in the kernel's queue, in virtual time
	posted bool          // the alarm went off, and the owner has not handled it

	line    line
	faults  []clockFault
	steps   []step
	jumped  int64    // nanoseconds
	changed []func() // who is told that the clock runs at another rate
}

// New returns a clock. When its alarm goes off that is given to post, as to the inbox of
// a real owner, which a busy or paused one handles late; nil handles it at once. Wake is
// called when it is handled, unless the owner has moved its alarm meanwhile.
func New(k *kernel.Kernel, name string, post func(ring func()), wake func()) *Clock {
	c := &Clock{k: k, post: post, wake: wake, armed: clock.Never, queued: clock.Never, line: line{rate: True}}
	if post == nil {
		c.post = func(ring func()) { ring() }
	}
	c.ring = c.handle
	c.actor = k.Register("clock "+name, c)
	return c
}

// Now returns what the clock shows.
func (c *Clock) Now() clock.Now {
	for i := range c.faults {
		*c.faults[i].mattered++
	}
	mono := c.mono()
	return clock.Now{Mono: mono, Wall: Start + clock.Wall(int64(mono)+c.offset(mono))}
}

func (c *Clock) mono() clock.Instant {
	mono, _ := c.line.at(c.k.Now())
	return mono
}

// When returns the instant of virtual time at which the clock will show at least mono, if
// nothing changes; in the past it means now.
func (c *Clock) When(mono clock.Instant) clock.Instant { return max(c.line.when(mono), c.k.Now()) }

// Set implements clock.Alarm. An owner moves its alarm at nearly every event, mostly to
// later; so an event that is queued already is left alone, and looks again when it fires.
func (c *Clock) Set(at clock.Instant) {
	c.armed = at
	c.schedule()
}

// schedule makes sure that an event of ours fires when the alarm is due, at the latest.
func (c *Clock) schedule() {
	if c.posted || c.armed == clock.Never {
		return
	}
	if at := c.When(c.armed); at < c.queued {
		c.queued = at
		c.k.At(at, c.actor, 0, 0)
	}
}

// Fire implements kernel.Handler.
func (c *Clock) Fire(int32, uint64) {
	if c.posted || c.k.Now() < c.queued {
		return // an event from before the alarm was moved to earlier and back
	}
	c.queued = clock.Never
	if c.armed > c.mono() {
		c.schedule()
		return
	}
	c.posted = true
	c.post(c.ring)
}

// handle is the owner's handling of an alarm that went off. What counts is what the owner
// wants now.
func (c *Clock) handle() {
	if !c.posted {
		return // the owner that it was posted to is gone
	}
	c.posted = false
	if c.armed > c.mono() {
		c.schedule()
		return
	}
	c.armed = clock.Never
	c.wake()
}

// Off forgets the alarm, that it went off, and who is told of changes: the owner is gone.
func (c *Clock) Off() { c.armed, c.posted, c.changed = clock.Never, false, nil }

// Describe implements kernel.Describer.
func (c *Clock) Describe(int32, uint64) string {
	if c.armed > c.mono() {
		return "alarm moved to " + c.armed.String()
	}
	return "alarm"
}
