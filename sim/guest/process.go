package guest

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/simnet"
)

// Spec says what kind of process to make.
type Spec struct {
	Index    int    // 1.., the client's number in the history
	Name     string // for people
	Host     *simnet.Host
	Log      *history.Log
	Servers  []string // "10.0.0.1:2181"
	Resource net.Addr // where the counters are; empty if the world has none
	Seed     rng.Key
}

// Process is one operating system process on a host of its own, as the program in it
// sees it. Methods may be called by any goroutine of the program, except those said to
// be the driver's.
type Process struct {
	b      *Bubble
	spec   Spec
	stopAt atomic.Int64 // Running is false from this instant on
	ended  atomic.Bool  // the program has returned
	began  bool
	conns  atomic.Uint64 // connections ever dialed

	// The rest belongs to the driver.
	open   []*Conn // with an end in the network, oldest first
	marks  marks
	tasks  tasks
	client client
	notes  int
}

// NewProcess makes a process and gives it to its host. For the driver.
func (b *Bubble) NewProcess(spec Spec) *Process {
	if b.k == nil {
		panic("guest: a process needs a kernel: call Use before NewProcess")
	}
	p := &Process{b: b, spec: spec}
	p.stopAt.Store(int64(clock.Never))
	p.marks = marks{p: p, lock: defaultLock}
	p.client = client{p: p, actor: b.k.Register("process "+spec.Name, redialer{p})}
	b.processes = append(b.processes, p)
	spec.Host.Run(owner{p})
	return p
}

// Start starts the program, as a goroutine of the bubble, at the current instant. For
// the driver.
func (p *Process) Start(program func(*Process)) {
	if p.began {
		panic("guest: the program of " + p.spec.Name + " is started twice")
	}
	p.began = true
	p.marks.idle()
	go func() {
		defer p.ended.Store(true) // after runtime.Goexit too
		defer p.caught()
		program(p)
	}()
}

func (p *Process) caught() {
	if v := recover(); v != nil {
		p.b.inbox.fail(&PanicError{p.spec.Name, fmt.Sprintf("%v\n%s", v, debug.Stack())})
	}
}

// StopAt makes Running false from the given instant on.
func (p *Process) StopAt(t clock.Instant) { p.stopAt.Store(int64(t)) }

// Stop makes Running false now.
func (p *Process) Stop() { p.StopAt(0) }

// Running reports whether the program should go on. It should end soon once it is false.
func (p *Process) Running() bool { return int64(p.b.now()) < p.stopAt.Load() }

// Elapsed returns the virtual time since the world began, the time that plans count in.
func (p *Process) Elapsed() time.Duration { return time.Duration(p.b.now()) }

// Name returns the name of the process.
func (p *Process) Name() string { return p.spec.Name }

// Servers returns the addresses of the servers.
func (p *Process) Servers() []string { return append([]string(nil), p.spec.Servers...) }

// Seed returns the key from which the program may draw randomness.
func (p *Process) Seed() rng.Key { return p.spec.Seed }

// maxNotes bounds the lines kept from one process.
const maxNotes = 2000

// Printf logs a line. It has the form that client libraries want of a logger.
func (p *Process) Printf(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	p.b.inbox.post(p, 0, func() { p.note(line) })
}

func (p *Process) note(line string) {
	if p.notes++; p.notes > maxNotes || p.b.over.Load() {
		return
	}
	p.b.k.Fold(rng.HashString(line))
	now := p.b.k.Now()
	h := p.spec.Log.Call(now, history.Op{Client: p.spec.Index, Kind: history.Note, Name: line})
	p.spec.Log.Return(h, now, history.OK, nil)
}

// owner receives the events of the process's host.
type owner struct{ p *Process }

// NetEvent implements simnet.Owner.
func (o owner) NetEvent(ev net.Event) {
	if o.p.b.over.Load() || o.p.client.netEvent(ev) {
		return
	}
	for _, c := range o.p.open {
		if c.conn == ev.Conn {
			c.netEvent(ev)
			return
		}
	}
}
