package register

import (
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/clock/wall"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/osdisk"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/inbox"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/tcp"
	"github.com/zoobreak/zoobreak/workloads"
)

// machine is one host of the real world: the twins, and a thread for who stands on them.
type machine struct {
	name  string
	box   *inbox.Inbox
	clock *wall.Clock
	net   *tcp.Network
	disk  *osdisk.Disk
	ended chan struct{}
	owner interface {
		Wake(clock.Now)
		NetEvent(clock.Now, net.Event)
		DiskDone(clock.Now, disk.Done)
	}
}

func open(t *testing.T, dir, name string, book *sync.Map) *machine {
	m := &machine{name: name, box: inbox.New(), ended: make(chan struct{})}
	m.clock = wall.New(m.box, func() { m.owner.Wake(m.clock.Now()) })
	resolve := func(a net.Addr) string {
		at, _ := book.Load(a)
		return at.(string)
	}
	var err error
	m.net, err = tcp.New(tcp.Config{Bind: map[net.Port]string{port: "127.0.0.1:0"}, Resolve: resolve}, m.box,
		func(ev net.Event) { m.owner.NetEvent(m.clock.Now(), ev) })
	require.NoError(t, err)
	book.Store(net.MakeAddr(name, port), m.net.Bound(port))
	m.disk, err = osdisk.Open(filepath.Join(dir, name), m.box, func(d disk.Done) { m.owner.DiskDone(m.clock.Now(), d) })
	require.NoError(t, err)
	return m
}

// run makes a goroutine the machine's thread: this is the whole loop of the real world.
func (m *machine) run(boot func()) {
	go func() {
		defer close(m.ended)
		boot()
		m.box.Run()
		m.net.Stop()
		m.disk.Stop()
		m.clock.Stop()
	}()
}

func (m *machine) stop() {
	m.box.Post(m.box.Close)
	<-m.ended
}

// life runs three servers and a client on TCP, files and this machine's clock, until the
// client has done what is on its agenda or time is up.
func life(t *testing.T, dir string, log *history.Log, ops []workloads.Op) {
	servers := []string{"10.0.0.1", "10.0.0.2", "10.0.0.3"}
	book := &sync.Map{}
	var machines []*machine
	for _, name := range append(servers, "10.0.1.1") {
		machines = append(machines, open(t, dir, name, book))
	}
	for i, m := range machines[:3] {
		m.run(func() {
			s, err := Boot(Config{
				ID: int64(i + 1), Servers: servers, Net: m.net, Disk: m.disk, Alarm: m.clock,
				Halt: func(why string) { t.Error(why) }, Leads: func(int64) {}, Bug: func(string) bool { return false },
			}, m.clock.Now())
			if m.owner = s; err != nil {
				t.Error(err)
			}
		})
	}
	user := machines[3]
	c := &Client{id: 1, servers: servers, net: user.net, alarm: user.clock, log: log, agenda: workloads.NewAgenda(ops)}
	user.owner = c
	user.run(func() { c.Wake(user.clock.Now()) })
	idle := func() (yes bool) {
		user.box.Call(func() { yes = !c.busy && c.agenda.Due() == clock.Never })
		return yes
	}
	for end := time.Now().Add(20 * time.Second); !idle() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	for _, m := range machines {
		m.stop()
	}
}

// Two worlds, one code: the servers and the client that the simulator runs also run on
// this machine, and what was written outlives all processes.
func TestTheRealWorld(t *testing.T) {
	dir := t.TempDir()
	var ops []workloads.Op
	for i := range 20 {
		ops = append(ops, workloads.Op{Client: 1, Do: "set", Path: "/register", Value: strconv.Itoa(100 + i)}, workloads.Op{Client: 1, Do: "get", Path: "/register"})
	}
	log := &history.Log{}
	life(t, dir, log, ops)
	require.Len(t, log.Ops, len(ops))
	require.Greater(t, succeeded(log.Ops), len(ops)/2)
	life(t, dir, log, []workloads.Op{ops[1], ops[1], ops[1]})
	second := log.Ops[len(ops):]
	require.Positive(t, succeeded(second))
	require.Empty(t, linearizable{}.Check(log).Findings)
	for i := range second {
		second[i].Text = "0"
	}
	require.NotEmpty(t, linearizable{}.Check(log).Findings, "it would be noticed if the second life knew nothing")
}

func succeeded(ops []history.Op) (n int) {
	for _, op := range ops {
		if op.Status == history.OK {
			n++
		}
	}
	return n
}
