package host

import (
	"fmt"
	"strings"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/node"
	"github.com/zoobreak/zoobreak/node/txnlog"
)

// The ports on which a server listens, as in a stock zoo.cfg. What real ports these stand
// for is the network's business; a peer's may be any.
const (
	ClientPort   net.Port = 2181
	QuorumPort   net.Port = 2888
	ElectionPort net.Port = 3888
)

var portOf = [...]net.Port{node.ClientChannel: ClientPort, node.QuorumChannel: QuorumPort, node.ElectionChannel: ElectionPort}

func channelOf(p net.Port) node.Channel {
	for c, port := range portOf {
		if port == p {
			return node.Channel(c)
		}
	}
	panic(fmt.Sprintf("host: a connection was accepted on port %d, which no channel has", p))
}

// Env is the machine that a server runs on.
type Env struct {
	Net      net.Network
	Disk     disk.Disk
	Log      txnlog.Config      // how the disk is used; the marks are the server's
	Found    func(txnlog.Image) // what the disk holds, for a report; nil: nobody asks
	Alarm    clock.Alarm
	Peers    map[node.ID]Peer // all servers
	Evidence func(history.Fact)
	Halted   func(why string) // the server stopped itself; no further event is wanted
}

// Peer is where the other servers find a server.
type Peer struct{ Quorum, Election net.Addr }

// At returns a peer that has the ports of a stock zoo.cfg.
func At(name string) Peer {
	return Peer{Quorum: net.MakeAddr(name, QuorumPort), Election: net.MakeAddr(name, ElectionPort)}
}

func (p Peer) on(c node.Channel) net.Addr {
	if c == node.QuorumChannel {
		return p.Quorum
	}
	return p.Election
}

// Host runs one server.
type Host struct {
	env         Env
	cfg         node.Config
	node        *node.Node
	files       *txnlog.Files
	events      []node.Event // for the node, in order
	dials       []dial
	clients     map[net.Conn]*client
	busyClients []net.Conn // of which too many requests wait
	halted      bool

	queue     []node.Save // not submitted
	inflight  []node.Save // in the batch that the disk works on
	busy      bool
	chunkNext bool // it is the turn of the snapshot
	batches   uint64
}

// dial is a connection being made.
type dial struct {
	conn     net.Conn
	channel  node.Channel
	peer     node.ID
	deadline clock.Instant
}

// Boot starts a server from what its disk holds. An unreadable disk is an error: the
// server does not start.
func Boot(cfg node.Config, env Env, now clock.Now) (*Host, error) {
	env.Log.Marks = cfg.Marks
	img, files, repair, err := txnlog.Recover(env.Disk, env.Log)
	if err == nil {
		err = img.Believe()
	}
	if err != nil {
		return nil, fmt.Errorf("server %d does not start: %w", cfg.ID, err)
	}
	if env.Found != nil {
		env.Found(img)
	}
	h := &Host{env: env, cfg: cfg, files: files, clients: map[net.Conn]*client{}}
	h.node = node.New(cfg, node.Image{AcceptedEpoch: img.AcceptedEpoch, CurrentEpoch: img.CurrentEpoch, Tree: img.Tree, Log: img.Log})
	for _, p := range portOf {
		env.Net.Listen(p)
	}
	h.submit(repair) // every save waits behind it
	h.carryOut(now, h.node.Start(now))
	h.run(now)
	return h, nil
}

// Node returns the server, for a look at its state.
func (h *Host) Node() *node.Node { return h.node }

// NetEvent takes in what happened on the network.
func (h *Host) NetEvent(now clock.Now, ev net.Event) {
	switch ev.Kind {
	case net.Accepted:
		if ev.Port == ClientPort {
			h.clients[ev.Conn] = &client{}
		}
		from, _, _ := ev.Peer.Split()
		h.post(node.Event{Kind: node.Opened, Conn: node.Conn(ev.Conn), Channel: channelOf(ev.Port), Host: strings.Trim(from, "[]")})
	case net.Connected:
		if d, ok := h.takeDial(ev.Conn); ok {
			h.post(node.Event{Kind: node.Opened, Conn: node.Conn(ev.Conn), Channel: d.channel, Peer: d.peer})
		}
	case net.Received:
		h.post(node.Event{Kind: node.Received, Conn: node.Conn(ev.Conn), Data: ev.Data})
	case net.Writable:
		h.attend(ev.Conn, func(x *client) { x.full = false })
	case net.Closed:
		delete(h.clients, ev.Conn)
		if d, ok := h.takeDial(ev.Conn); ok {
			h.post(node.Event{Kind: node.DialFailed, Channel: d.channel, Peer: d.peer})
		} else {
			h.post(node.Event{Kind: node.Closed, Conn: node.Conn(ev.Conn)})
		}
	}
	h.run(now)
	h.watch(ev.Conn)
}

