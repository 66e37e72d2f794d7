package sim

import (
	"time"

	"github.com/zoobreak/zoobreak/clock/simclock"
	"github.com/zoobreak/zoobreak/sim/fault"
)

// order is a clause that begins now: what it is to do, and where what it does is counted.
type order struct {
	fault.Clause
	on       []target // whom the clause selects; of a link, nobody
	links    []direction
	mattered *int
}

// imposer does what a clause says to everybody it selects, and returns how to undo it; ok
// is false if there was nothing to do it to.
type imposer func(w *World, o order) (lift func(), ok bool)

// imposers has a row for each kind of fault.
var imposers = map[fault.Kind]imposer{
	fault.Kill:      eachProcess((*Process).killFor),
	fault.Restart:   eachProcess((*Process).restart),
	fault.PowerLoss: eachProcess((*Process).powerOffFor),
	fault.Pause:     eachProcess((*Process).pauseFor),
	fault.SlowDisk:  eachProcess((*Process).slowDiskFor),
	fault.Stall:     eachProcess((*Process).stallFor),
	fault.FailSync:  eachProcess((*Process).failSyncFor),
	fault.FailWrite: eachProcess((*Process).failWriteFor),
	fault.Fill:      eachProcess((*Process).fillFor),
	fault.Wipe:      eachProcess((*Process).wipeFor),
	fault.Rot:       eachProcess((*Process).rotFor),
	fault.SlowCPU:   eachProcess((*Process).slowCPUFor),

	fault.ClockRate:   eachProcess((*Process).clockRateFor),
	fault.ClockFreeze: eachProcess((*Process).clockFreezeFor),
	fault.ClockStep:   eachProcess((*Process).clockStepFor),
	fault.ClockJump:   eachProcess((*Process).clockJump),

	fault.Isolate:  (*World).isolate,
	fault.Cut:      (*World).cut,
	fault.OneWay:   (*World).oneWay,
	fault.Halves:   (*World).halve,
	fault.Bridge:   (*World).bridge,
	fault.Ring:     (*World).ring,
	fault.Scatter:  (*World).scatter,
	fault.SlowLink: (*World).slow,
	fault.Throttle: (*World).throttle,
	fault.Refuse:   (*World).refuse,
	fault.HalfOpen: (*World).halfOpen,
	fault.Reset:    (*World).reset,
}

// impose begins clause i.
func (w *World) impose(i int) (lift func(), ok bool) {
	e := w.ledger[i]
	o := order{Clause: e.Clause, mattered: &e.Mattered}
	if o.on, o.links, ok = w.find(i); !ok || !w.permits(e, o.on) {
		return nil, false
	}
	do := imposers[o.Kind]
	if do == nil {
		panic("sim: a fault of unknown kind: " + string(o.Kind))
	}
	return do(w, o)
}

// eachProcess does something to the process of each target that has one.
func eachProcess(do func(*Process, order) (lift func(), ok bool)) imposer {
	return func(_ *World, o order) (func(), bool) {
		var lifts []func()
		for _, t := range o.on {
			if t.process == nil {
				continue
			}
			if lift, ok := do(t.process, o); ok {
				lifts = append(lifts, lift)
			}
		}
		return all(lifts), len(lifts) > 0
	}
}

func all(lifts []func()) func() {
	return func() {
		for _, lift := range lifts {
			lift()
		}
	}
}

func nothing() {}

func (p *Process) killFor(o order) (lift func(), ok bool) {
	return p.stopFor(func() { *o.mattered += p.Kill() })
}

func (p *Process) powerOffFor(o order) (lift func(), ok bool) {
	return p.stopFor(func() { *o.mattered += p.PowerOff() })
}

// restart is a kill with the next life at the same instant.
func (p *Process) restart(o order) (lift func(), ok bool) {
	if !p.Running() {
		return nil, false
	}
	*o.mattered += p.Kill()
	p.Start() // an error is in the evidence
	return nothing, true
}

// stopFor takes the process down, and up again when the fault ends.
func (p *Process) stopFor(stop func()) (lift func(), ok bool) {
	if !p.Running() {
		return nil, false
	}
	stop()
	return func() { p.Start() }, true // an error is in the evidence
}

func (p *Process) pauseFor(o order) (lift func(), ok bool) {
	if p.server == nil || p.cpu.paused != nil {
		return nil, false
	}
	p.Pause(o.mattered)
	return func() { p.Resume(o.mattered) }, true
}

func (p *Process) slowDiskFor(o order) (lift func(), ok bool) {
	p.disk.Slow(time.Duration(o.Extra), o.mattered)
	return func() { p.disk.Unslow(o.mattered) }, true
}

func (p *Process) failSyncFor(o order) (lift func(), ok bool) {
	p.disk.FailSyncs(o.mattered)
	return p.revive(func() { p.disk.HealSyncs(o.mattered) }), true
}

func (p *Process) failWriteFor(o order) (lift func(), ok bool) {
	p.disk.FailWrites(o.mattered)
	return p.revive(func() { p.disk.HealWrites(o.mattered) }), true
}

func (p *Process) fillFor(o order) (lift func(), ok bool) {
	p.disk.Fill(o.mattered)
	return p.revive(func() { p.disk.Unfill(o.mattered) }), true
}

// revive lifts what is wrong with the disk, and then starts the process if it has ended
// because of it: an operator repairs first. One that was killed meanwhile comes back when
// that fault says so.
func (p *Process) revive(repair func()) (lift func()) {
	return func() {
		repair()
		if p.ended {
			p.Start() // an error is in the evidence
		}
	}
}

func (p *Process) stallFor(o order) (lift func(), ok bool) {
	s, staged := p.server.(Staged)
	if !staged || p.cpu.paused != nil || s.StallStage(p.clock.Now(), o.Stage, true) != nil {
		return nil, false
	}
	life := p.life
	p.stalled(1)
	return func() {
		if p.life != life || p.server == nil {
			return // that life, with its stall, is over
		}
		// A process that is paused or slow goes on later, and so do its reports.
		p.Post(func() {
			before := s.HeldBack()
			s.StallStage(p.clock.Now(), o.Stage, false)
			*o.mattered += s.HeldBack() - before
			p.stalled(-1)
		})
	}, true
}

// stalled counts the stages that stand still, for the budget too, until the process ends.
func (p *Process) stalled(by int) {
	p.stalls += by
	p.world.stalled(by)
}

func (p *Process) slowCPUFor(o order) (lift func(), ok bool) {
	p.SlowDown(time.Duration(o.Extra), o.mattered)
	return func() { p.SpeedUp(o.mattered) }, true
}

func (p *Process) clockRateFor(o order) (lift func(), ok bool) {
	p.clock.RunAt(simclock.Rate(o.Percent)*simclock.Percent, o.mattered)
	return func() { p.clock.Lift(o.mattered) }, true
}

func (p *Process) clockFreezeFor(o order) (lift func(), ok bool) {
	p.clock.Freeze(o.mattered)
	return func() { p.clock.Lift(o.mattered) }, true
}

func (p *Process) clockStepFor(o order) (lift func(), ok bool) {
	p.clock.Step(time.Duration(o.Shift), o.mattered)
	return func() { p.clock.Lift(o.mattered) }, true
}

// clockJump has no end: even healing does not know what time it should be.
func (p *Process) clockJump(o order) (lift func(), ok bool) {
	p.clock.Jump(time.Duration(o.Shift), o.mattered)
	return nothing, true
}
