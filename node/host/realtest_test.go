package host_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/client/native"
	"github.com/zoobreak/zoobreak/clock/wall"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/osdisk"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/inbox"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/tcp"
	"github.com/zoobreak/zoobreak/node"
	"github.com/zoobreak/zoobreak/node/host"
	"github.com/zoobreak/zoobreak/node/quorum"
	"github.com/zoobreak/zoobreak/wire"
)

// Two worlds, one code: the servers and the client that the simulator runs, on the clock,
// the network and the disk of this machine.

// bound is how long what must happen may take.
const bound = 30 * time.Second

var ids = []node.ID{1, 2, 3}

// ensemble is three servers on loopback, each on a thread of its own.
type ensemble struct {
	t       *testing.T
	dir     string
	servers map[node.ID]*server
	book    sync.Map     // net.Addr to real address
	reigns  atomic.Int32 // how often a leader was established
}

func newEnsemble(t *testing.T) *ensemble {
	e := &ensemble{t: t, dir: t.TempDir()}
	t.Cleanup(e.stop)
	return e
}

// name is the host name of a server, which exists only in the book.
func name(id node.ID) string { return fmt.Sprintf("10.0.0.%d", id) }

// start opens all three, so that it is known where each is, and then boots them.
func (e *ensemble) start() {
	e.servers = map[node.ID]*server{}
	for _, id := range ids {
		e.servers[id] = e.open(id)
	}
	for _, id := range ids {
		e.servers[id].begin()
	}
}

func (e *ensemble) stop() {
	for _, s := range e.servers {
		s.stop()
	}
	e.servers = nil
}

func (e *ensemble) resolve(a net.Addr) string {
	at, _ := e.book.Load(a)
	return at.(string)
}

// server is one process, but for the process.
type server struct {
	e     *ensemble
	id    node.ID
	box   *inbox.Inbox
	clock *wall.Clock
	net   *tcp.Network
	disk  *osdisk.Disk
	host  *host.Host
	ended chan struct{} // nil before it has a thread
}

func (e *ensemble) open(id node.ID) *server {
	s := &server{e: e, id: id, box: inbox.New()}
	s.clock = wall.New(s.box, func() { s.host.Wake(s.clock.Now()) })
	var err error
	s.net, err = tcp.New(tcp.Config{Bind: anywhere(), Resolve: e.resolve}, s.box, func(ev net.Event) { s.host.NetEvent(s.clock.Now(), ev) })
	require.NoError(e.t, err)
	for _, p := range ports {
		e.book.Store(net.MakeAddr(name(id), p), s.net.Bound(p))
	}
	s.disk, err = osdisk.Open(filepath.Join(e.dir, name(id)), s.box, func(d disk.Done) { s.host.DiskDone(s.clock.Now(), d) })
	require.NoError(e.t, err)
	return s
}

var ports = []net.Port{host.ClientPort, host.QuorumPort, host.ElectionPort}

func anywhere() map[net.Port]string {
	bind := map[net.Port]string{}
	for _, p := range ports {
		bind[p] = "127.0.0.1:0"
	}
	return bind
}

// begin boots the server and gives it a thread: this is the whole loop of the real world.
func (s *server) begin() {
	s.ended = make(chan struct{})
	go func() {
		defer close(s.ended)
		if s.boot() {
			s.box.Run()
		}
		s.net.Stop()
		s.disk.Stop()
		s.clock.Stop()
	}()
}

func (s *server) boot() bool {
	cfg := node.Config{ID: s.id, Ensemble: quorum.Simple(ids...), Tick: 100 * time.Millisecond, InitLimit: 10, SyncLimit: 5, SnapEvery: 20, MinSession: time.Second, MaxSession: time.Minute}
	h, err := host.Boot(cfg, host.Env{
		Net: s.net, Disk: s.disk, Alarm: s.clock, Peers: map[node.ID]host.Peer{1: host.At(name(1)), 2: host.At(name(2)), 3: host.At(name(3))},
		Evidence: s.note, Halted: func(why string) { s.e.t.Errorf("server %d halted: %s", s.id, why) },
	}, s.clock.Now())
	s.host = h
	if err != nil {
		s.e.t.Error(err)
		s.box.Close()
	}
	return err == nil
}

