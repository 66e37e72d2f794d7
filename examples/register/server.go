package register

import (
	"errors"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/wire"
)

// The bugs that can be switched on.
const (
	AckBeforeSync = "ack-before-sync"      // a backup says that it has a value when it has only begun to write it
	DeposedServes = "deposed-serves"       // a primary answers reads without asking whether it still is the primary
	peerPort      = net.Port(7100)         // between servers
	clientPort    = net.Port(7200)         // for clients
	beat          = 100 * time.Millisecond // how often a primary is heard
	patience      = 450 * time.Millisecond // how long a backup waits for it
	file          = "state"
)

// state is what a server keeps: the newest view it has promised to, and the value it holds
// with the view and version in which it was written. A greater (view, version) is newer.
type state struct {
	promised, view, version int64
	value                   string
}

func (s state) newer(t state) bool {
	return s.view > t.view || s.view == t.view && s.version > t.version
}

// Server is one of n servers. Views are numbered; server view%n+1 is the primary of a view.
// A primary first collects the states of a majority, which then refuse older views; it
// takes over the newest value. From then on a value is written, and a read is answered,
// when a majority has accepted the primary's state in its view: two majorities share a
// server, so no older primary can get one any more.
type Server struct {
	id, n int64
	peers []string
	bugs  func(string) bool
	net   net.Network
	disk  disk.Disk
	alarm clock.Alarm
	now   clock.Instant

	state            // in memory; durable when the saves up to now are done
	saves   []func() // what waits for each save, in order
	saveID  uint64
	links   map[int64]link            // to other servers; replaced when they break
	framers map[net.Conn]*wire.Framer // of connections that were accepted
	clients map[net.Conn]bool         // of them, those of clients
	heard   clock.Instant             // the primary, or own work as one

	leading bool // a majority has promised this server's view
	best    state
	votes   map[int64]bool // promises, then acceptances of the round
	round   int64
	queue   []task // what clients want; the first is under way
}

// task is a client's request, or with no conn the taking over of the old value.
type task struct {
	conn  net.Conn
	write bool
	value string
}

// Boot starts a server from what its disk holds.
func Boot(id int, peers []string, bugs func(string) bool, n net.Network, d disk.Disk, a clock.Alarm, now clock.Now) *Server {
	s := &Server{id: int64(id), n: int64(len(peers)), peers: peers, bugs: bugs, net: n, disk: d, alarm: a,
		links: map[int64]link{}, framers: map[net.Conn]*wire.Framer{}, clients: map[net.Conn]bool{}}
	b, err := disk.Read(d, file)
	if err == nil {
		s.state = decodeState(wire.NewDecoder(b))
	} else if !errors.Is(err, disk.NoSuchFile) {
		panic("register: " + err.Error()) // to begin anew would break what it has promised
	}
	n.Listen(peerPort)
	n.Listen(clientPort)
	s.heard = now.Mono
	s.Wake(now)
	return s
}

// Wake does what is due: a primary is heard, a backup that hears nothing stands up.
func (s *Server) Wake(now clock.Now) {
	s.now = now.Mono
	wait := patience + time.Duration(s.id)*50*time.Millisecond // not all at once
	switch {
	case s.leading && s.now >= s.heard.Add(beat):
		s.heard = s.now
		s.propose()
	case !s.leading && s.now >= s.heard.Add(wait):
		s.standUp()
	}
	if s.leading {
		wait = beat
	}
	s.alarm.Set(s.heard.Add(wait))
}

// standUp asks a majority for its promise of the next view that is this server's.
func (s *Server) standUp() {
	s.heard = s.now
	for s.promised++; s.promised%s.n+1 != s.id; s.promised++ {
	}
	s.votes, s.best = map[int64]bool{}, s.state
	view := s.promised
	s.save(func() {
		s.count(message{kind: promise, from: s.id, state: state{promised: view}})
		s.tellAll(message{kind: prepare, from: s.id, state: state{promised: view}})
	})
}

