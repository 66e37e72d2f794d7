package scenarios

import (
	"fmt"
	"time"

	"github.com/zoobreak/zoobreak/checkers/invariants"
	"github.com/zoobreak/zoobreak/client/native"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/history/tap"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/node"
	"github.com/zoobreak/zoobreak/node/bugs"
	"github.com/zoobreak/zoobreak/node/host"
	"github.com/zoobreak/zoobreak/node/quorum"
	"github.com/zoobreak/zoobreak/node/txnlog"
	"github.com/zoobreak/zoobreak/sim"
	"github.com/zoobreak/zoobreak/wire"
	"github.com/zoobreak/zoobreak/workloads"
)

// ZooKeeper is the replicated service of this project, used by writers of our own.
func ZooKeeper() *Service {
	s := &Service{
		Server: bootServer, Client: bootWriter, Probe: probeWrites, Watch: watchInvariants,
		Marks: append(node.Marks(), txnlog.Marks()...), ClientMarks: native.Marks(),
	}
	for _, b := range bugs.All() {
		s.Bugs = append(s.Bugs, string(b.Bug))
	}
	return s
}

// watchInvariants judges what the servers report while they run. Only voters are a quorum.
func watchInvariants(w World) Watcher {
	return invariants.New(invariants.Majority(len(w.Servers) - w.Observers))
}

// The times of the servers. The session timeouts of plans lie well above twice the tick.
const (
	tick      = 500 * time.Millisecond
	initLimit = 10
	syncLimit = 4
	snapEvery = 60 // few, so that runs see snapshots
)

func serverConfig(w World, id node.ID) (node.Config, error) {
	set, err := bugs.Parse(w.Bugs...)
	c := node.Config{
		ID: id, Tick: tick, InitLimit: initLimit, SyncLimit: syncLimit, SnapEvery: snapEvery, CommitLog: w.CommitLog,
		MinSession: 2 * tick, MaxSession: 20 * tick, Bugs: set, Marks: w.Marks,
	}
	if w.SnapshotEvery > 0 {
		c.SnapEvery = w.SnapshotEvery
	}
	members := make([]quorum.Member, len(w.Servers))
	for i := range members {
		members[i].ID = node.ID(i + 1)
		if i >= len(w.Servers)-w.Observers {
			members[i].Role = quorum.Observer
		}
	}
	if err == nil {
		c.Ensemble, err = quorum.New(0, members)
	}
	return c, err
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

// smallFiles makes a short run roll its log, make more room, and let go of old files.
var smallFiles = txnlog.Config{RollBytes: 16 << 10, Preallocate: 4 << 10, KeepSnapshots: 2, ChunkBytes: 1 << 10}

func bootServer(w World, id int) sim.Boot { return bootServerWith(w, id, func(*node.Config) {}) }

// bootServerWith lets settings be changed.
func bootServerWith(w World, id int, set func(*node.Config)) sim.Boot {
	return func(env sim.Env, now clock.Now) (sim.Server, error) {
		peers := map[node.ID]host.Peer{}
		for i, name := range w.Servers {
			peers[node.ID(i+1)] = host.At(name)
		}
		cfg, err := serverConfig(w, node.ID(id))
		if err != nil {
			return nil, err
		}
		set(&cfg)
		h, err := host.Boot(cfg, host.Env{
			Net: env.Net, Disk: env.Disk, Log: smallFiles, Alarm: env.Alarm, Peers: peers, Evidence: env.Evidence, Halted: env.Halted,
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

func bootWriter(w World, client int, ops []workloads.Op) sim.Boot {
	agenda := workloads.NewAgenda(ops)
	return func(env sim.Env, now clock.Now) (sim.Server, error) {
		cfg := native.Config{Servers: serverAddrs(w.Servers), First: client, Timeout: w.Session,
			Tap: func() native.Tap { return tap.New(w.Log, client) }}
		if client != probeClient { // no fault selects the probe: it has no rare branches to reach
			cfg.Marks = w.Marks
		}
		return writer{workloads.NewWriter(agenda, cfg, env.Net, env.Alarm, now)}, nil
	}
}

func serverAddrs(servers []string) (addrs []net.Addr) {
	for _, name := range servers {
		addrs = append(addrs, net.MakeAddr(name, host.ClientPort))
	}
	return addrs
}

// probeWrites creates a few nodes, spread over most of the time.
func probeWrites(from clock.Instant, settle time.Duration) (ops []workloads.Op) {
	for i := range 5 {
		ops = append(ops, workloads.Op{
			Client: probeClient, At: clock.Span(from.Add(time.Duration(i) * settle / 6)),
			Do: "create", Path: wire.Path(fmt.Sprintf("/probe-%d", i)),
		})
	}
	return ops
}
