package node

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/node/bugs"
	"github.com/zoobreak/zoobreak/node/quorum"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// cluster is some servers, three if nothing else is said, between which every message is delivered by hand and every
// save completed by hand. What they do is written to out.
type cluster struct {
	t       *testing.T
	now     clock.Now
	servers map[ID]*rig
	clients map[int]*user
	ends    map[Conn]*cable
	last    Conn
	ids     []ID
	queues  [6][6][]inFlight // from, to
	held    [6][6]bool
	posted  []post // events that follow from others at once
	out     strings.Builder
	muted   bool
}

// rig is a server with its disk.
type rig struct {
	id      ID
	cfg     Config
	node    *Node // nil: down
	disk    Image
	waiting []Save
}

// cable is one end of a connection: between servers, or from a client.
type cable struct {
	owner, peer ID
	other       Conn
	channel     Channel
	client      *user
}

// inFlight is a message on its way, or the end of its connection.
type inFlight struct {
	to    Conn
	data  []byte
	close bool
}

type post struct {
	to ID
	ev Event
}

func newCluster(t *testing.T) *cluster {
	c := &cluster{t: t, clients: map[int]*user{}, ends: map[Conn]*cable{}}
	c.ensemble(quorum.Simple(1, 2, 3))
	return c
}

// ensemble puts new servers in place.
func (c *cluster) ensemble(e *quorum.Config) {
	c.ids, c.servers = nil, map[ID]*rig{}
	for _, m := range e.Members() {
		c.ids = append(c.ids, m.ID)
		c.servers[m.ID] = &rig{id: m.ID, disk: Image{Tree: tree.New()}, cfg: Config{
			ID: m.ID, Ensemble: e, Tick: time.Second, InitLimit: 10, SyncLimit: 5,
			MinSession: 2 * time.Second, MaxSession: 20 * time.Second,
		}}
	}
}

func (c *cluster) say(format string, args ...any) {
	if !c.muted {
		fmt.Fprintf(&c.out, "  "+format+"\n", args...)
	}
}

// start boots a server from its disk.
func (c *cluster) start(r *rig) {
	state, err := tree.Load(r.disk.Tree.Snapshot())
	require.NoError(c.t, err)
	img := r.disk
	img.Tree, img.Log = state, append([]tree.Txn(nil), r.disk.Log...)
	r.node = New(r.cfg, img)
	c.carryOut(r, r.node.Start(c.now))
	c.settle()
}

// crash takes a server down: saves under way are lost, its connections break.
func (c *cluster) crash(r *rig) {
	r.node, r.waiting = nil, nil
	for _, peer := range c.ids {
		c.queues[r.id][peer], c.queues[peer][r.id] = nil, nil
	}
	for conn := Conn(1); conn <= c.last; conn++ {
		if e := c.ends[conn]; e != nil && e.owner == r.id {
			c.cut(conn)
		}
	}
	c.settle()
}

// cut ends a connection: the other end is told.
func (c *cluster) cut(conn Conn) {
	e := c.ends[conn]
	delete(c.ends, conn)
	if e.client != nil {
		c.say("client %d: its connection is gone", e.client.number)
		e.client.conn = 0
		return
	}
	if c.ends[e.other] != nil {
		delete(c.ends, e.other)
		c.posted = append(c.posted, post{e.peer, Event{Kind: Closed, Conn: e.other}})
	}
}

// step gives a server an event and does what it wants done.
func (c *cluster) step(r *rig, ev Event) {
	c.carryOut(r, r.node.Step(c.now, ev))
	c.settle()
}

// settle handles what follows at once: the outcome of dials, connections that broke.
func (c *cluster) settle() {
	for len(c.posted) > 0 {
		p := c.posted[0]
		c.posted = c.posted[1:]
		if r := c.servers[p.to]; r.node != nil {
			c.carryOut(r, r.node.Step(c.now, p.ev))
		}
	}
}

func (c *cluster) carryOut(r *rig, e *Effects) {
	for _, f := range e.Facts {
		c.say("%d: %s", r.id, factLine(f))
	}
	for _, d := range e.Dials {
		c.dial(r, d)
	}
	for _, s := range e.Saves {
		if len(s.Ops) > 0 {
			c.say("%d saves %s", r.id, saveLine(s))
		}
		r.waiting = append(r.waiting, s)
	}
	c.send(r, e.Sends)
	if e.Halt != "" {
		c.say("%d stops", r.id)
		c.crash(r)
		return
	}
	c.pump(r)
}

// pump completes saves that have nothing to wait for.
func (c *cluster) pump(r *rig) {
	for r.node != nil && len(r.waiting) > 0 && len(r.waiting[0].Ops) == 0 {
		c.saved(r)
	}
}