// save keeps the state and then does what waits for it.
func (s *Server) save(then func()) {
	var e wire.Encoder
	s.state.encode(&e)
	s.saves = append(s.saves, then)
	s.saveID++
	s.disk.Submit(s.saveID, disk.Replace(file, e.Buf))
}

// DiskDone takes in that the oldest save is durable. This server does not survive a disk
// that fails: going on would be a lie about what it has.
func (s *Server) DiskDone(now clock.Now, d disk.Done) {
	if d.Err != nil {
		panic("register: " + d.Err.Error())
	}
	s.now = now.Mono
	then := s.saves[0]
	s.saves = s.saves[1:]
	then()
}

// hear handles a message of another server.
func (s *Server) hear(m message) {
	switch {
	case m.promised < s.promised: // of a view that is over
	case m.kind == prepare && m.promised > s.promised:
		s.follow(m)
		mine := s.state
		s.save(func() { s.tell(m.from, message{kind: promise, from: s.id, state: mine}) })
	case m.kind == accept:
		s.follow(m)
		s.accept(m)
	case m.kind == promise || m.kind == accepted:
		s.count(m)
	}
}

// follow makes the sender this server's primary.
func (s *Server) follow(m message) {
	s.heard = s.now
	if m.promised > s.promised {
		s.promised, s.leading, s.queue = m.promised, false, nil // clients ask again elsewhere
	}
}

// accept takes the primary's value and says so when it is durable.
func (s *Server) accept(m message) {
	s.view, s.version, s.value = m.view, m.version, m.value
	yes := message{kind: accepted, from: s.id, round: m.round, state: state{promised: m.promised}}
	if s.bugs(AckBeforeSync) {
		// The bug: (1) the primary and this server say that they have the value; (2) the
		// client is told; (3) both lose power, and what they hold next is the old value.
		s.tell(m.from, yes)
		s.save(func() {})
		return
	}
	s.save(func() { s.tell(m.from, yes) })
}

// count counts a promise of, or an acceptance in, this server's view.
func (s *Server) count(m message) {
	current := m.promised == s.promised && s.promised%s.n+1 == s.id && (m.kind == promise) == !s.leading
	if !current || m.kind == accepted && m.round != s.round || s.votes == nil {
		return // votes is nil in a new life: the view of the old one is not taken up again
	}
	s.votes[m.from] = true
	if m.kind == promise && m.state.newer(s.best) {
		s.best = m.state
	}
	if len(s.votes) <= int(s.n/2) {
		return
	}
	if s.leading {
		s.finish()
		return
	}
	s.leading = true
	s.view, s.version, s.value = s.promised, s.best.version, s.best.value
	s.queue = []task{{}}
	s.propose()
}

// propose asks everybody to accept this server's state, in a new round.
func (s *Server) propose() {
	s.round++
	s.votes = map[int64]bool{}
	m := message{kind: accept, from: s.id, round: s.round, state: s.state}
	yes := message{kind: accepted, from: s.id, round: s.round, state: state{promised: s.promised}}
	s.tellAll(m)
	s.save(func() { s.count(yes) })
}

// finish answers the task under way, and begins the next.
func (s *Server) finish() {
	s.round++ // later acceptances of this round count for nothing
	if len(s.queue) == 0 {
		return // it was a heartbeat
	}
	t := s.queue[0]
	s.queue = s.queue[1:]
	s.answer(t.conn, yes, s.value)
	s.begin()
}

func (s *Server) begin() {
	if len(s.queue) == 0 {
		return
	}
	if t := s.queue[0]; t.write {
		s.version, s.value = s.version+1, t.value
	}
	s.heard = s.now
	s.propose()
}

// ask handles a client's request.
func (s *Server) ask(c net.Conn, write bool, value string) {
	switch {
	case !s.leading:
		s.answer(c, no, "")
	case !write && s.bugs(DeposedServes):
		// The bug: (1) this primary is cut off; (2) the others have another, which takes a
		// write; (3) this one answers a read with the value from before.
		s.answer(c, yes, s.value)
	default:
		if s.queue = append(s.queue, task{c, write, value}); len(s.queue) == 1 {
			s.begin()
		}
	}
}
