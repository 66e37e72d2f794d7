package sim

import (
	"maps"
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/sim/fault"
)

// Events of the world in the kernel: clause arg begins, or ends.
const (
	faultBegins int32 = iota
	faultEnds
)

// Arm schedules the clauses of a plan.
func (w *World) Arm(clauses []fault.Clause) {
	w.ledger = fault.NewLedger(clauses)
	w.waiting = newWaiting(clauses)
	for i, c := range clauses {
		if !c.Waits() {
			w.Kernel.At(clock.Instant(c.At), w.actor, faultBegins, uint64(i))
		}
	}
	w.watch()
	w.drawBudget(clauses)
}

// Ledger returns the counts of what was armed.
func (w *World) Ledger() fault.Ledger { return w.ledger }

// Fire implements kernel.Handler.
func (w *World) Fire(kind int32, arg uint64) {
	i := int(arg)
	if kind == faultEnds {
		w.lift(i)
		return
	}
	if w.healed {
		return
	}
	e := w.ledger[i]
	lift, ok := w.impose(i)
	if !ok {
		return
	}
	e.Fired++
	w.fact(0, history.Fact{Kind: history.FaultOn, Note: e.Clause.String()})
	w.active[i] = lift
	w.Kernel.At(w.Kernel.Now().Add(time.Duration(e.Clause.For)), w.actor, faultEnds, arg)
}

func (w *World) lift(i int) {
	lift, ok := w.active[i]
	if !ok {
		return // healed before its time
	}
	delete(w.active, i)
	lift()
	w.fact(0, history.Fact{Kind: history.FaultOff, Note: w.ledger[i].Clause.String()})
}

// Heal ends every fault that is on, arms no further one, and brings back what is down:
// from here on the service has what it needs, and must make progress.
func (w *World) Heal() {
	w.healed = true
	for _, i := range slices.Sorted(maps.Keys(w.active)) {
		w.lift(i)
	}
	for _, p := range w.servers {
		w.bringBack(p)
	}
	w.fact(0, history.Fact{Kind: history.Healed})
}

// Describe implements kernel.Describer.
func (w *World) Describe(kind int32, arg uint64) string {
	if kind == faultEnds {
		return "ends: " + w.ledger[arg].Clause.String()
	}
	return "begins: " + w.ledger[arg].Clause.String()
}
