package simclock

import (
	"fmt"
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/clock"
)

// clockFault is one fault that is on. Like those of the network, each is named by the
// counter of what it did: faults of one kind overlap, and lift independently. A reading of
// the clock counts, and so does an alarm that is moved.
type clockFault struct {
	mattered *int
	rate     Rate // 0: not about the rate, or frozen
	frozen   bool
}

// step is a mistake of the calendar clock.
type step struct {
	by       int64 // nanoseconds
	mattered *int
	since    clock.Instant // being slewed away since, on this clock; Never: not yet
}

// slew is the part of the time that passes by which a clock which has been stepped is
// brought back: chrony's default, a twelfth (maxslewrate 83333 ppm).
const slew = 12

// RunAt makes both clocks run at a rate. Rates that overlap are multiplied.
func (c *Clock) RunAt(r Rate, mattered *int) {
	if r <= 0 || r > MaxRate {
		panic(fmt.Sprintf("simclock: a clock cannot run at %d millionths of true time", r))
	}
	c.impose(clockFault{mattered: mattered, rate: r})
}

// Freeze makes both clocks stand still. When it is lifted they go on from there, and what
// was due is late.
func (c *Clock) Freeze(mattered *int) { c.impose(clockFault{mattered: mattered, frozen: true}) }

// Step moves the calendar at once, forwards or backwards, and it stays wrong until the
// fault is lifted; from then on it is slewed back, as a time daemon does: it runs slower
// or faster, and never jumps.
func (c *Clock) Step(d time.Duration, mattered *int) {
	c.steps = append(c.steps, step{int64(d), mattered, clock.Never})
	c.impose(clockFault{mattered: mattered})
}

// Jump moves the calendar at once, for ever: somebody has set it, and it is the time now.
func (c *Clock) Jump(d time.Duration, mattered *int) {
	c.jumped += int64(d)
	c.impose(clockFault{mattered: mattered})
}

// Lift ends what was imposed with mattered; a jump stays, but no longer counts.
func (c *Clock) Lift(mattered *int) {
	i := slices.IndexFunc(c.faults, func(f clockFault) bool { return f.mattered == mattered })
	if i < 0 {
		panic("simclock: a fault is lifted that was not imposed")
	}
	now := c.mono()
	for j := range c.steps {
		if c.steps[j].mattered == mattered {
			c.steps[j].since = now
		}
	}
	c.faults = slices.Delete(c.faults, i, i+1)
	c.turn()
}

func (c *Clock) impose(f clockFault) {
	c.faults = append(c.faults, f)
	if c.turn() && c.armed != clock.Never {
		*f.mattered++
	}
}

// turn begins a new line if the faults that are on make the clock run at another rate, and
// reports whether they do. An alarm that is due earlier than it was gets a new event; one
// that is due later is found to be so when its event fires.
func (c *Clock) turn() bool {
	r := c.rate()
	if r == c.line.rate {
		return false
	}
	shows, part := c.line.at(c.k.Now())
	c.line = line{from: c.k.Now(), shows: shows, part: part, rate: r}
	c.schedule()
	for _, f := range c.changed {
		f()
	}
	return true
}

// rate is that of all faults together.
func (c *Clock) rate() Rate {
	r := True
	for _, f := range c.faults {
		switch {
		case f.frozen:
			return 0
		case f.rate > 0:
			r = min(max(r*f.rate/True, 1), MaxRate)
		}
	}
	return r
}

// offset is by how much the calendar is wrong.
func (c *Clock) offset(mono clock.Instant) int64 {
	off := c.jumped
	for _, s := range c.steps {
		off += s.left(mono)
	}
	return off
}

// left is what of the step has not been slewed away.
func (s step) left(mono clock.Instant) int64 {
	if s.since == clock.Never {
		return s.by
	}
	gone := int64(mono-s.since) / slew
	if s.by < 0 {
		return min(s.by+gone, 0)
	}
	return max(s.by-gone, 0)
}

// OnChange has f called whenever the clock begins to run at another rate: what waits for
// an instant of this clock has to look When that is now.
func (c *Clock) OnChange(f func()) { c.changed = append(c.changed, f) }
