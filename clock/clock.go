package clock

import (
	"fmt"
	"math"
	"time"
)

// Instant is a monotonic time in nanoseconds since the start of the world (in the
// simulator) or of the process (elsewhere). Timeouts are measured with it.
type Instant int64

// Never is later than every instant; an alarm set to it is off.
const Never Instant = math.MaxInt64

// Add returns the instant d later. Adding to Never gives Never, and so does what would
// pass it: a very long timeout must not end up in the past.
func (i Instant) Add(d time.Duration) Instant {
	if i == Never || d > 0 && i > Never-Instant(d) {
		return Never
	}
	return i + Instant(d)
}

// Sub returns how long i is after j.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i - j) }

// String prints seconds with microseconds: "12.003400s".
func (i Instant) String() string {
	if i == Never {
		return "never"
	}
	return fmt.Sprintf("%d.%06ds", int64(i)/1e9, int64(i)%1e9/1e3)
}

// Wall is a calendar time in nanoseconds since the Unix epoch. It can step and jump,
// so nothing may be timed with it; znode ctime and mtime are taken from it.
type Wall int64

// Millis returns w in milliseconds since the Unix epoch, the unit of ZooKeeper's Stat.
func (w Wall) Millis() int64 { return int64(w) / int64(time.Millisecond) }

// Now is what a server's clocks show at one event.
type Now struct {
	Mono Instant
	Wall Wall
}

// Alarm wakes its owner once. Setting it again replaces what was set before; an owner
// that waits for several things sets it to the earliest of them.
type Alarm interface {
	// Set arms the alarm for at. Never turns it off. An instant in the past fires as
	// soon as possible, as an event of its own: never from inside Set.
	Set(at Instant)
}
