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
	for i, c := range clauses {
		if c.On == "" {
			w.Kernel.At(clock.Instant(c.At), w.actor, faultBegins, uint64(i))
		}
	}
	w.Log.Watch = w.trigger
}

// trigger begins the clauses that have waited for an operation to succeed, in an event of
// their own at this instant.
func (w *World) trigger(op *history.Op) {
	on := map[history.Kind]string{history.Acquire: fault.OnAcquire, history.EffectRead: fault.OnRead}[op.Kind]
	if on == "" || op.Status != history.OK {
		return
	}
	for i, e := range w.ledger {
		c := e.Clause
		if c.On != on || c.Who != fault.Client(op.Client) || w.Kernel.Now() < clock.Instant(c.At) || w.healed {
			continue
		}
		if e.Seen++; e.Seen == c.Nth {
			w.Kernel.At(w.Kernel.Now(), w.actor, faultBegins, uint64(i))
		}
	}
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
	e := w.ledger[i]
	if w.healed {
		return
	}
	lift, ok := w.impose(e)
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
		p.Start() // an error is in the evidence: liveness will name it
	}
	w.fact(0, history.Fact{Kind: history.Healed})
}

// impose does what the clause says to everybody it selects, and returns how to undo it;
// ok is false if there is nobody to do it to.
func (w *World) impose(e *fault.Entry) (lift func(), ok bool) {
	var lifts []func()
	for _, t := range w.find(e.Clause.Who) {
		if lift, ok := w.imposeOn(t, e); ok {
			lifts = append(lifts, lift)
		}
	}
	return func() {
		for _, lift := range lifts {
			lift()
		}
	}, len(lifts) > 0
}

// target is a machine, and the server on it if it is a server's.
type target struct {
	*Machine
	server *Process
}

func (w *World) imposeOn(t target, e *fault.Entry) (lift func(), ok bool) {
	c, p := e.Clause, t.server
	switch c.Kind {
	case fault.Kill:
		return p.stopFor(func() { e.Mattered += p.Kill() })
	case fault.PowerLoss:
		return p.stopFor(func() { e.Mattered += p.PowerOff() })
	case fault.Pause:
		return p.pauseFor(&e.Mattered)
	case fault.Isolate:
		return w.block(t.Machine, w.machines(), true, true, &e.Mattered), true
	case fault.Cut:
		return w.block(t.Machine, w.serverMachines(), true, true, &e.Mattered), true
	case fault.OneWay:
		return w.block(t.Machine, w.machines(), true, false, &e.Mattered), true
	case fault.SlowLink:
		return w.slow(t.Machine, time.Duration(c.Extra), &e.Mattered), true
	case fault.Reset:
		return func() {}, w.reset(t.Machine, &e.Mattered)
	case fault.SlowDisk:
		p.disk.Slow(time.Duration(c.Extra), &e.Mattered)
		return func() { p.disk.Unslow(&e.Mattered) }, true
	case fault.Stall:
		return p.stallFor(c.Stage, &e.Mattered)
	}
	panic("sim: a fault of unknown kind: " + string(c.Kind))
}

// find returns who a selector selects now.
func (w *World) find(who fault.Who) (found []target) {
	for i, p := range w.servers {
		if who.Kind == "servers" || who == fault.Server(i+1) || who.Kind == "leader" && w.leader == i+1 {
			found = append(found, target{&p.Machine, p})
		}
	}
	for i, m := range w.clients {
		if who == fault.Client(i+1) {
			found = append(found, target{m, nil})
		}
	}
	return found
}

func (w *World) serverMachines() (all []*Machine) {
	for _, p := range w.servers {
		all = append(all, &p.Machine)
	}
	return all
}

// stopFor takes the process down, and up again when the fault ends.
func (p *Process) stopFor(stop func()) (lift func(), ok bool) {
	if !p.Running() {
		return nil, false
	}
	stop()
	return func() { p.Start() }, true // an error is in the evidence
}

func (p *Process) pauseFor(mattered *int) (lift func(), ok bool) {
	if p.server == nil || p.cpu.paused != nil {
		return nil, false
	}
	p.Pause(mattered)
	return func() { p.Resume(mattered) }, true
}

func (p *Process) stallFor(stage string, mattered *int) (lift func(), ok bool) {
	s, staged := p.server.(Staged)
	if !staged || p.cpu.paused != nil || s.StallStage(p.clock.Now(), stage, true) != nil {
		return nil, false
	}
	before, life := s.HeldBack(), p.life
	return func() {
		*mattered += s.HeldBack() - before
		if p.life != life || p.server == nil {
			return // that life, with its stall, is over
		}
		p.Post(func() { s.StallStage(p.clock.Now(), stage, false) })
	}, true
}

// block holds back what m sends to, or is sent by, the others.
func (w *World) block(m *Machine, others []*Machine, out, in bool, mattered *int) (lift func()) {
	each := func(f func(from, to *Machine)) {
		for _, o := range others {
			if o != m && out {
				f(m, o)
			}
			if o != m && in {
				f(o, m)
			}
		}
	}
	each(func(from, to *Machine) { w.Net.Block(from.Host, to.Host, mattered) })
	whole := in && out && len(others) == len(w.machines())
	if whole && m.Hold != nil {
		m.Hold(true)
	}
	return func() {
		each(func(from, to *Machine) { w.Net.Unblock(from.Host, to.Host, mattered) })
		if whole && m.Hold != nil {
			m.Hold(false)
		}
	}
}

func (w *World) slow(m *Machine, extra time.Duration, mattered *int) (lift func()) {
	each := func(f func(o *Machine)) {
		for _, o := range w.machines() {
			if o != m {
				f(o)
			}
		}
	}
	each(func(o *Machine) {
		w.Net.Slow(m.Host, o.Host, extra, mattered)
		w.Net.Slow(o.Host, m.Host, extra, mattered)
	})
	return func() {
		each(func(o *Machine) {
			w.Net.Unslow(m.Host, o.Host, mattered)
			w.Net.Unslow(o.Host, m.Host, mattered)
		})
	}
}

func (w *World) reset(m *Machine, mattered *int) bool {
	broken := 0
	for _, o := range w.machines() {
		if o != m {
			broken += w.Net.Reset(m.Host, o.Host)
		}
	}
	*mattered += broken
	return broken > 0
}

// Describe implements kernel.Describer.
func (w *World) Describe(kind int32, arg uint64) string {
	if kind == faultEnds {
		return "ends: " + w.ledger[arg].Clause.String()
	}
	return "begins: " + w.ledger[arg].Clause.String()
}
