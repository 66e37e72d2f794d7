package register

import (
	"errors"
	"fmt"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/net"
)

const (
	// The bugs that can be switched on.
	AckBeforeSync = "ack-before-sync" // a server says that it has a value when it has only begun to write it
	DeposedServes = "deposed-serves"  // a primary answers reads without asking whether it still is the primary

	port     = net.Port(7100)
	file     = "state"
	beat     = 100 * time.Millisecond // how often a primary is heard
	patience = 450 * time.Millisecond // how long a backup waits for it, at least
)

// Config is what a server gets from the world that it is put into, whichever that is.
type Config struct {
	ID      int64
	Servers []string // their hosts; that of server i is at i-1
	Net     net.Network
	Disk    disk.Disk
	Alarm   clock.Alarm
	Halt    func(why string)       // ends the process
	Leads   func(view int64)       // is told when this server becomes a primary
	Bug     func(name string) bool // whether it is switched on
}

// Server is one of n servers; see README.md for what they agree on.
type Server struct {
	Config
	now      clock.Instant
	due      clock.Instant       // when a primary is to be heard, or a backup stands up
	links    []link              // to servers, for what this one asks of them
	in       map[net.Conn][]byte // what has come on each connection, and is no message yet
	saves    []func()            // what waits for the disk, in order
	promised int64               // with the record, this is what is on disk
	record

	votes   map[int64]record // of those who agree with this server's view; nil: it has none
	leading bool             // a majority agrees
	asked   []request        // not answered yet, in order
}

// request is what a client waits for, and the record that answers it.
type request struct {
	conn net.Conn
	record
}

// link is the way to another server.
type link struct {
	conn   net.Conn
	redial clock.Instant // to dial a machine without power takes for ever; Never: it is open
}

// Boot starts a server from what its disk holds.
func Boot(cfg Config, now clock.Now) (*Server, error) {
	s := &Server{Config: cfg, now: now.Mono, links: make([]link, len(cfg.Servers)), in: map[net.Conn][]byte{}}
	b, err := disk.Read(cfg.Disk, file)
	if kept, ok := take(&b); ok {
		s.promised, s.record = kept.Promised, kept.record
	} else if !errors.Is(err, disk.NoSuchFile) { // to begin anew would break what it has promised
		return nil, fmt.Errorf("register: server %d finds no whole record in its file %s: %v", cfg.ID, file, err)
	}
	cfg.Net.Listen(port)
	s.wait()
	s.Wake(now)
	return s, nil
}

// wait gives the primary time to be heard; not all servers lose patience at once.
func (s *Server) wait() { s.due = s.now.Add(patience + time.Duration(s.ID)*50*time.Millisecond) }

// Wake does what is due.
func (s *Server) Wake(now clock.Now) {
	s.now = now.Mono
	if s.now >= s.due && s.leading {
		s.propose()
	} else if s.now >= s.due {
		s.standUp()
	}
	s.Alarm.Set(s.due)
}

// standUp takes the next view that is this server's. It tells the others when that is on
// disk: (1) a power failure would make it forget the view; (2) it would use it again, while
// messages of its earlier life are on their way; (3) a round would have two records.
func (s *Server) standUp() {
	for s.promised++; s.promised%int64(len(s.Servers))+1 != s.ID; s.promised++ {
	}
	s.wait()
	s.votes = nil
	view := s.promised
	s.save(func() {
		if s.promised == view {
			s.votes = map[int64]record{}
			s.tell()
		}
	})
}

// propose begins a round. One without a request is there to be heard.
func (s *Server) propose() {
	s.due = s.now.Add(beat)
	s.View, s.Round = s.promised, s.Round+1
	s.tell()
}

// tell asks everybody to agree. This server does, as others do, when it has that on disk.
func (s *Server) tell() {
	for i := range s.links {
		l := &s.links[i]
		s.Net.Send(l.conn, s.message(lead).encode()) // is lost if the link is not open
		if i+1 != int(s.ID) && s.now >= l.redial {
			s.Net.Close(l.conn)
			l.conn, l.redial = s.Net.Dial(net.MakeAddr(s.Servers[i], port)), s.now.Add(patience)
		}
	}
	own := s.message(agree)
	s.save(func() { s.hear(0, own) })
}

