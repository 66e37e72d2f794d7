package wall

import (
	"math"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/inbox"
)

// start is instant 0. One for the process, so that the instants of all owners in it can
// be compared.
var start = time.Now()

// Clock is one owner's clock. It implements clock.Alarm. All methods are for the owner's
// thread.
type Clock struct {
	wake   func()
	timer  *time.Timer
	armed  clock.Instant // what the owner asked for
	queued clock.Instant // when the timer goes off, or has gone off without being handled
}

// New returns a clock; wake is called, from the inbox, when its alarm goes off.
func New(box *inbox.Inbox, wake func()) *Clock {
	c := &Clock{wake: wake, armed: clock.Never, queued: clock.Never}
	c.timer = time.AfterFunc(math.MaxInt64, func() { box.Post(c.ring) })
	return c
}

// Now returns what the machine's clocks show.
func (c *Clock) Now() clock.Now {
	t := time.Now()
	return clock.Now{Mono: clock.Instant(t.Sub(start)), Wall: clock.Wall(t.UnixNano())}
}

// Set implements clock.Alarm. An owner moves its alarm at nearly every event, mostly to
// later; so a timer that goes off before is left alone, and ring looks again.
func (c *Clock) Set(at clock.Instant) {
	c.armed = at
	if at < c.queued {
		now := c.Now().Mono
		c.queued = max(at, now)
		c.timer.Reset(c.queued.Sub(now))
	}
}

// ring handles that the timer went off. Whatever it was set to then, what counts is what
// the owner wants now.
func (c *Clock) ring() {
	c.queued = clock.Never
	if c.armed > c.Now().Mono {
		c.Set(c.armed)
		return
	}
	c.armed = clock.Never
	c.wake()
}

// Stop ends the timer. The owner is gone.
func (c *Clock) Stop() { c.timer.Stop() }