// DiskDone takes in that a batch of saves is durable, or failed.
func (h *Host) DiskDone(now clock.Now, d disk.Done) {
	h.busy = false
	if d.Err != nil {
		h.post(node.Event{Kind: node.SaveFailed, Reason: d.Err.Error()})
	} else {
		h.saved()
		h.pump()
	}
	h.run(now)
}

// Wake takes in that the alarm went off.
func (h *Host) Wake(now clock.Now) {
	for i := 0; i < len(h.dials); {
		if h.dials[i].deadline > now.Mono {
			i++
			continue
		}
		d, _ := h.takeDial(h.dials[i].conn)
		h.env.Net.Close(d.conn)
		h.post(node.Event{Kind: node.DialFailed, Channel: d.channel, Peer: d.peer})
	}
	h.post(node.Event{Kind: node.Tick})
	h.run(now)
}

// Stall stops or resumes a stage.
func (h *Host) Stall(now clock.Now, s node.Stage, on bool) {
	kind := node.Resumed
	if on {
		kind = node.Stalled
	}
	h.post(node.Event{Kind: kind, Stage: s})
	h.run(now)
}

func (h *Host) post(ev node.Event) { h.events = append(h.events, ev) }

// run steps the server through everything that is posted, then sets the alarm.
func (h *Host) run(now clock.Now) {
	for len(h.events) > 0 && !h.halted {
		ev := h.events[0]
		h.events = h.events[1:]
		h.carryOut(now, h.node.Step(now, ev))
	}
	if h.halted {
		h.env.Alarm.Set(clock.Never)
		return
	}
	h.relieve()
	at := h.node.Wake()
	for _, d := range h.dials {
		at = min(at, d.deadline)
	}
	h.env.Alarm.Set(at)
}

// carryOut does what the server wants done.
func (h *Host) carryOut(now clock.Now, e *node.Effects) {
	for _, f := range e.Facts {
		h.env.Evidence(f)
	}
	for _, d := range e.Dials {
		h.dial(now, d)
	}
	h.queue = append(h.queue, e.Saves...)
	h.send(e.Sends)
	if e.Halt != "" {
		h.halted = true
		h.env.Halted(e.Halt)
		return
	}
	h.pump()
}

func (h *Host) dial(now clock.Now, want node.Dial) {
	for _, d := range h.dials {
		if d.peer == want.Peer && d.channel == want.Channel {
			h.takeDial(d.conn)
			h.env.Net.Close(d.conn)
			break
		}
	}
	c := h.env.Net.Dial(h.env.Peers[want.Peer].on(want.Channel))
	h.dials = append(h.dials, dial{c, want.Channel, want.Peer, now.Mono.Add(2 * h.cfg.Tick)})
}

func (h *Host) takeDial(c net.Conn) (dial, bool) {
	for i, d := range h.dials {
		if d.conn == c {
			h.dials = append(h.dials[:i], h.dials[i+1:]...)
			return d, true
		}
	}
	return dial{}, false
}

// pump gives the disk everything that waits, as one batch: while a sync is under way
// more saves gather, and share the next one (group commit). A snapshot is a queue of its own,
// of chunks; they take turns with the batches, and no save waits for a whole snapshot.
func (h *Host) pump() {
	for !h.busy {
		if chunk := h.chunk(); chunk != nil {
			h.submit(chunk)
			return
		}
		if len(h.queue) == 0 {
			return
		}
		h.chunkNext = true
		h.inflight, h.queue = h.queue, nil
		if ops := h.translate(h.inflight); len(ops) > 0 {
			h.submit(ops)
		} else {
			h.saved() // nothing to wait for
		}
	}
}

// chunk returns the next part of a snapshot, if it is its turn.
func (h *Host) chunk() []disk.Op {
	if len(h.queue) > 0 && !h.chunkNext {
		return nil
	}
	h.chunkNext = false
	return h.files.NextChunk()
}

func (h *Host) submit(ops []disk.Op) {
	h.busy = true
	h.batches++
	h.env.Disk.Submit(h.batches, ops)
}

// saved releases what waited for the batch in flight.
func (h *Host) saved() {
	for _, s := range h.inflight {
		h.send(s.Then)
		h.post(node.Event{Kind: node.Saved, Save: s.ID})
	}
	h.inflight = nil
}
