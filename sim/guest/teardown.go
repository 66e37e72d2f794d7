package guest

import (
	"io"
	"testing/synctest"
	"time"
)

// Programs get this much virtual time to end.
const (
	teardownLimit = 120 * time.Second
	teardownStep  = 250 * time.Millisecond
)

// Teardown ends all programs: Running is false, connections are at their end, a new one
// says that the session has expired, and counters answer at once. The world is over with
// it; the kernel must not be run again. It reports whether all programs returned and left
// no goroutine behind. Called again, it says the same again.
func (b *Bubble) Teardown() (clean bool) {
	if !b.torn {
		b.torn = true
		b.clean = b.teardown()
	}
	return b.clean
}

func (b *Bubble) teardown() bool {
	b.over.Store(true)
	for _, p := range b.processes {
		p.tearDown()
	}
	for waited := time.Duration(0); waited < teardownLimit; waited += teardownStep {
		b.turn.begin()
		synctest.Wait()
		b.turn.end()
		if b.Err() != nil {
			return false
		}
		if !b.deliver() && b.ended() {
			return true
		}
		b.turn.begin()
		time.Sleep(teardownStep)
		b.turn.end()
		b.inbox.wake(true)
	}
	return false
}

// tearDown lets go of everything that the program could wait for.
func (p *Process) tearDown() {
	p.Stop()
	p.marks.flush()
	p.end()
	for _, c := range p.open {
		c.conn = 0
		c.fail(io.EOF)
	}
	p.open = nil
}

// ended reports whether nothing of the programs is left.
func (b *Bubble) ended() bool {
	for _, p := range b.processes {
		if p.began && !p.ended.Load() {
			return false
		}
	}
	return len(b.strangers()) == 0
}

// strangers returns the goroutines of the bubble that programs started.
func (b *Bubble) strangers() (list []goroutine) {
	for _, g := range bubbleGoroutines(b.turn.bubble) {
		if !b.residents[g.id] {
			list = append(list, g)
		}
	}
	return list
}
