package inbox

import "time"

// capacity bounds what waits for an owner. Who finds the inbox full waits: a reader then
// stops reading, and TCP makes its peer wait too.
const capacity = 256

// Inbox holds what an owner has not handled yet, in the order in which it came. An event
// is a function that runs on the owner's thread; so whether it still matters (the
// connection was closed, the alarm turned off) is decided there and then.
type Inbox struct {
	events chan func()
	gone   chan struct{}
}

// New returns an empty inbox.
func New() *Inbox {
	return &Inbox{events: make(chan func(), capacity), gone: make(chan struct{})}
}

// Post queues an event, and waits while the inbox is full; so the owner's own thread must
// not call it. It returns false if the owner is gone.
func (b *Inbox) Post(event func()) bool {
	if b.closed() {
		return false
	}
	select {
	case b.events <- event:
		return true
	case <-b.gone:
		return false
	}
}

// Call posts an event and waits until it has run. If it returns false the owner is gone
// and the event did not run to its end: what it was to take over is still the caller's.
func (b *Inbox) Call(event func()) bool {
	done := make(chan struct{})
	b.Post(func() {
		event()
		close(done)
	})
	select {
	case <-done:
		return true
	case <-b.gone:
	}
	select {
	case <-done: // just before the owner went
		return true
	default:
		return false
	}
}

// Run makes the calling goroutine the owner's thread until Close.
func (b *Inbox) Run() {
	for b.Next() {
	}
}

// Next runs the next event on the calling goroutine, and waits for it if it has to. It
// returns false if the inbox is closed.
func (b *Inbox) Next() bool {
	if b.closed() {
		return false
	}
	select {
	case event := <-b.events:
		event()
		return true
	case <-b.gone:
		return false
	}
}

// Try is Next, but does not wait. It returns false if there is no event.
func (b *Inbox) Try() bool {
	if b.closed() {
		return false
	}
	select {
	case event := <-b.events:
		event()
		return true
	default:
		return false
	}
}

// Step runs the next event on the calling goroutine. It returns false if none came in
// time, or the inbox is closed.
func (b *Inbox) Step(timeout time.Duration) bool {
	if b.closed() {
		return false
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case event := <-b.events:
		event()
		return true
	case <-timer.C:
		return false
	}
}

// Close ends the owner: no event runs any more, and nobody waits to post one. It is called
// on the owner's thread, and may be called again.
func (b *Inbox) Close() {
	if !b.closed() {
		close(b.gone)
	}
}

func (b *Inbox) closed() bool {
	select {
	case <-b.gone:
		return true
	default:
		return false
	}
}
