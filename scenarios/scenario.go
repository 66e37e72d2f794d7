package scenarios

import (
	"time"

	"github.com/zoobreak/zoobreak/checkers"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/sim/guest"
	"github.com/zoobreak/zoobreak/workloads"
)

// Program is what a guest process runs. Ops are the plan's operations for it.
type Program func(p *guest.Process, ops []workloads.Op)

// Scenario says what kind of world.
type Scenario struct {
	Name    string
	Summary string
	Servers int
	// Observers is how many of them, the last ones, have no vote.
	Observers int
	Clients   int
	// Duration is the part of a run in which faults happen; Settle is how long the
	// service then has to make progress, without any.
	Duration time.Duration
	Settle   time.Duration
	// Session is the clients' session timeout.
	Session time.Duration
	Faults  fault.Menu
	// Knobs says that plans turn them.
	Knobs bool
	// Ops draws the operations of one client.
	Ops func(key rng.Key, client int) []workloads.Op
	// Service is what stands in the world; nil is the one this project is about.
	Service *Service
	// Guest is the clients' program; nil makes them the service's own, and the scenario
	// exact: the same seed gives the same digest, everywhere.
	Guest    Program
	Checkers []checkers.Checker
	// MinOps is how many operations must succeed for a run to say anything.
	MinOps int
	// Partial says that the program may use only part of what the checkers judge: a check
	// without anything to examine is left out as long as another one had something.
	Partial bool
}

// Exact reports whether the scenario promises equal digests for equal plans.
func (s *Scenario) Exact() bool { return s.Guest == nil }

// Tier names the kind of determinism, for reports.
func (s *Scenario) Tier() string {
	if s.Exact() {
		return "exact"
	}
	return "A"
}

// stages that a plan may stall: those whose delay the protocol must survive.
var stages = []string{"receive", "election", "synced", "logger", "commit", "reply", "expiry"}

// serverCheckers judge the service.
func serverCheckers() []checkers.Checker {
	return []checkers.Checker{checkers.Agreement(), checkers.Durability(), checkers.Liveness(probeClient)}
}

// lockCheckers judge the service, and what a lock on it promises.
func lockCheckers() []checkers.Checker {
	return append(serverCheckers(), checkers.Effects(), checkers.FencedEffects(), checkers.Belief(), checkers.Phantom(), checkers.Orphan(), checkers.Lock())
}

// Servers is three servers and three writers of our own, under every fault.
func Servers() *Scenario {
	s := &Scenario{
		Name:    "servers",
		Summary: "three servers, three native clients that write, every fault the protocol promises to survive",
		Servers: 3, Clients: 3,
		Duration: 20 * time.Second, Settle: 12 * time.Second, Session: 4 * time.Second,
		Knobs:    true,
		Checkers: serverCheckers(),
		MinOps:   10,
	}
	s.Faults = fault.Menu{
		Servers: 3, Clients: 3, Stages: stages, Max: 8, From: 2 * time.Second, Until: 18 * time.Second, Session: s.Session,
		Kinds: everyKind(), Events: fault.EveryServerEvent(), Limits: []time.Duration{2 * tick, syncLimit * tick, initLimit * tick},
	}
	s.Ops = func(key rng.Key, client int) []workloads.Op {
		return workloads.DrawWrites(key, client, 40, s.Duration)
	}
	return s
}

// Observers is Servers with two more servers that have no vote. Clients use them as they
// use the others.
func Observers() *Scenario {
	s := Servers()
	s.Name, s.Servers, s.Observers = "observers", 5, 2
	s.Summary = "three servers and two observers, three native clients that write, every fault the protocol promises to survive"
	s.Faults.Servers = s.Servers
	return s
}

// everyKind is the whole menu: this service must survive all of it.
func everyKind() (kinds []fault.Kind) {
	for _, i := range fault.Kinds() {
		kinds = append(kinds, i.Kind)
	}
	return kinds
}

// Guests is a world of servers and guests that all run one program.
func Guests(name string, servers, clients int, session, duration time.Duration, program Program) *Scenario {
	return &Scenario{
		Name: name, Summary: "unmodified Go clients under faults of servers, network and disks",
		Servers: servers, Clients: clients,
		Duration: duration, Settle: 10 * time.Second, Session: session,
		Guest:    program,
		Checkers: lockCheckers(),
		MinOps:   1, Partial: true,
		Faults: fault.Menu{
			Servers: servers, Clients: clients, Stages: stages, Max: 6, From: duration / 20, Until: duration * 2 / 3, Session: session, Acquires: true, Guests: true,
			Kinds: []fault.Kind{fault.Kill, fault.PowerLoss, fault.Pause, fault.Isolate, fault.Cut, fault.OneWay, fault.SlowLink, fault.Reset, fault.SlowDisk},
		},
	}
}

// Lock is three servers and three guests that take turns under a lock.
func Lock(program Program) *Scenario {
	s := Guests("lock", 3, 3, 4*time.Second, 20*time.Second, program)
	s.Summary = "three servers, three clients on unmodified github.com/go-zookeeper/zk v1.0.4: its stock Lock guards two counters outside the service"
	s.MinOps, s.Partial = 20, false
	s.Ops = func(key rng.Key, client int) []workloads.Op {
		return workloads.DrawLocks(key, client, 15, s.Duration)
	}
	return s
}

// WithoutFaults is the scenario with an empty menu.
func (s *Scenario) WithoutFaults() *Scenario {
	calm := *s
	calm.Name, calm.Summary = s.Name+"-calm", s.Summary+"; without faults"
	calm.Faults.Max = 0
	return &calm
}
