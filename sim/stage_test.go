package sim

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/clock/simclock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/simdisk"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/simnet"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// The stage is a small world: two servers and another process that echo what they hear,
// and a client that calls all three. Everything they notice is written down.
type stage struct {
	*World
	t       *testing.T
	servers []*journal // two, and the other process
	calls   map[net.Addr][]call
	breaks  map[net.Addr][]clock.Instant
	client  *Process
}

// journal outlives the lives of its process.
type journal struct {
	ticks, hears []clock.Instant // on its own clock
	rings        []clock.Instant // its ticks, in the world's time
	calendar     []time.Duration // at its ticks: what its calendar is ahead of its clock
	syncTook     []time.Duration
	appended     int // bytes, in this life
	synced       int // in any life
	found        []int
	spoilt       int // bytes found that nobody wrote
	breaks       []clock.Instant
	failed       []clock.Instant // batches of the disk
}

// call is one message of the client; at is when its answer came, or 0.
type call struct{ sent, at clock.Instant }

const echoPort net.Port = 7

// second is where the tests' faults begin, and how long they last.
const second = clock.Instant(time.Second)

func setUp(t *testing.T, seed uint64) *stage {
	w := New(Config{
		Noise: []kernel.Noise{{Key: rng.New(seed)}}, Link: simnet.Latency{Min: time.Millisecond, Max: 2 * time.Millisecond},
		Disk: simdisk.Config{Sync: simdisk.Latency{Min: 30 * time.Millisecond, Max: 60 * time.Millisecond}},
	})
	s := &stage{World: w, t: t, calls: map[net.Addr][]call{}, breaks: map[net.Addr][]clock.Instant{}}
	s.AddServer(s.bootEcho())
	s.AddServer(s.bootEcho())
	other := s.AddProcess("10.0.2.1", s.bootEcho())
	s.client = s.AddClientProcess(s.bootCaller)
	for _, p := range []*Process{s.World.servers[0], s.World.servers[1], other, s.client} {
		require.NoError(t, p.Start())
	}
	return s
}

// play arms the clauses and lets three seconds pass.
func play(t *testing.T, clauses ...string) *stage { return playSeed(t, 1, clauses...) }

// playBeyond lifts the budget first: the stage reports nothing that could fill it.
func playBeyond(t *testing.T, clause string) *stage {
	s := setUp(t, 1)
	s.cfg.Beyond = true
	s.Arm([]fault.Clause{entry(t, clause).Clause})
	require.NoError(t, s.Kernel.Run(3*second))
	return s
}

func playSeed(t *testing.T, seed uint64, clauses ...string) *stage {
	s := setUp(t, seed)
	var armed []fault.Clause
	for _, text := range clauses {
		c, err := fault.Parse(text)
		require.NoError(t, err)
		armed = append(armed, c)
	}
	s.Arm(armed)
	require.NoError(t, s.Kernel.Run(3*second))
	return s
}

// facts returns when something of the kind happened to a server, with its note.
func (s *stage) facts(server int, kind history.FactKind) (at []clock.Instant, notes []string) {
	for _, f := range s.Log.Facts {
		if f.Server == server && f.Kind == kind {
			at, notes = append(at, f.At), append(notes, f.Note)
		}
	}
	return at, notes
}

// echo is a server that ticks, writes a byte at each tick, and sends back what it hears.
// Its one stage is called echo.
type echo struct {
	*journal
	world   func() clock.Instant
	env     Env
	batches []clock.Instant // submitted, by order
	stalled bool
	held    []net.Event
	count   int
}

const every = 100 * time.Millisecond

func (s *stage) bootEcho() Boot {
	j := &journal{}
	s.servers = append(s.servers, j)
	return func(env Env, now clock.Now) (Server, error) {
		e := &echo{journal: j, world: s.Kernel.Now, env: env}
		b, err := disk.Read(env.Disk, "log")
		if err != nil {
			e.submit(now, disk.Op{Kind: disk.Create, Name: "log"}, disk.Op{Kind: disk.SyncDir})
		}
		j.found, j.appended = append(j.found, len(b)), len(b)
		j.spoilt += len(b) - bytes.Count(b, []byte{'x'})
		env.Net.Listen(echoPort)
		env.Alarm.Set(now.Mono.Add(every))
		return e, nil
	}
}

func (e *echo) submit(now clock.Now, ops ...disk.Op) {
	e.batches = append(e.batches, now.Mono)
	e.env.Disk.Submit(uint64(len(e.batches)), ops)
}

