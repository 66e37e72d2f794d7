package guest

import (
	"slices"
	"sync/atomic"
	"time"
)

// turn says whose turn it is. It is odd while the programs run or wait, and then it must
// change before long: every program waits sooner or later.
type turn struct {
	count  atomic.Uint64
	bubble int   // the number of the bubble; set before the first turn
	ignore []int // goroutines that are not of programs
}

func (t *turn) begin() { t.count.Add(1) }
func (t *turn) end()   { t.count.Add(1) }

// enter notes which bubble it is. It is called in the bubble.
func (t *turn) enter() int {
	t.bubble = thisGoroutine().bubble
	return t.bubble
}

// watch runs outside the bubble, in real time, until quit is closed. It sends one report
// if the programs' turn lasts longer than the patience.
func (t *turn) watch(patience time.Duration, quit <-chan struct{}, stuck chan<- string) {
	tick := time.NewTicker(patience / 8)
	defer tick.Stop()
	last, since := uint64(0), time.Now()
	for {
		select {
		case <-quit:
			return
		case <-tick.C:
		}
		if n := t.count.Load(); n%2 == 0 || n != last {
			last, since = n, time.Now()
		} else if time.Since(since) >= patience {
			stuck <- explain(t.samples(), patience)
			return
		}
	}
}

// samples takes a few snapshots of the programs' goroutines, so that one which happens
// to run is told from one which always does.
func (t *turn) samples() [][]goroutine {
	var samples [][]goroutine
	for range 9 {
		list := bubbleGoroutines(t.bubble)
		list = slices.DeleteFunc(list, func(g goroutine) bool { return slices.Contains(t.ignore, g.id) })
		samples = append(samples, list)
		time.Sleep(20 * time.Millisecond)
	}
	return samples
}
