package sim

import (
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// item is one event on its way to a Server. It is a value, because most are handled at once
// and need not be kept.
type item struct {
	kind itemKind
	net  net.Event
	disk disk.Done
	call func()
}

type itemKind uint8

const (
	fromNet itemKind = iota
	fromDisk
	toCall // is not told to the Server, but done in its turn
)

// cpu is what handles a process's events. Normally that takes no time. While a fault slows
// it down each event takes a while, and what comes meanwhile waits its turn, as on one
// busy core. The slowness is the machine's: a restart does not cure it.
type cpu struct {
	process *Process
	inbox   []item // held back, in order
	paused  *int   // what the pause held back; nil: not paused
	slow    []slowness
	working bool   // on the first of the inbox
	turn    uint64 // of the work; an interrupted one never ends
	actor   kernel.Actor
	known   bool // to the kernel
}

// slowness is one fault, named by the counter of what it delayed.
type slowness struct {
	each     time.Duration
	mattered *int
}

// deliver hands an event to the process, or keeps it until its turn.
func (c *cpu) deliver(it item) {
	if c.process.server == nil {
		return
	}
	if c.paused == nil && len(c.slow) == 0 && len(c.inbox) == 0 {
		c.process.handle(it)
		return
	}
	if c.paused != nil {
		*c.paused++
	}
	for _, s := range c.slow {
		*s.mattered++
	}
	if it.kind == fromNet {
		c.process.Host.Postpone()
	}
	c.inbox = append(c.inbox, it)
	c.work()
}

// work begins with the first event that waits, if there is one and nothing forbids it.
func (c *cpu) work() {
	if c.paused != nil || c.working || len(c.inbox) == 0 {
		return
	}
	if len(c.slow) == 0 {
		return // the inbox is being drained
	}
	var each time.Duration
	for _, s := range c.slow {
		each += s.each
	}
	c.working = true
	c.turn++
	c.process.world.Kernel.At(c.process.world.Kernel.Now().Add(each), c.actor, 0, c.turn)
}

// interrupt takes back the work that has begun.
func (c *cpu) interrupt() {
	c.turn++
	c.working = false
}

// Fire implements kernel.Handler: the work on an event is done, and its effects show.
func (c *cpu) Fire(_ int32, turn uint64) {
	if turn != c.turn || !c.working {
		return
	}
	c.working = false
	c.handleFirst()
	c.work()
}

// Describe implements kernel.Describer.
func (c *cpu) Describe(_ int32, turn uint64) string {
	if turn != c.turn || !c.working {
		return "nothing: the work was interrupted"
	}
	return "an event is handled, slowly"
}

// handleFirst handles the first event that waits. Its bytes have filled the window of their
// connection until now.
func (c *cpu) handleFirst() {
	it := c.inbox[0]
	c.inbox[0] = item{}
	c.inbox = c.inbox[1:]
	c.process.handle(it)
	if it.kind == fromNet {
		c.process.Host.Took(it.net.Conn, len(it.net.Data))
	}
}

// goOn handles what was held back, in order: at this instant, or as slowly as the cpu is.
func (c *cpu) goOn() {
	for len(c.inbox) > 0 && c.paused == nil && len(c.slow) == 0 {
		c.handleFirst()
	}
	c.work()
}

// forget is the end of a life.
func (c *cpu) forget() {
	c.interrupt()
	c.inbox, c.paused = nil, nil
}

// Pause holds back every event of the process; each counts in mattered.
func (p *Process) Pause(mattered *int) {
	p.cpu.interrupt()
	p.cpu.paused = mattered
}

// Resume ends the pause that was given mattered, if the process is still in it: what was
// held back is delivered, in order, at this instant.
func (p *Process) Resume(mattered *int) {
	if p.cpu.paused != mattered {
		return // it was killed meanwhile, and the pause with it
	}
	p.cpu.paused = nil
	p.cpu.goOn()
}

// SlowDown makes each event take a while before it has any effect; each counts in
// mattered. Several add up.
func (p *Process) SlowDown(each time.Duration, mattered *int) {
	c := &p.cpu
	if !c.known {
		c.known, c.actor = true, p.world.Kernel.Register("cpu "+p.Host.Name(), c)
	}
	c.slow = append(c.slow, slowness{each, mattered})
}

// SpeedUp ends what SlowDown began: once nothing slows the process down it has caught up.
func (p *Process) SpeedUp(mattered *int) {
	c := &p.cpu
	c.slow = slices.DeleteFunc(c.slow, func(s slowness) bool { return s.mattered == mattered })
	if len(c.slow) == 0 {
		c.interrupt()
		c.goOn()
	}
}
