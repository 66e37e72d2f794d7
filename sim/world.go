package sim

import (
	"fmt"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/simdisk"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/simnet"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// Server is how a service, or a client of our own, enters the world: one inbox, one event
// at a time, never two at once, never from inside a call that it made itself.
type Server interface {
	NetEvent(now clock.Now, ev net.Event)
	DiskDone(now clock.Now, d disk.Done)
	Wake(now clock.Now)
}

// Staged is a Server of which single stages can be stalled.
type Staged interface {
	StallStage(now clock.Now, stage string, on bool) error
	// HeldBack counts the work that stages had to do when they went on after a stall.
	HeldBack() int
}

// Stopper is a Server that holds more than memory, such as coroutines. It is told when its
// life is over, and nothing that it does then reaches anybody.
type Stopper interface {
	Stop()
}

// Timebase is what a program of coroutines (sim/proc) needs of its machine: with it the
// program's sleeps and deadlines are measured by the machine's clock, and its tasks go on
// as events of the process, which can be paused, slow, or over.
type Timebase interface {
	Now() clock.Now
	// When returns the instant of virtual time at which the monotonic clock will show at
	// least mono, if nothing changes.
	When(mono clock.Instant) clock.Instant
	// OnChange has f called, for the rest of this life, when that changes.
	OnChange(f func())
	// Post has something done as an event of the process.
	Post(f func())
}

// Env is the machine that a Server is given at each start. What it did in an earlier life
// is on the disk, nowhere else.
type Env struct {
	Net      net.Network
	Disk     disk.Disk
	Alarm    clock.Alarm
	Time     Timebase
	Evidence func(history.Fact)
	Halted   func(why string) // the process ends itself
}

// Boot starts a process.
type Boot func(env Env, now clock.Now) (Server, error)

// Config is the shape of a world.
type Config struct {
	Noise []kernel.Noise // latencies, crash images: everything that no plan names; nil: the same in each world
	Link  simnet.Latency
	TCP   simnet.TCP
	Disk  simdisk.Config
	// Observers is how many servers, the last ones, have no vote.
	Observers int
	Mixed     int // percent of writes to the network that arrive cut or joined
	// Beyond lifts the budget: what is synced may be damaged as the plan says.
	Beyond bool
}

// The latencies of a healthy world: a network within one site, and disks without a
// battery-backed cache.
var (
	LocalLink   = simnet.Latency{Min: 200 * time.Microsecond, Max: 2 * time.Millisecond}
	OrdinaryHDD = simdisk.Latency{Min: 500 * time.Microsecond, Max: 6 * time.Millisecond}
)

// World is one simulated world. It is used by one goroutine.
type World struct {
	Kernel *kernel.Kernel
	Net    *simnet.Net
	Log    *history.Log

	cfg     Config
	servers []*Process
	clients []*Machine
	others  []*Machine
	ledger  fault.Ledger
	waiting waiting
	budget  *fault.Budget  // nil where nothing can be refused
	damaged map[int]bool   // servers whose disk a fault has damaged
	choices *kernel.Stream // what clauses leave open
	active  map[int]func() // lifts, by index of the clause
	actor   kernel.Actor
	leader  int  // the server that last became leader
	healed  bool // no fault begins any more
}

// Machine is a host of the world, with or without a Process of ours on it.
type Machine struct {
	Host *simnet.Host
	// Hold, if set, is told when nothing can get from or to the machine: guests' marked
	// calls wait with their bytes.
	Hold func(on bool)

	process *Process // of ours; nil on the machine of a guest
}

// New returns a world without machines.
func New(cfg Config) *World {
	w := &World{Kernel: kernel.New(), Log: &history.Log{}, cfg: cfg, active: map[int]func(){}, damaged: map[int]bool{}}
	w.Log.Clock = w.Kernel.Now
	if cfg.Noise != nil {
		w.Kernel.Shake(cfg.Noise...)
	}
	w.Net = simnet.New(w.Kernel, cfg.Link)
	w.Net.Tune(cfg.TCP)
	w.Net.Mix(uint64(cfg.Mixed))
	w.choices = w.Kernel.Stream("faults")
	w.actor = w.Kernel.Register("world", w)
	return w
}

// ServerHost returns the host name of a server, ClientHost that of a client. They are IP
// literals: client libraries resolve names, and must not leave the world to do so.
func ServerHost(i int) string { return fmt.Sprintf("10.0.0.%d", i) }

// ClientHost returns the host name of a client.
func ClientHost(i int) string { return fmt.Sprintf("10.0.1.%d", i) }

// AddServer adds the next server, on a machine of its own with a disk. It is not running.
func (w *World) AddServer(boot Boot) *Process {
	i := len(w.servers) + 1
	p := w.newProcess(ServerHost(i), i, boot)
	w.servers = append(w.servers, p)
	return p
}

// AddClient adds the next client machine, for a guest.
func (w *World) AddClient() *Machine {
	m := &Machine{Host: w.Net.AddHost(ClientHost(len(w.clients) + 1))}
	w.clients = append(w.clients, m)
	return m
}

// AddClientProcess adds the next client machine with a process of our own on it.
func (w *World) AddClientProcess(boot Boot) *Process {
	p := w.newProcess(ClientHost(len(w.clients)+1), 0, boot)
	p.client = len(w.clients) + 1
	w.clients = append(w.clients, &p.Machine)
	return p
}

// AddProcess adds a process that no fault of a plan selects, such as a resource outside
// the service.
func (w *World) AddProcess(host string, boot Boot) *Process {
	p := w.newProcess(host, 0, boot)
	w.others = append(w.others, &p.Machine)
	return p
}

// Servers returns the servers, in order.
func (w *World) Servers() []*Process { return w.servers }

func (w *World) serverMachines() (all []*Machine) {
	for _, p := range w.servers {
		all = append(all, &p.Machine)
	}
	return all
}

// machines returns all machines in a fixed order.
func (w *World) machines() []*Machine {
	return append(append(w.serverMachines(), w.clients...), w.others...)
}

// fact records what a server did, and watches for new leaders.
func (w *World) fact(server int, f history.Fact) {
	f.At, f.Server = w.Kernel.Now(), server
	if f.Kind == history.Established {
		w.leader = server
	}
	w.Log.Fact(f)
	if w.budget != nil && server > 0 {
		w.budget.See(server, f)
	}
	if w.waiting.on != nil && server > 0 {
		w.reported(server, f)
	}
}

// Leader returns the server that last became leader, or 0.
func (w *World) Leader() int { return w.leader }
