package register

import (
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/zoobreak/zoobreak/checkers"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/sim"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/workloads"
)

// Scenario puts three servers and three clients into a world, and everything that goes
// wrong there with them.
func Scenario() *scenarios.Scenario {
	const duration, session = 5 * time.Second, 1 * time.Second
	return &scenarios.Scenario{
		Name:    "register",
		Summary: "examples/register: a replicated register with a primary and backups, put into this world as your own service would be",
		Servers: 3, Clients: 3, Duration: duration, Settle: 4 * time.Second, Session: session, MinOps: 5,
		Service: &scenarios.Service{Server: bootServer, Client: bootClient, Probe: probe, Bugs: []string{AckBeforeSync, DeposedServes}},
		Faults: fault.Menu{
			Servers: 3, Clients: 3, Max: 5, From: 500 * time.Millisecond, Until: 4 * time.Second, Session: session,
			Kinds: []fault.Kind{fault.Kill, fault.PowerLoss, fault.Pause, fault.Isolate, fault.OneWay, fault.SlowLink, fault.Reset, fault.SlowDisk},
		},
		Ops:      drawOps,
		Checkers: []checkers.Checker{linearizable{}, progress{}},
	}
}

func drawOps(key rng.Key, client int) []workloads.Op {
	ops := make([]workloads.Op, 20)
	for i := range ops {
		k := key.Int(uint64(i))
		ops[i] = workloads.Op{Client: client, Do: "get", Path: "/register", At: clock.Span(time.Duration(500+200*i+int(k.Of("at").Below(200))) * time.Millisecond)}
		if k.Of("write").Chance(1, 2) {
			ops[i].Do, ops[i].Value = "set", fmt.Sprintf("%d.%d", client, i)
		}
	}
	return ops
}

func bootServer(w scenarios.World, id int) sim.Boot {
	return func(env sim.Env, now clock.Now) (sim.Server, error) {
		return Boot(id, w.Servers, w.Has, env.Net, env.Disk, env.Alarm, now), nil
	}
}

func bootClient(w scenarios.World, id int, ops []workloads.Op) sim.Boot {
	agenda := workloads.NewAgenda(ops)
	return func(env sim.Env, now clock.Now) (sim.Server, error) {
		c := &Client{id: id, servers: w.Servers, net: env.Net, alarm: env.Alarm, log: w.Log, agenda: agenda, next: id}
		c.Wake(now)
		return c, nil
	}
}

func probe(from clock.Instant, settle time.Duration) (ops []workloads.Op) {
	for i := range 5 {
		ops = append(ops, workloads.Op{Do: "set", Path: "/register", Value: fmt.Sprint("probe.", i), At: clock.Span(from.Add(time.Duration(i) * settle / 6))})
	}
	return ops
}

// linearizable judges that the register behaves as one.
type linearizable struct{}

func (linearizable) Name() string { return "linearizable" }

type input struct {
	write bool
	value string
}

// model is a register. A write whose outcome is unknown may take effect at any time after
// it was asked for, or never: after everything else. Values are unique, so that is cheap.
var model = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, in, out any) (bool, any) {
		if i := in.(input); i.write {
			return true, i.value
		}
		return state == out, state
	},
}

func (linearizable) Check(l *history.Log) outcome.Check {
	c := outcome.Check{Name: "linearizable", Findings: []outcome.Finding{}}
	var ops []porcupine.Operation
	for _, op := range l.Ops {
		if op.Kind != Read && op.Kind != Write || op.Kind == Read && op.Status != history.OK {
			continue
		}
		o := porcupine.Operation{ClientId: op.Client, Input: input{op.Kind == Write, op.Text}, Call: int64(op.Call), Output: op.Text, Return: int64(op.Return)}
		if op.Status != history.OK {
			o.Return = 1 << 62
		}
		ops = append(ops, o)
	}
	c.Examined = len(ops)
	if !porcupine.CheckOperations(model, ops) {
		c.Findings = append(c.Findings, outcome.Finding{
			Checker: c.Name, Rule: "register-linearizable", Class: outcome.Bug, Signature: "register-linearizable: no order of the operations explains what was read",
			Message: fmt.Sprintf("no order of the %d reads and writes that respects real time explains what was read", len(ops)),
			Quote:   "A read returns the value of the last write before it.",
		})
	}
	c.Settle()
	return c
}

// progress judges that the probe got something done when all faults were over.
type progress struct{}

func (progress) Name() string { return "progress" }

func (progress) Check(l *history.Log) outcome.Check {
	c := outcome.Check{Name: "progress", Findings: []outcome.Finding{}}
	done := false
	for _, op := range l.Ops {
		if op.Client == 0 {
			c.Examined++
			done = done || op.Status == history.OK
		}
	}
	if c.Examined > 0 && !done {
		c.Findings = append(c.Findings, outcome.Finding{
			Checker: c.Name, Rule: "register-progress", Class: outcome.Bug, Signature: "register-progress: no write succeeds after the faults",
			Message: fmt.Sprintf("all %d writes of the probe failed although no fault was left", c.Examined),
			Quote:   "When all faults are over, writes succeed again.",
		})
	}
	c.Settle()
	return c
}