func (s *Server) message(kind int64) message { return message{kind, s.ID, s.promised, s.record} }

func (s *Server) hear(c net.Conn, m message) {
	switch {
	case m.Kind == get || m.Kind == set:
		s.ask(c, m)
	case m.Kind == agree && m.Promised == s.promised && s.votes != nil:
		s.vote(m)
	case m.Kind == lead && m.Promised >= s.promised:
		s.follow(c, m)
	}
}

// vote counts who agrees with this server's view, and what it has.
func (s *Server) vote(m message) {
	s.votes[m.From] = m.record
	if m.newer(s.record) {
		s.record = m.record
	}
	if !s.leading && s.majority(record{}) {
		s.leading = true
		s.Leads(s.promised)
		s.propose()
	}
	for len(s.asked) > 0 && s.majority(s.asked[0].record) {
		s.Net.Send(s.asked[0].conn, message{Kind: done, record: s.asked[0].record}.encode())
		s.asked = s.asked[1:]
	}
}

// majority reports whether most servers have a record, or a newer one.
func (s *Server) majority(r record) bool {
	n := 0
	for id := range s.Servers {
		if has, ok := s.votes[int64(id)+1]; ok && !r.newer(has) {
			n++
		}
	}
	return n > len(s.Servers)/2
}

// follow agrees with a primary, on the connection on which that asked. If it is a new one,
// this server is none any more, and does not know whether what clients wait for was done.
func (s *Server) follow(c net.Conn, m message) {
	s.wait()
	if m.Promised > s.promised {
		s.promised, s.votes, s.leading, s.asked = m.Promised, nil, false, nil
	}
	if m.newer(s.record) {
		s.record = m.record
	}
	yes := s.message(agree).encode()
	s.save(func() { s.Net.Send(c, yes) })
}

// ask handles a request. To read takes a round, too: it shows that this server still leads.
func (s *Server) ask(c net.Conn, m message) {
	switch {
	case !s.leading:
		s.Net.Send(c, message{Kind: notPrimary}.encode())
	case m.Kind == get && s.Bug(DeposedServes):
		// The bug: (1) this primary is cut off; (2) another one sets a value; (3) this one still
		// answers, with the value from before or with one that nobody else has.
		s.Net.Send(c, message{Kind: done, record: s.record}.encode())
	default:
		if m.Kind == set {
			s.Value = m.Value
		}
		s.propose()
		s.asked = append(s.asked, request{c, s.record})
	}
}

// save keeps what must outlive this process, and then does what waits for that.
func (s *Server) save(then func()) {
	if s.Bug(AckBeforeSync) {
		// The bug: (1) a majority agrees; (2) a client is told that the value is set; (3) these
		// servers lose power, and what they hold next is the value from before.
		then()
		then = func() {}
	}
	s.saves = append(s.saves, then)
	s.Disk.Submit(0, disk.Replace(file, s.message(0).encode()))
}

// DiskDone takes in that the oldest save is on disk.
func (s *Server) DiskDone(now clock.Now, d disk.Done) {
	if d.Err != nil { // who cannot keep what it promises must not go on
		s.Halt(d.Err.Error())
		return
	}
	s.now = now.Mono
	s.saves[0]()
	s.saves = s.saves[1:]
	s.Wake(now)
}

// NetEvent takes in what happened on the network.
func (s *Server) NetEvent(now clock.Now, ev net.Event) {
	s.now = now.Mono
	switch ev.Kind {
	case net.Connected:
		s.link(ev.Conn).redial = clock.Never
		if s.votes != nil {
			s.tell() // again, to who has not heard it
		}
	case net.Received:
		b := append(s.in[ev.Conn], ev.Data...)
		for m, ok := take(&b); ok; m, ok = take(&b) {
			s.hear(ev.Conn, m)
		}
		s.in[ev.Conn] = b
	case net.Closed:
		delete(s.in, ev.Conn)
		*s.link(ev.Conn) = link{}
	}
	s.Wake(now)
}

// link returns the link with a connection; one that nobody uses, if no link has it.
func (s *Server) link(c net.Conn) *link {
	for i := range s.links {
		if s.links[i].conn == c {
			return &s.links[i]
		}
	}
	return &link{}
}