func (s *server) note(f history.Fact) {
	if f.Kind == history.Established {
		s.e.reigns.Add(1)
	}
}

func (s *server) stop() {
	if s.ended == nil {
		return
	}
	s.box.Post(s.box.Close)
	<-s.ended
}

// user is a client on the test's thread.
type user struct {
	t       *testing.T
	box     *inbox.Inbox
	clock   *wall.Clock
	net     *tcp.Network
	session *native.Session
}

// connect gives a client of one server.
func (e *ensemble) connect(id node.ID) *user {
	u := &user{t: e.t, box: inbox.New()}
	u.clock = wall.New(u.box, func() { u.session.Wake(u.clock.Now()) })
	var err error
	u.net, err = tcp.New(tcp.Config{Resolve: e.resolve}, u.box, func(ev net.Event) { u.session.NetEvent(u.clock.Now(), ev) })
	require.NoError(e.t, err)
	u.session = native.New(native.Config{Servers: []net.Addr{net.MakeAddr(name(id), host.ClientPort)}, Timeout: 10 * time.Second}, u.net)
	return u
}

func (u *user) stop() {
	u.box.Close()
	u.net.Stop()
	u.clock.Stop()
}

// ask sends a request until its outcome is known.
func (u *user) ask(r wire.Request) wire.Reply {
	for end := time.Now().Add(bound); time.Now().Before(end); {
		if reply, err := u.try(r, end); err == nil {
			return reply
		}
	}
	require.Fail(u.t, "nobody answers", "%v %s", r.Op, r.Path)
	return wire.Reply{}
}

func (u *user) try(r wire.Request, end time.Time) (reply wire.Reply, err error) {
	done := false
	u.session.Submit(u.clock.Now(), r, func(got wire.Reply, failed error) { reply, err, done = got, failed, true })
	for !done && time.Now().Before(end) {
		u.clock.Set(u.session.Due())
		u.box.Step(100 * time.Millisecond)
	}
	if !done {
		err = native.ErrUnknownOutcome
	}
	return reply, err
}

// write creates nodes through one server; see looks at them through another.
func (e *ensemble) write(through node.ID, from, to int) {
	u := e.connect(through)
	defer u.stop()
	for i := from; i < to; i++ {
		r := u.ask(wire.Request{Op: wire.OpCreate, Path: path(i), Data: value(i), ACL: wire.WorldACL(wire.PermAll)})
		require.Contains(e.t, []wire.Code{wire.OK, wire.NodeExists}, r.Err, "of %s", path(i))
	}
}

func (e *ensemble) see(through node.ID, to int) {
	u := e.connect(through)
	defer u.stop()
	require.Equal(e.t, wire.OK, u.ask(wire.Request{Op: wire.OpSync, Path: "/"}).Err)
	for i := range to {
		r := u.ask(wire.Request{Op: wire.OpGetData, Path: path(i)})
		require.Equal(e.t, wire.OK, r.Err, "of %s through server %d", path(i), through)
		require.Equal(e.t, value(i), r.Data)
	}
}

func path(i int) wire.Path { return wire.Path(fmt.Sprintf("/node-%d", i)) }
func value(i int) []byte   { return fmt.Appendf(nil, "value %d", i) }

// Three servers elect a leader, take writes through one and show them through all; and
// again after all have stopped and begun anew from their disks, the snapshots included.
func TestServersInTheRealWorld(t *testing.T) {
	e := newEnsemble(t)
	e.start()
	e.write(1, 0, 30)
	for _, id := range ids {
		e.see(id, 30)
	}
	require.Positive(t, e.reigns.Load())

	e.stop()
	before := e.reigns.Load()
	e.start()
	e.see(3, 30)
	e.write(2, 30, 40)
	e.see(1, 40)
	require.Greater(t, e.reigns.Load(), before, "a new epoch")
}

// Two of three go on without the third, which catches up when it is back.
func TestAMajorityGoesOnInTheRealWorld(t *testing.T) {
	e := newEnsemble(t)
	e.start()
	e.write(1, 0, 5)
	gone := e.servers[2]
	gone.stop()
	e.write(3, 5, 10)
	e.servers[2] = e.open(2)
	e.servers[2].begin()
	e.see(2, 10)
}