func (e *echo) Wake(now clock.Now) {
	e.ticks = append(e.ticks, now.Mono)
	e.rings = append(e.rings, e.world())
	e.calendar = append(e.calendar, time.Duration(now.Wall-simclock.Start-clock.Wall(now.Mono)))
	e.appended++
	e.submit(now, disk.Op{Kind: disk.Append, Name: "log", Data: []byte{'x'}}, disk.Op{Kind: disk.Sync, Name: "log"})
	e.env.Alarm.Set(now.Mono.Add(every))
}

func (e *echo) DiskDone(now clock.Now, d disk.Done) {
	if d.Err != nil {
		e.failed = append(e.failed, now.Mono)
		return
	}
	e.syncTook = append(e.syncTook, now.Mono.Sub(e.batches[d.ID-1]))
	e.synced = max(e.synced, e.appended-(len(e.batches)-int(d.ID)))
}

func (e *echo) NetEvent(now clock.Now, ev net.Event) {
	switch {
	case ev.Kind == net.Closed:
		e.breaks = append(e.breaks, now.Mono)
	case ev.Kind != net.Received:
	case e.stalled:
		e.held = append(e.held, net.Event{Conn: ev.Conn, Data: append([]byte(nil), ev.Data...)})
	default:
		e.hears = append(e.hears, now.Mono)
		e.env.Net.Send(ev.Conn, append([]byte(nil), ev.Data...))
	}
}

func (e *echo) StallStage(_ clock.Now, name string, on bool) error {
	if name != "echo" {
		return errors.New("there is no such stage")
	}
	e.stalled = on
	e.count += len(e.held)
	for _, ev := range e.held {
		e.env.Net.Send(ev.Conn, ev.Data)
	}
	e.held = nil
	return nil
}

func (e *echo) HeldBack() int { return e.count }

// caller is the client: every 50ms it calls everybody it has a connection to, and dials
// again whoever it has none to.
type caller struct {
	*stage
	env   Env
	conns map[net.Addr]net.Conn // 0: none
	open  map[net.Conn]bool
}

var everyone = []net.Addr{"10.0.0.1:7", "10.0.0.2:7", "10.0.2.1:7"}

func (s *stage) bootCaller(env Env, now clock.Now) (Server, error) {
	c := &caller{stage: s, env: env, conns: map[net.Addr]net.Conn{}, open: map[net.Conn]bool{}}
	c.Wake(now)
	return c, nil
}

func (c *caller) Wake(now clock.Now) {
	for _, a := range everyone {
		switch {
		case c.conns[a] == 0:
			c.conns[a] = c.env.Net.Dial(a)
		case c.open[c.conns[a]]:
			c.calls[a] = append(c.calls[a], call{sent: now.Mono})
			c.env.Net.Send(c.conns[a], binary.BigEndian.AppendUint64(nil, uint64(len(c.calls[a])-1)))
		}
	}
	c.env.Alarm.Set(now.Mono.Add(every / 2))
}

func (c *caller) DiskDone(clock.Now, disk.Done) { panic("the caller has submitted nothing") }

func (c *caller) NetEvent(now clock.Now, ev net.Event) {
	for _, a := range everyone {
		if c.conns[a] != ev.Conn {
			continue
		}
		switch ev.Kind {
		case net.Connected:
			c.open[ev.Conn] = true
		case net.Closed:
			c.breaks[a] = append(c.breaks[a], now.Mono)
			c.conns[a] = 0
		case net.Received:
			c.calls[a][binary.BigEndian.Uint64(ev.Data)].at = now.Mono
		}
	}
}

// slowest returns the longest that an answered call took.
func (s *stage) slowest(a net.Addr) (longest time.Duration) {
	for _, c := range s.calls[a] {
		if c.at != 0 {
			longest = max(longest, c.at.Sub(c.sent))
		}
	}
	return longest
}

// within counts the instants between two.
func within(all []clock.Instant, from, until clock.Instant) (n int) {
	for _, at := range all {
		if at > from && at < until {
			n++
		}
	}
	return n
}

// entry arms one clause.
func entry(t *testing.T, text string) *fault.Entry {
	c, err := fault.Parse(text)
	require.NoError(t, err)
	return fault.NewLedger([]fault.Clause{c})[0]
}

// silent reports whether the client sent nothing to anybody in the second second.
func (s *stage) silent() bool {
	for _, a := range everyone {
		for _, c := range s.calls[a] {
			if c.sent > second && c.sent < 2*second {
				return false
			}
		}
	}
	return true
}
