package guest

import "time"

// deadline wakes who waits when its time is over. Client libraries move it twice per
// packet, nearly always to later: so one timer is left alone until it fires, and then
// armed anew if that was too early. It is guarded by its connection's mutex.
type deadline struct {
	at    time.Time // zero: none
	timer *time.Timer
	armed time.Time // when the timer fires; zero: it is off
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

// set moves the deadline; wake is called, on a goroutine of its own, when it has passed.
func (d *deadline) set(at time.Time, wake func()) {
	d.at = at
	if !at.IsZero() && (d.armed.IsZero() || at.Before(d.armed)) {
		d.arm(wake)
	}
}

func (d *deadline) arm(wake func()) {
	d.armed = d.at
	if d.timer == nil {
		d.timer = time.AfterFunc(time.Until(d.at), wake)
	} else {
		d.timer.Reset(time.Until(d.at))
	}
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
	d.at, d.armed = time.Time{}, time.Time{}
}

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	c.SetWriteDeadline(t)
	return c.SetReadDeadline(t)
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.read.set(t, c.fired)
	if c.read.passed() {
		c.changed.Broadcast()
	}
	return nil
}

// fired is the timer's: the deadline has passed, or was moved since.
func (c *Conn) fired() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read.armed = time.Time{}
	switch {
	case c.closed || c.read.at.IsZero():
	case c.read.passed():
		c.changed.Broadcast()
	default:
		c.read.arm(c.fired)
	}
}
