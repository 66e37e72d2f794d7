package host_test

import (
	"encoding/binary"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/simdisk"
	"github.com/zoobreak/zoobreak/internal/conformance"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/node"
	"github.com/zoobreak/zoobreak/node/host"
	"github.com/zoobreak/zoobreak/node/quorum"
	"github.com/zoobreak/zoobreak/sim"
	"github.com/zoobreak/zoobreak/wire"
)

// The service in the simulated world answers what a real ZooKeeper answered: every reply,
// Stat, event and closed connection of the recordings, to the byte, alone and as the
// follower and the leader of three. The three steps that are four-letter words are left
// out: they are answered by the process around a server, not by the server.
func TestTheServiceAnswersAsZooKeeperDid(t *testing.T) {
	for _, c := range []struct {
		name, recording string
		servers         int
		leads           bool
	}{
		{"alone", "hand", 1, true},
		{"alone, random requests", "fuzz-1", 1, true},
		{"follower", "hand-ensemble", 3, false},
		{"leader", "hand-ensemble", 3, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := recorded(t, c.recording)
			w := newWorld(t, c.servers)
			w.target = w.choose(c.leads)
			got, err := conformance.Play(w, script)
			require.NoError(t, err)
			for _, d := range conformance.Compare(script, got) {
				t.Error(d)
			}
		})
	}
}

// A server that answers one thing otherwise is found out, so the comparison looks.
func TestADeviationIsFound(t *testing.T) {
	script := recorded(t, "hand")
	w := newWorld(t, 1, func(c *node.Config) { c.ExtendedTypes = false })
	w.target = w.choose(true)
	got, err := conformance.Play(w, script)
	require.NoError(t, err)
	different := conformance.Compare(script, got)
	require.NotEmpty(t, different)
	require.Contains(t, different[0].Want.Desc, "ttl")
}

func recorded(t *testing.T, name string) []conformance.Step {
	f, err := os.Open("../../testdata/conformance/" + name + ".jsonl")
	require.NoError(t, err)
	defer f.Close()
	r, err := conformance.Read(f)
	require.NoError(t, err)
	words := 0
	script := slices.DeleteFunc(r.Steps, func(s conformance.Step) bool {
		if s.Kind == conformance.Word {
			words++
			return true
		}
		return false
	})
	require.LessOrEqual(t, words, 3)
	return script
}

// world is servers in the simulated world, and a machine from which they are spoken to.
type world struct {
	t      *testing.T
	sim    *sim.World
	caller *caller
	target net.Addr
}

// recordedConfig is what the recorded servers were started with.
func recordedConfig(t *testing.T, id, servers int) node.Config {
	c := node.Config{
		ID: node.ID(id), Tick: 500 * time.Millisecond, InitLimit: 10, SyncLimit: 5, MinSession: time.Second, MaxSession: 10 * time.Second,
		Standalone: servers == 1, ExtendedTypes: true, ReconfigEnabled: true, ContainerCheck: 500 * time.Millisecond,
		SuperDigest: "super:D/InIHSb7yEEbrWz8b9l71RjZJU=",
	}
	c.Ensemble = quorum.Simple(1)
	if servers == 3 {
		var err error
		c.Ensemble, err = quorum.Parse("server.1=127.0.0.1:12881:13881:participant\nserver.2=127.0.0.1:12882:13882:participant\nserver.3=127.0.0.1:12883:13883:participant")
		require.NoError(t, err)
	}
	return c
}

func newWorld(t *testing.T, servers int, change ...func(*node.Config)) *world {
	w := &world{t: t, sim: sim.New(sim.Config{Link: sim.LocalLink, Disk: simdisk.Config{Sync: sim.OrdinaryHDD}, Mixed: 20}), caller: &caller{links: map[net.Conn]*link{}}}
	peers := map[node.ID]host.Peer{}
	for i := 1; i <= servers; i++ {
		peers[node.ID(i)] = host.At(sim.ServerHost(i))
	}
	for i := 1; i <= servers; i++ {
		cfg := recordedConfig(t, i, servers)
		for _, f := range change {
			f(&cfg)
		}
		w.sim.AddServer(func(env sim.Env, now clock.Now) (sim.Server, error) {
			return host.Boot(cfg, host.Env{
				Net: env.Net, Disk: env.Disk, Alarm: env.Alarm, Peers: peers, Evidence: env.Evidence, Halted: env.Halted,
			}, now)
		})
	}
	machine := w.sim.AddProcess("127.0.0.1", func(env sim.Env, _ clock.Now) (sim.Server, error) {
		w.caller.net = env.Net
		return w.caller, nil
	})
	for _, p := range append(w.sim.Servers(), machine) {
		require.NoError(t, p.Start())
	}
	w.Pass(3 * time.Second)
	return w
}

