package scenarios

import (
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk/simdisk"
	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/sim"
	"github.com/zoobreak/zoobreak/sim/divergence"
	"github.com/zoobreak/zoobreak/sim/guest"
)

// world is a sim.World that is filled from a plan.
type world struct {
	*sim.World
	scenario *Scenario
	plan     *Plan
	about    World // what the service knows
	bubble   *guest.Bubble
	guests   []*guest.Process
	clients  []*sim.Process // in a world without guests
	probe    *sim.Process
	trace    []string
	watcher  Watcher             // nil: nobody judges facts as they are reported
	sampler  *divergence.Sampler // nil: nobody looks
}

func build(s *Scenario, p *Plan, b *guest.Bubble) *world {
	w := &world{scenario: s, plan: p, bubble: b}
	w.World = sim.New(sim.Config{
		Noise: p.Noise.intervals(), Link: sim.LocalLink, TCP: p.Knobs.tcp(), Mixed: p.Mixed, Observers: p.Observers,
		Disk: simdisk.Config{Sync: sim.OrdinaryHDD, Append: p.Knobs.append(), Sector: p.Knobs.Sector}, Beyond: p.Beyond,
	})
	w.about = World{Observers: p.Observers, Session: time.Duration(p.Session), SnapshotEvery: p.Knobs.SnapshotEvery, CommitLog: p.Knobs.CommitLog, Bugs: p.Bugs, Log: w.Log, Marks: invariant.Collect(s.marks()...)}
	for i := 1; i <= p.Servers; i++ {
		w.about.Servers = append(w.about.Servers, sim.ServerHost(i))
	}
	service := s.service()
	if service.Watch != nil {
		w.watcher = service.Watch(w.about)
		w.Log.WatchFact = w.watcher.See
	}
	for i := 1; i <= p.Servers; i++ {
		w.AddServer(service.Server(w.about, i))
	}
	if b != nil {
		w.addGuests(p.Clients)
	}
	for i := 1; b == nil && i <= p.Clients; i++ {
		w.clients = append(w.clients, w.AddClientProcess(service.Client(w.about, i, p.opsOf(i))))
	}
	w.probe = w.AddProcess(probeHost, w.bootProbe(service))
	return w
}

// probeClient is the number, in the evidence, of the client that demands progress. The
// checkers know it by this number.
const probeClient = 0

// probeHost is the machine of that client. No fault selects it.
const probeHost = "10.0.2.1"

func (w *world) bootProbe(s *Service) sim.Boot {
	return func(env sim.Env, now clock.Now) (sim.Server, error) {
		return s.Client(w.about, probeClient, s.Probe(now.Mono, w.scenario.Settle))(env, now)
	}
}

func (w *world) startServers() {
	for _, p := range w.Servers() {
		if err := p.Start(); err != nil {
			panic("scenarios: a server does not start on an empty disk: " + err.Error())
		}
	}
}

func (w *world) startClients() {
	for i, p := range w.clients {
		if !w.plan.idle(i + 1) {
			mustStart(p)
		}
	}
	w.startGuests()
}

// demandProgress ends all faults, stops the guests, and makes a client that no fault can
// touch use the service until the end: whether the service recovers is judged by the
// servers alone, not by what the guests left behind.
func (w *world) demandProgress() {
	w.Heal()
	for _, g := range w.guests {
		g.Stop()
	}
	mustStart(w.probe)
}

func mustStart(p *sim.Process) {
	if err := p.Start(); err != nil {
		panic("scenarios: a client does not start: " + err.Error())
	}
}
