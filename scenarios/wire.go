package scenarios

import (
	"fmt"
	"time"

	"github.com/zoobreak/zoobreak/checkers"
	"github.com/zoobreak/zoobreak/checkers/model"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/node"
	"github.com/zoobreak/zoobreak/sim"
	"github.com/zoobreak/zoobreak/wire"
	"github.com/zoobreak/zoobreak/workloads"
	raw "github.com/zoobreak/zoobreak/workloads/wire"
)

// Wire is three servers and three raw clients that use all of the protocol, under every
// fault. Every packet that they get is judged against the reference model.
func Wire() *Scenario {
	s := Servers()
	s.Name = "wire"
	s.Summary = "three servers, three raw clients that use all of the protocol: every reply, Stat and event is judged against the reference model, under every fault"
	s.Service = rawZooKeeper()
	s.Ops = func(key rng.Key, client int) []workloads.Op { return raw.Draw(key, client, 120, s.Duration) }
	s.Checkers = append(serverCheckers(), checkers.Replies(model.Config{ExtendedTypes: true}, clientAddress))
	return s
}

// rawZooKeeper is the replicated service of this project, with TTL nodes, used by raw
// clients.
func rawZooKeeper() *Service {
	s := ZooKeeper()
	s.Raw, s.ClientMarks = true, nil
	s.Server = func(w World, id int) sim.Boot {
		return bootServerWith(w, id, func(c *node.Config) { c.ExtendedTypes, c.ContainerCheck = true, 2*time.Second })
	}
	s.Client, s.Probe = bootRaw, probeRaw
	return s
}

// clientAddress is from where a client speaks.
func clientAddress(client int) string {
	if client == probeClient {
		return probeHost
	}
	return sim.ClientHost(client)
}

// rawClient is a raw client as a process of the world; it has no use for its disk.
type rawClient struct{ *raw.Client }

// DiskDone implements sim.Server.
func (rawClient) DiskDone(clock.Now, disk.Done) {
	panic("scenarios: a raw client has submitted nothing to a disk")
}

func bootRaw(w World, client int, ops []workloads.Op) sim.Boot {
	script := raw.NewScript(ops)
	return func(env sim.Env, now clock.Now) (sim.Server, error) {
		cfg := raw.Config{Client: client, Servers: serverAddrs(w.Servers), Timeout: w.Session, Log: w.Log}
		return rawClient{raw.New(cfg, script, env.Net, env.Alarm, now)}, nil
	}
}

// probeRaw is probeWrites in raw operations.
func probeRaw(from clock.Instant, settle time.Duration) (ops []workloads.Op) {
	for i, op := range probeWrites(from, settle) {
		op.Do, op.Send = "send", []workloads.Send{{Op: wire.OpCreate.String(), Path: wire.Path(fmt.Sprintf("/probe-%d", i))}}
		op.Path = ""
		ops = append(ops, op)
	}
	return ops
}