// choose returns the address of the leader, or of another.
func (w *world) choose(leads bool) net.Addr {
	for i, p := range w.sim.Servers() {
		if role := p.Server().(*host.Host).Node().Role(); (role == node.Leading) == leads {
			require.Contains(w.t, []node.Role{node.Leading, node.Following}, role)
			return net.MakeAddr(sim.ServerHost(i+1), host.ClientPort)
		}
	}
	w.t.Fatal("nobody has the role")
	return ""
}

func (w *world) Pass(d time.Duration) {
	require.NoError(w.t, w.sim.Kernel.Run(w.sim.Kernel.Now().Add(d)))
}

func (w *world) NowMillis() int64 { return w.sim.Servers()[0].Now().Wall.Millis() }

func (w *world) Dial() (conformance.Link, error) {
	l := &link{world: w, conn: w.caller.net.Dial(w.target)}
	w.caller.links[l.conn] = l
	for !l.open && !l.ended {
		w.Pass(time.Millisecond)
	}
	return l, nil
}

// caller is the machine that speaks to the servers.
type caller struct {
	net   net.Network
	links map[net.Conn]*link
}

func (c *caller) NetEvent(_ clock.Now, ev net.Event) {
	l := c.links[ev.Conn]
	if l == nil {
		return
	}
	switch ev.Kind {
	case net.Connected:
		l.open = true
	case net.Received:
		l.in = append(l.in, ev.Data...)
	case net.Closed:
		l.ended = true
	}
}

func (c *caller) DiskDone(clock.Now, disk.Done) {}
func (c *caller) Wake(clock.Now)                {}

// link is one connection of the caller.
type link struct {
	world       *world
	conn        net.Conn
	open, ended bool
	in          []byte
}

func (l *link) Write(p []byte) {
	if !l.ended {
		l.world.caller.net.Send(l.conn, p)
	}
}

// Frame lets virtual time pass until a frame is there, the server has closed, or ten
// seconds are over.
func (l *link) Frame() ([]byte, conformance.Status) {
	for range 10_000 {
		if frame, ok := l.take(); ok {
			return frame, conformance.Came
		}
		if l.ended {
			return nil, conformance.Ended
		}
		l.world.Pass(time.Millisecond)
	}
	return nil, conformance.Silent
}

func (l *link) take() ([]byte, bool) {
	if len(l.in) < 4 {
		return nil, false
	}
	n := 4 + int(binary.BigEndian.Uint32(l.in))
	if len(l.in) < n {
		return nil, false
	}
	frame := l.in[4:n]
	l.in = l.in[n:]
	return frame, true
}

func (l *link) Rest() []byte {
	for !l.ended {
		l.world.Pass(time.Millisecond)
	}
	return l.in
}

func (l *link) Close() {
	delete(l.world.caller.links, l.conn)
	if !l.ended {
		l.world.caller.net.Close(l.conn)
	}
}

// A server without an ensemble goes on counting where it stopped, in whichever of its lives:
// its zxids have no epoch.
func TestAServerAloneCountsOnAcrossLives(t *testing.T) {
	w := newWorld(t, 1)
	w.target = w.choose(true)
	require.Equal(t, wire.Zxid(2), w.createNode("/a"))
	w.sim.Servers()[0].Kill()
	require.NoError(t, w.sim.Servers()[0].Start())
	w.Pass(3 * time.Second)
	require.Equal(t, wire.Zxid(4), w.createNode("/b"))
}

// createNode opens a session and creates a node in it, and returns the zxid that that has.
func (w *world) createNode(p wire.Path) wire.Zxid {
	l, err := w.Dial()
	require.NoError(w.t, err)
	defer l.Close()
	say := func(encode func(*wire.Encoder)) []byte {
		var e wire.Encoder
		mark := e.Begin()
		encode(&e)
		e.End(mark)
		l.Write(e.Buf)
		frame, status := l.Frame()
		require.Equal(w.t, conformance.Came, status)
		return frame
	}
	say((&wire.ConnectRequest{TimeoutMillis: 4000, Password: make([]byte, 16)}).Encode)
	r, err := wire.DecodeReply(say((&wire.Request{Xid: 1, Op: wire.OpCreate, Path: p, ACL: wire.WorldACL(wire.PermAll)}).Encode), wire.OpCreate)
	require.NoError(w.t, err)
	require.Equal(w.t, wire.OK, r.Err)
	return r.Zxid
}
