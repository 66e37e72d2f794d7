package sim

import (
	"slices"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/sim/fault"
)

// drawBudget begins to watch what servers make durable, if a clause may take it from them.
func (w *World) drawBudget(clauses []fault.Clause) {
	damages := func(c fault.Clause) bool { return c.Kind.Damages() }
	if !w.cfg.Beyond && slices.ContainsFunc(clauses, damages) {
		w.budget = fault.NewBudget(len(w.servers) - w.cfg.Observers)
	}
}

// permits reports whether a clause is inside the budget now. One that is not is counted,
// and the evidence says why it did not happen.
func (w *World) permits(e *fault.Entry, on []target) bool {
	if w.budget == nil || !e.Clause.Kind.Damages() {
		return true
	}
	why := w.budget.Refusal(numbers(on))
	if why == "" {
		return true
	}
	e.Refused++
	w.fact(0, history.Fact{Kind: history.Refused, Note: e.Clause.String() + ": " + why})
	return false
}

// numbers returns the numbers of the servers among the targets.
func numbers(on []target) (servers []int) {
	for _, t := range on {
		if t.process != nil && t.process.index > 0 {
			servers = append(servers, t.process.index)
		}
	}
	return servers
}

// stalled tells the budget that a stage stands still, or goes on.
func (w *World) stalled(by int) {
	if w.budget != nil {
		w.budget.Stalled(by)
	}
}

// rotted records that a disk has bytes that nobody wrote.
func (w *World) rotted(server int) {
	w.damaged[server] = true
	if w.budget != nil {
		w.budget.Rotten(server)
	}
	w.fact(server, history.Fact{Kind: history.Damaged, Note: "rot"})
}

// emptied records that a disk is empty: whatever is wrong with it from now on is the
// server's doing.
func (w *World) emptied(server int, kind history.FactKind) {
	delete(w.damaged, server)
	if w.budget != nil {
		w.budget.Damaged(server)
	}
	w.fact(server, history.Fact{Kind: kind})
}

// bringBack starts a server when all faults are over. If it cannot read a disk that has
// rotted it gets a new one, as an operator would give it: the budget has written the old
// one off.
func (w *World) bringBack(p *Process) {
	if err := p.Start(); err == nil || !w.damaged[p.index] {
		return // any other error is in the evidence: liveness will name it
	}
	p.disk.Wipe()
	w.emptied(p.index, history.Replaced)
	p.Start() // an error is in the evidence
}

// wipeFor takes the process down, and gives it an empty disk.
func (p *Process) wipeFor(o order) (lift func(), ok bool) {
	return p.stopFor(func() {
		p.Kill()
		*o.mattered += p.disk.Wipe()
		p.world.emptied(p.index, history.Damaged)
	})
}

// rotFor takes the process down, and flips bits of what it had synced: its next life reads
// them.
func (p *Process) rotFor(o order) (lift func(), ok bool) {
	return p.stopFor(func() {
		p.Kill()
		*o.mattered += p.disk.Rot(p.world.chance(o.Clause).Int(uint64(p.index)))
		p.world.rotted(p.index)
	})
}
