package simclock

import (
	"math"

	"github.com/zoobreak/zoobreak/clock"
)

// Rate is how fast a clock runs, in millionths of true time. It is an integer, because what
// a clock shows must be the same on every machine.
type Rate int64

// True is the rate of a clock that is right, and Percent a hundredth of it.
const (
	True    Rate = 1_000_000
	Percent      = True / 100
	MaxRate      = 100 * True // more than any clock that somebody would call one
)

// line is how a clock moves as long as nothing changes its rate. The part of a nanosecond
// that it has run up is carried from one line to the next: a clock whose rate changes a
// thousand times is as exact as one whose rate never did.
type line struct {
	from  clock.Instant // in virtual time
	shows clock.Instant // from there on
	part  int64         // and so many millionths of a nanosecond more
	rate  Rate          // 0: it stands still
}

const millionths = int64(True)

// at returns what the clock shows at an instant of virtual time: rounded down, as clocks
// do. The products are split so that hours at any rate stay within 64 bits.
func (l line) at(t clock.Instant) (shows clock.Instant, part int64) {
	d, rate := int64(t-l.from), int64(l.rate)
	rest := d%millionths*rate + l.part
	return l.shows + clock.Instant(d/millionths*rate+rest/millionths), rest % millionths
}

// when returns the first instant of virtual time at which the clock shows at least mono,
// or Never if it stands still before.
func (l line) when(mono clock.Instant) clock.Instant {
	if mono <= l.shows {
		return l.from
	}
	if l.rate == 0 || mono == clock.Never {
		return clock.Never
	}
	n, rate := int64(mono-l.shows), int64(l.rate)
	if n/rate > math.MaxInt64/(4*millionths) {
		return clock.Never // in centuries
	}
	rest := n%rate*millionths - l.part
	whole := n / rate * millionths
	return l.from + clock.Instant(whole+ceil(rest, rate))
}

// ceil divides, and rounds up. Go rounds towards zero, which is up for negative n.
func ceil(n, by int64) int64 {
	if n > 0 {
		n += by - 1
	}
	return n / by
}
