package proc

import "github.com/zoobreak/zoobreak/clock"

// Machine is what a program runs on. Its clock can be wrong, and it hands on the program's
// events as it can: late if it is paused or slow, never once it is down. Who owns the
// program then kills it.
type Machine interface {
	Now() clock.Now
	// When returns the instant of virtual time at which the monotonic clock will show at
	// least mono, if nothing changes; Never if it stands still.
	When(mono clock.Instant) clock.Instant
	// OnChange has f called when that changes.
	OnChange(f func())
	// Post has something done in the program's turn.
	Post(f func())
}

// Now implements client.Runtime.
func (rt *Runtime) Now() clock.Instant {
	if rt.cfg.Machine != nil {
		return rt.cfg.Machine.Now().Mono
	}
	return rt.k.Now()
}

// when returns the instant of virtual time at which the program's clock shows at.
func (rt *Runtime) when(at clock.Instant) clock.Instant {
	if rt.cfg.Machine != nil {
		return rt.cfg.Machine.When(at)
	}
	return at
}

// Fire implements kernel.Handler.
func (rt *Runtime) Fire(_ int32, arg uint64) {
	if rt.cfg.Machine == nil {
		rt.turn(arg)
		return
	}
	if t := rt.slots[arg>>32].task; t != nil && t.expects(uint32(arg)) {
		rt.posted = append(rt.posted, arg)
		rt.cfg.Machine.Post(rt.next)
	}
}

// nextTurn handles the first of the events that the machine was given.
func (rt *Runtime) nextTurn() {
	arg := rt.posted[0]
	rt.posted = rt.posted[1:]
	rt.turn(arg)
}

// expects tells an event that means something from one that the machine need not be
// bothered with.
func (t *Task) expects(number uint32) bool {
	if number != t.alarm || t.state == parked && t.due <= t.rt.Now() {
		return number == t.resumption || number == t.alarm
	}
	t.ring() // sets the alarm anew, if it was moved
	return false
}

// rearm follows a change of the machine's clock: what is due at an instant of the program
// is due at another one of the world. Events that are queued for before mean nothing now.
func (rt *Runtime) rearm() {
	for _, t := range rt.live {
		t.alarm, t.alarmAt = 0, clock.Never
		if t.state == parked {
			t.setAlarm()
		}
	}
}
