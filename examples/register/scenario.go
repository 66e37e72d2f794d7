package register

import (
	"strconv"
	"time"

	"github.com/zoobreak/zoobreak/checkers"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/sim"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/wire"
	"github.com/zoobreak/zoobreak/workloads"
)

// Scenario puts three servers and three clients into a world, and everything that goes
// wrong there with them.
func Scenario() *scenarios.Scenario {
	const duration, session = 5 * time.Second, 1 * time.Second
	return &scenarios.Scenario{
		Name:    "register",
		Summary: "examples/register: a replicated register with a primary and backups, put into this world as your own service would be",
		Servers: 3, Clients: 3, Duration: duration, Settle: 4 * time.Second, Session: session, MinOps: 5, Knobs: true,
		Service: &scenarios.Service{Server: bootServer, Client: bootClient, Probe: probe, Bugs: []string{AckBeforeSync, DeposedServes}},
		Faults: fault.Menu{
			Servers: 3, Clients: 3, Max: 6, From: 500 * time.Millisecond, Until: 4 * time.Second, Session: session,
			Events: append(fault.MachineEvents(), fault.OnEstablished),
			Kinds:  []fault.Kind{fault.Kill, fault.PowerLoss, fault.Pause, fault.Isolate, fault.OneWay, fault.SlowLink, fault.Reset, fault.SlowDisk},
		},
		Ops:      drawOps,
		Checkers: []checkers.Checker{linearizable{}, progress{}},
	}
}

// drawOps draws what a client does: half of it writes, each another number.
func drawOps(key rng.Key, client int) []workloads.Op {
	ops := make([]workloads.Op, 30)
	for i := range ops {
		k := key.Int(uint64(i))
		ops[i] = workloads.Op{Client: client, Do: "get", Path: "/register", At: clock.Span(time.Duration(500+130*i+int(k.Of("at").Below(130))) * time.Millisecond)}
		if k.Of("write").Chance(1, 2) {
			ops[i].Do, ops[i].Value = "set", strconv.Itoa(100*client+i)
		}
	}
	return ops
}

// bootServer says what the world gives a server: what it stands on, and a way to tell who
// leads, so that faults can be aimed at the leader.
func bootServer(w scenarios.World, id int) sim.Boot {
	return func(env sim.Env, now clock.Now) (sim.Server, error) {
		leads := func(view int64) { env.Evidence(history.Fact{Kind: history.Established, Epoch: wire.Epoch(view)}) }
		return Boot(Config{
			ID: int64(id), Servers: w.Servers, Net: env.Net, Disk: env.Disk, Alarm: env.Alarm,
			Halt: env.Halted, Leads: leads, Bug: w.Has,
		}, now)
	}
}

func bootClient(w scenarios.World, id int, ops []workloads.Op) sim.Boot {
	agenda := workloads.NewAgenda(ops)
	return func(env sim.Env, now clock.Now) (sim.Server, error) {
		c := &Client{id: id, servers: w.Servers, net: env.Net, alarm: env.Alarm, log: w.Log, agenda: agenda, server: id}
		c.Wake(now)
		return c, nil
	}
}

// probe writes when all faults are over.
func probe(from clock.Instant, settle time.Duration) (ops []workloads.Op) {
	for i := range 5 {
		ops = append(ops, workloads.Op{Do: "set", Path: "/register", Value: strconv.Itoa(i + 1), At: clock.Span(from.Add(time.Duration(i) * settle / 6))})
	}
	return ops
}
