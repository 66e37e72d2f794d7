package scenarios

import (
	"fmt"
	"time"

	"github.com/zoobreak/zoobreak/client/native"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/history/tap"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/node"
	"github.com/zoobreak/zoobreak/node/bugs"
	"github.com/zoobreak/zoobreak/node/host"
	"github.com/zoobreak/zoobreak/sim"
	"github.com/zoobreak/zoobreak/sim/guest"
	"github.com/zoobreak/zoobreak/wire"
	"github.com/zoobreak/zoobreak/workloads"
)

// world is a sim.World that is filled from a plan.
type world struct {
	*sim.World
	scenario *Scenario
	plan     *Plan
	bugs     bugs.Set
	bubble   *guest.Bubble
	guests   []*guest.Process
	writers  []*sim.Process
	probe    *sim.Process
	trace    []string
}

func build(s *Scenario, p *Plan, b *guest.Bubble) *world {
	w := &world{scenario: s, plan: p, bubble: b}
	w.bugs, _ = bugs.Parse(p.Bugs...) // validated with the plan
	w.World = sim.New(sim.Config{Noise: rng.New(p.Noise), Link: sim.LocalLink, Sync: sim.OrdinaryHDD, Servers: p.Servers, Clients: p.Clients})
	for i := 1; i <= p.Servers; i++ {
		w.AddServer(w.bootServer(node.ID(i)))
	}
	if b != nil {
		w.addGuests(p.Clients)
	}
	for i := 1; b == nil && i <= p.Clients; i++ {
		w.writers = append(w.writers, w.AddClientProcess(w.bootWriter(i, p.opsOf(i))))
	}
	w.probe = w.AddProcess("10.0.2.1", w.bootWriter(probeClient, nil))
	return w
}

// The times of the servers. The session timeouts of plans lie well above twice the tick.
const (
	tick      = 500 * time.Millisecond
	initLimit = 10
	syncLimit = 4
	snapEvery = 60 // few, so that runs see snapshots
)

func (w *world) serverConfig(id node.ID) node.Config {
	c := node.Config{
		ID: id, Tick: tick, InitLimit: initLimit, SyncLimit: syncLimit, SnapEvery: snapEvery,
		MinSession: 2 * tick, MaxSession: 20 * tick, Bugs: w.bugs,
	}
	for i := 1; i <= w.plan.Servers; i++ {
		c.Voters = append(c.Voters, node.ID(i))
	}
	return c
}

// server is a node's host as a process of the world.
type server struct{ *host.Host }

// StallStage implements sim.Staged.
func (s server) StallStage(now clock.Now, stage string, on bool) error {
	st, err := node.ParseStage(stage)
	if err == nil {
		s.Stall(now, st, on)
	}
	return err
}

// HeldBack implements sim.Staged.
func (s server) HeldBack() int { return s.Node().HeldBack() }

func (w *world) bootServer(id node.ID) sim.Boot {
	return func(env sim.Env, now clock.Now) (sim.Server, error) {
		peers := map[node.ID]string{}
		for i := 1; i <= w.plan.Servers; i++ {
			peers[node.ID(i)] = sim.ServerHost(i)
		}
		h, err := host.Boot(w.serverConfig(id), host.Env{
			Net: env.Net, Disk: env.Disk, Alarm: env.Alarm, Peers: peers, Evidence: env.Evidence, Halted: env.Halted,
		}, now)
		return server{h}, err
	}
}

// writer is a native client as a process of the world; it has no use for its disk.
type writer struct{ *workloads.Writer }

// DiskDone implements sim.Server.
func (writer) DiskDone(clock.Now, disk.Done) {
	panic("scenarios: a writer has submitted nothing to a disk")
}

func (w *world) bootWriter(client int, ops []workloads.Op) sim.Boot {
	return func(env sim.Env, now clock.Now) (sim.Server, error) {
		cfg := native.Config{Servers: w.serverAddrs(), First: client, Timeout: time.Duration(w.plan.Session),
			Tap: func() native.Tap { return tap.New(w.Log, client) }}
		return writer{workloads.NewWriter(ops, cfg, env.Net, env.Alarm, now)}, nil
	}
}

func (w *world) serverAddrs() (addrs []net.Addr) {
	for i := 1; i <= w.plan.Servers; i++ {
		addrs = append(addrs, net.MakeAddr(sim.ServerHost(i), host.ClientPort))
	}
	return addrs
}

func (w *world) startServers() {
	for _, p := range w.Servers() {
		if err := p.Start(); err != nil {
			panic("scenarios: a server does not start on an empty disk: " + err.Error())
		}
	}
}

func (w *world) startClients() {
	for i, p := range w.writers {
		if !w.plan.idle(i + 1) {
			p.Start() // a writer's boot cannot fail
		}
	}
	w.startGuests()
}

// probeClient is the client number, in the evidence, of the client that demands progress.
// The checkers know it by this number.
const probeClient = 0

// demandProgress stops the guests and makes a client that no fault can touch write until
// the end: whether the service recovers is judged by the servers alone, not by what the
// guests left behind.
func (w *world) demandProgress() {
	for _, g := range w.guests {
		g.Stop()
	}
	w.probe.Start()
	now, probe := w.probe.Now(), w.probe.Server().(writer)
	for i := range 5 {
		probe.Add(now, workloads.Op{
			Client: probeClient, At: clock.Span(now.Mono.Add(time.Duration(i) * w.scenario.Settle / 6)),
			Do: "create", Path: wire.Path(fmt.Sprintf("/probe-%d", i)),
		})
	}
}
