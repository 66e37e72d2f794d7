package guest

import (
	"sync/atomic"
	"testing/synctest"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// Bubble is where programs live. It is the kernel's Driver: virtual time passes when the
// kernel and all programs have nothing left to do at an instant. Its methods are for
// the bubble's main goroutine, on which the kernel runs.
type Bubble struct {
	k         *kernel.Kernel
	start     time.Time // the bubble's time at instant 0
	timer     *time.Timer
	inbox     inbox
	processes []*Process
	turn      turn
	collector collector
	over      atomic.Bool // Teardown has begun: what programs do concerns nobody
	torn      bool        // it has ended
	clean     bool
	residents map[int]bool // goroutines of the bubble that are not of programs
}

func newBubble() *Bubble { return &Bubble{} }

// live is the life of the bubble's main goroutine.
func (b *Bubble) live(body func(*Bubble)) error {
	b.residents = map[int]bool{}
	for _, g := range bubbleGoroutines(b.turn.enter()) {
		b.residents[g.id] = true
		b.turn.ignore = append(b.turn.ignore, g.id)
	}
	b.start = time.Now()
	b.timer = time.NewTimer(time.Hour)
	b.timer.Stop()
	b.inbox.kick = make(chan struct{}, 1)
	body(b)
	clean := b.Teardown()
	if err := b.Err(); err != nil {
		return err
	}
	if !clean {
		return ErrLeftovers
	}
	return nil
}

// Use makes the bubble the kernel's source of time.
func (b *Bubble) Use(k *kernel.Kernel) {
	b.k = k
	b.start = time.Now().Add(-time.Duration(k.Now()))
	k.Use(b)
}

// Err returns why the run cannot go on: a StuckError or a PanicError, or nil. The kernel
// is stopped when there is an error.
func (b *Bubble) Err() error { return b.inbox.trouble() }

// now may be called by any goroutine of the bubble.
func (b *Bubble) now() clock.Instant { return clock.Instant(time.Since(b.start)) }

// Settle implements kernel.Driver.
func (b *Bubble) Settle() {
	for b.quiesce() && b.deliver() {
	}
	b.collector.atQuiescence()
}

// quiesce returns when no program can go on at this instant. It reports false if
// something happened that ends the run.
func (b *Bubble) quiesce() bool {
	b.turn.begin()
	synctest.Wait()
	b.turn.end()
	if b.Err() != nil {
		b.k.Stop()
		return false
	}
	return true
}

// deliver does what the programs asked for, in an order that does not depend on the
// scheduler's. It reports whether there was anything.
func (b *Bubble) deliver() bool {
	calls := b.inbox.take()
	for i := range calls {
		calls[i].do()
	}
	return len(calls) > 0
}

// AdvanceTo implements kernel.Driver. Programs that wake at the instant reached act
// before the kernel's events of that instant.
func (b *Bubble) AdvanceTo(t clock.Instant) clock.Instant {
	if b.Err() == nil && b.inbox.sleep() {
		b.turn.begin()
		b.timer.Reset(t.Sub(b.now()))
		select { // if both are ready the choice does not matter: both look again
		case <-b.timer.C:
		case <-b.inbox.kick:
		}
		b.timer.Stop()
		b.turn.end()
		b.inbox.wake(b.now() > b.k.Now())
	}
	b.quiesce()
	return b.now()
}