// saved completes a server's oldest save.
func (c *cluster) saved(r *rig) {
	s := r.waiting[0]
	r.waiting = r.waiting[1:]
	for i := range s.Ops {
		r.keep(&s.Ops[i])
	}
	c.send(r, s.Then)
	c.step(r, Event{Kind: Saved, Save: s.ID})
}

func (r *rig) keep(op *SaveOp) {
	switch op.Kind {
	case AppendTxn:
		r.disk.Log = append(r.disk.Log, op.Txn)
	case SetAcceptedEpoch:
		r.disk.AcceptedEpoch = op.Epoch
	case SetCurrentEpoch:
		r.disk.CurrentEpoch = op.Epoch
	case InstallSnapshot:
		r.disk.Tree, _ = tree.Load(op.Bytes)
		r.disk.Log = nil
	case TruncateLog:
		for len(r.disk.Log) > 0 && r.disk.Log[len(r.disk.Log)-1].Zxid > op.Zxid {
			r.disk.Log = r.disk.Log[:len(r.disk.Log)-1]
		}
	case TakeSnapshot:
		r.disk.Tree, _ = tree.Load(op.Bytes)
		for len(r.disk.Log) > 0 && r.disk.Log[0].Zxid <= op.Zxid {
			r.disk.Log = r.disk.Log[1:]
		}
	}
}

func (c *cluster) dial(r *rig, d Dial) {
	if c.servers[d.Peer].node == nil {
		c.posted = append(c.posted, post{r.id, Event{Kind: DialFailed, Channel: d.Channel, Peer: d.Peer}})
		return
	}
	c.last += 2
	near, far := c.last-1, c.last
	c.ends[near] = &cable{owner: r.id, peer: d.Peer, other: far, channel: d.Channel}
	c.ends[far] = &cable{owner: d.Peer, peer: r.id, other: near, channel: d.Channel}
	c.posted = append(c.posted,
		post{d.Peer, Event{Kind: Opened, Conn: far, Channel: d.Channel}},
		post{r.id, Event{Kind: Opened, Conn: near, Channel: d.Channel, Peer: d.Peer}})
}

func (c *cluster) send(r *rig, msgs []Message) {
	for _, m := range msgs {
		e := c.ends[m.Conn]
		switch {
		case e == nil:
		case e.client != nil:
			c.toClient(e.client, m)
		default:
			c.queue(r.id, e, m)
		}
		if e != nil && m.Close {
			delete(c.ends, m.Conn)
		}
	}
}

func (c *cluster) queue(from ID, e *cable, m Message) {
	q := &c.queues[from][e.peer]
	if len(m.Data) > 0 {
		if line := messageLine(e.channel, m.Data); line != "" {
			c.say("%d -> %d %s", from, e.peer, line)
		}
		*q = append(*q, inFlight{to: e.other, data: m.Data})
	}
	if m.Close {
		*q = append(*q, inFlight{to: e.other, close: true})
	}
}

// deliver hands over the oldest message between two servers; ok is false if there is none.
func (c *cluster) deliver(from, to ID) (ok bool) {
	q := &c.queues[from][to]
	if len(*q) == 0 || c.servers[to].node == nil {
		return false
	}
	m := (*q)[0]
	*q = (*q)[1:]
	switch {
	case c.ends[m.to] == nil:
	case m.close:
		delete(c.ends, m.to)
		c.step(c.servers[to], Event{Kind: Closed, Conn: m.to})
	default:
		c.step(c.servers[to], Event{Kind: Received, Conn: m.to, Data: m.data})
	}
	return true
}

// run delivers and saves everything that is not held, until all is quiet.
func (c *cluster) run() {
	for progress := true; progress; {
		progress = false
		for _, from := range c.ids {
			for _, to := range c.ids {
				progress = !c.held[from][to] && c.deliver(from, to) || progress
			}
			if r := c.servers[from]; !c.held[from][from] && r.node != nil && len(r.waiting) > 0 {
				c.saved(r)
				progress = true
			}
		}
	}
}

// wait lets time pass, with everything that it makes happen.
func (c *cluster) wait(d time.Duration) {
	until := c.now.Mono.Add(d)
	for {
		c.run()
		next := until
		for _, id := range c.ids {
			if r := c.servers[id]; r.node != nil {
				next = min(next, r.node.Wake())
			}
		}
		next = max(next, c.now.Mono)
		c.now = clock.Now{Mono: next, Wall: clock.Wall(next)}
		for _, id := range c.ids {
			if r := c.servers[id]; r.node != nil && r.node.Wake() <= next {
				c.step(r, Event{Kind: Tick})
			}
		}
		if next == until {
			c.run()
			return
		}
	}
}

// plant switches a bug on in a server that is not started yet.
func (c *cluster) plant(r *rig, name string) {
	set, err := bugs.Parse(name)
	require.NoError(c.t, err)
	r.cfg.Bugs = set
}

func zxidText(z wire.Zxid) string { return fmt.Sprintf("(%d,%d)", z.Epoch(), z.Counter()) }
