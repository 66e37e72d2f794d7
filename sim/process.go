package sim

import (
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/clock/simclock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/simdisk"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// Process is a machine with a Server on it, or without while it is down. It stands
// between the world's events and the Server's inbox.
type Process struct {
	Machine
	world  *World
	index  int // of a server; 0 for others
	client int // of a client; 0 for others
	boot   Boot
	disk   *simdisk.Disk
	crash  *kernel.Stream // what a power failure leaves
	clock  *simclock.Clock
	cpu    cpu
	server Server // nil: down
	life   uint64
	halted bool // it wants to end
	ended  bool // it is down because it ended itself, or could not start
	stalls int  // stages that stand still in this life
}

func (w *World) newProcess(host string, index int, boot Boot) *Process {
	p := &Process{world: w, index: index, boot: boot}
	p.Host, p.process = w.Net.AddHost(host), p
	p.disk = simdisk.New(w.Kernel, host, w.cfg.Disk)
	p.crash = w.Kernel.Stream("crash " + host)
	p.clock = simclock.New(w.Kernel, host, p.Post, func() { p.server.Wake(p.clock.Now()) })
	p.cpu.process = p
	return p
}

// Running reports whether the process is up.
func (p *Process) Running() bool { return p.server != nil }

// Server returns what runs, or nil.
func (p *Process) Server() Server { return p.server }

// Now returns what the machine's clocks show.
func (p *Process) Now() clock.Now { return p.clock.Now() }

// When implements Timebase.
func (p *Process) When(mono clock.Instant) clock.Instant { return p.clock.When(mono) }

// OnChange implements Timebase.
func (p *Process) OnChange(f func()) { p.clock.OnChange(f) }

// Start boots the process. It does nothing if the process runs already.
func (p *Process) Start() error {
	if p.server != nil {
		return nil
	}
	p.life++
	life := p.life
	p.clock.Off()
	p.Host.Run(p)
	p.disk.Run(p)
	p.lives(history.Started, "")
	s, err := p.boot(Env{
		Net: p.Host, Disk: p.disk, Alarm: p.clock, Time: p, Evidence: p.note,
		Halted: func(string) { p.halted = life == p.life },
	}, p.clock.Now())
	if err != nil {
		p.Host.Kill()
		p.disk.Kill()
		p.down()
		p.ended = true
		p.note(history.Fact{Kind: history.Halted, Note: err.Error()})
		return err
	}
	p.server, p.ended = s, false
	return nil
}

func (p *Process) note(f history.Fact) {
	if p.index > 0 {
		p.world.fact(p.index, f)
	}
}

// lives records that a life begins or ends.
func (p *Process) lives(kind history.FactKind, note string) {
	if p.client == 0 {
		p.note(history.Fact{Kind: kind, Note: note})
		return
	}
	kind = map[history.FactKind]history.FactKind{history.Started: history.ClientStarted, history.Stopped: history.ClientStopped}[kind]
	p.world.fact(0, history.Fact{Kind: kind, Client: p.client, Note: note})
}

// NetEvent implements simnet.Owner.
func (p *Process) NetEvent(ev net.Event) { p.cpu.deliver(item{kind: fromNet, net: ev}) }

// DiskDone implements simdisk.Owner.
func (p *Process) DiskDone(d disk.Done) { p.cpu.deliver(item{kind: fromDisk, disk: d}) }

// Post has something done as an event of the process: in its turn, late if the process is
// paused or slow, and never if it ends before.
func (p *Process) Post(f func()) { p.cpu.deliver(item{kind: toCall, call: f}) }

// handle gives the Server an event.
func (p *Process) handle(it item) {
	switch it.kind {
	case fromNet:
		p.server.NetEvent(p.clock.Now(), it.net)
	case fromDisk:
		p.server.DiskDone(p.clock.Now(), it.disk)
	case toCall:
		it.call()
	}
	p.reap()
}

// reap takes down a process that ended itself.
func (p *Process) reap() {
	if p.halted {
		p.Kill()
		p.ended = true
	}
}

// Kill ends the process as kill -9 does: what it wrote stays, its connections are closed
// by its machine. It returns how many connections that broke.
func (p *Process) Kill() (broken int) {
	if p.server == nil {
		return 0
	}
	broken = p.Host.Connections()
	p.Host.Kill()
	p.disk.Kill()
	p.lives(history.Stopped, "killed")
	p.down()
	return broken
}

// PowerOff ends the process and its machine: unsynced data is lost, and nobody is told.
// It returns how many connections and bytes that cost.
func (p *Process) PowerOff() (lost int) {
	if p.server == nil {
		return 0
	}
	lost = p.Host.Connections()
	p.Host.PowerOff()
	lost += p.disk.PowerOff(p.crash.Key().Int(p.life))
	p.lives(history.Stopped, "lost power")
	p.down()
	return lost
}

// down is the end of a life.
func (p *Process) down() {
	p.stalled(-p.stalls)
	ended := p.server
	p.server, p.halted = nil, false
	if s, ok := ended.(Stopper); ok {
		s.Stop()
	}
	p.cpu.forget()
	p.clock.Off()
}
