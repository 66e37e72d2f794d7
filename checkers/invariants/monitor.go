package invariants

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/wire"
)

// Monitor judges the facts of one run, one by one.
type Monitor struct {
	quorum func(has func(server int) bool) bool
	check  outcome.Check

	servers   map[int]*server
	leaders   map[wire.Epoch]*history.Fact
	committed map[wire.Epoch]*history.Fact // the last commit of each epoch
	taken     wire.Zxid                    // the greatest history that a leader was established with
	applied   map[wire.Zxid]*history.Fact  // the first time each transaction was applied
	next      map[wire.Zxid]wire.Zxid      // what was applied after it
	frontier  wire.Zxid                    // the greatest zxid applied anywhere
	telling   int                          // the server that has just applied it, as the first
	skipped   bool                         // some transactions were never applied where it was told
	late      int                          // faults that make servers report late what is on their disks
	sessions  map[wire.SessionID]*session
	closing   []wire.SessionID // closed by the transaction at the frontier
}

// epochChanged is what threatens most invariants: a leader takes over from another.
const epochChanged = "epoch changed"

// server is what is known of one.
type server struct {
	at       wire.Zxid // its tree
	loaded   bool      // since it started
	durable  wire.Zxid // its log is on its disk up to here
	promised wire.Epoch
	adopted  wire.Epoch
	doubted  bool // its disk may hold more than it has reported
}

type session struct {
	closed bool
	nodes  map[string]*history.Fact
}

// New returns a monitor of an ensemble. Quorum says which sets of servers are enough to
// commit; has is asked for servers from 1.
func New(quorum func(has func(server int) bool) bool) *Monitor {
	return &Monitor{
		quorum:  quorum,
		check:   outcome.Check{Name: "invariants", Findings: []outcome.Finding{}, Threats: map[string]int{epochChanged: 0}},
		servers: map[int]*server{}, leaders: map[wire.Epoch]*history.Fact{}, committed: map[wire.Epoch]*history.Fact{},
		applied: map[wire.Zxid]*history.Fact{}, next: map[wire.Zxid]wire.Zxid{}, sessions: map[wire.SessionID]*session{},
	}
}

// Majority is a quorum of servers 1 to n, each of which counts alike.
func Majority(n int) func(has func(int) bool) bool {
	return func(has func(int) bool) bool {
		count := 0
		for i := 1; i <= n; i++ {
			if has(i) {
				count++
			}
		}
		return count > n/2
	}
}

// See takes in a fact as it is reported.
func (m *Monitor) See(f *history.Fact) {
	s := m.servers[f.Server]
	if s == nil {
		s = &server{}
		m.servers[f.Server] = s
	}
	switch f.Kind {
	case history.Started:
		s.loaded = false
	case history.Restored:
		s.at, s.loaded = f.Zxid, true
	case history.Logged:
		s.durable, s.doubted = f.Zxid, m.late > 0
	case history.Promised:
		m.promised(f, &s.promised, "accepted")
	case history.Adopted:
		m.promised(f, &s.adopted, "adopted")
	case history.Established:
		m.established(f)
	case history.Committed:
		m.commits(f)
	case history.Applied:
		m.applies(s, f)
	case history.SessionOpened, history.SessionClosed, history.NodeCreated, history.NodeDeleted:
		m.sessionFact(f)
	case history.Damaged, history.Replaced: // what the old disk had promised is nobody's any more
		s.promised, s.adopted = 0, 0
	case history.FaultOn, history.FaultOff:
		m.fault(f)
	}
}

// Check returns what was seen, up to now.
func (m *Monitor) Check() outcome.Check {
	m.judgeEnds()
	c := m.check
	c.Settle()
	return c
}

// broken notes the first violation of each invariant: what follows from it is noise.
func (m *Monitor) broken(name, shape string, evidence []*history.Fact, format string, args ...any) {
	x := find(name)
	signature := name + ": " + shape
	for _, f := range m.check.Findings {
		if f.Rule == name {
			return
		}
	}
	f := outcome.Finding{
		Checker: m.check.Name, Rule: name, Class: outcome.Bug, Signature: signature,
		Message: fmt.Sprintf(format, args...), Quote: x.Meaning,
	}
	for _, e := range evidence {
		f.Evidence = append(f.Evidence, e.Seq)
	}
	m.check.Findings = append(m.check.Findings, f)
}

// promised judges an epoch that is durable now.
func (m *Monitor) promised(f *history.Fact, last *wire.Epoch, what string) {
	m.check.Examined++
	if f.Epoch < *last {
		m.broken(epochPromise, "taken back", []*history.Fact{f}, "server %d has %s epoch %d at %s, after it had %s epoch %d", f.Server, what, f.Epoch, f.At, what, *last)
	}
	*last = f.Epoch
}

func (m *Monitor) established(f *history.Fact) {
	m.check.Examined++
	if len(m.leaders) > 0 {
		m.check.Threats[epochChanged]++
	}
	if first := m.leaders[f.Epoch]; first != nil && first.Server != f.Server {
		m.broken(leadership, "two leaders", []*history.Fact{first, f}, "server %d was established as leader of epoch %d at %s, and server %d of the same epoch at %s",
			first.Server, f.Epoch, first.At, f.Server, f.At)
	} else if first == nil {
		m.leaders[f.Epoch] = f
	}
	// A leader may be established late, when a newer one has committed already: it cannot
	// commit any more, and owes nothing to later epochs.
	if c := m.lastCommitBefore(f.Epoch); c != nil && !m.holds(f.Zxid, c.Zxid) {
		m.broken(leaderCompleteness, "history too short", []*history.Fact{c, f}, "server %d was established as leader of epoch %d at %s with a history up to %s, but %s was committed at %s",
			f.Server, f.Epoch, f.At, f.Zxid, c.Zxid, c.At)
	}
	m.taken = max(m.taken, f.Zxid)
}

// lastCommitBefore returns the last commit of the epochs before one.
func (m *Monitor) lastCommitBefore(e wire.Epoch) (last *history.Fact) {
	for epoch, c := range m.committed { //tidy:order-free a maximum
		if epoch < e && (last == nil || c.Zxid > last.Zxid) {
			last = c
		}
	}
	return last
}

// leaderAfter returns the leader of the first epoch after one that has an established one.
func (m *Monitor) leaderAfter(e wire.Epoch) (first *history.Fact) {
	for epoch, l := range m.leaders { //tidy:order-free a minimum
		if epoch > e && (first == nil || epoch < first.Epoch) {
			first = l
		}
	}
	return first
}

// holds reports whether a log that ends at end has z in it: logs are sequences, and an
// epoch continues the history that its leader was established with. What a leader that is
// not established yet has taken over is not known; it is given the benefit of the doubt.
func (m *Monitor) holds(end, z wire.Zxid) bool {
	for end.Epoch() > z.Epoch() {
		l := m.leaders[end.Epoch()]
		if l == nil {
			return true
		}
		end = l.Zxid
	}
	return end >= z
}

func (m *Monitor) commits(f *history.Fact) {
	m.check.Examined++
	expected := wire.MakeZxid(f.Zxid.Epoch(), 1)
	if last := m.committed[f.Zxid.Epoch()]; last != nil {
		expected = last.Zxid + 1
	}
	if f.Zxid != expected {
		m.broken(commitOrder, "gap", []*history.Fact{f}, "server %d committed %s at %s, where %s is next", f.Server, f.Zxid, f.At, expected)
	}
	m.committed[f.Zxid.Epoch()] = f
	if l := m.leaderAfter(f.Zxid.Epoch()); l != nil && !m.holds(l.Zxid, f.Zxid) {
		m.broken(leaderCompleteness, "committed too late", []*history.Fact{l, f}, "server %d committed %s at %s, but server %d was established as leader of epoch %d at %s with a history up to %s",
			f.Server, f.Zxid, f.At, l.Server, l.Epoch, l.At, l.Zxid)
	}
	durable := func(id int) bool {
		s := m.servers[id]
		return s != nil && (s.doubted || m.holds(s.durable, f.Zxid))
	}
	if !m.quorum(durable) {
		m.broken(committedDurability, "not on a quorum", []*history.Fact{f}, "server %d committed %s at %s, but no quorum had it on disk: %s", f.Server, f.Zxid, f.At, m.disks())
	}
}

// disks says how far each disk is.
func (m *Monitor) disks() string {
	var parts []string
	for id := 1; id <= len(m.servers); id++ {
		if s := m.servers[id]; s != nil {
			parts = append(parts, fmt.Sprintf("server %d up to %s", id, s.durable))
		}
	}
	return strings.Join(parts, ", ")
}

func (m *Monitor) applies(s *server, f *history.Fact) {
	m.check.Examined++
	if s.loaded {
		m.follows(s, f)
	}
	if first := m.applied[f.Zxid]; first == nil {
		m.applied[f.Zxid] = f
	} else if first.Hash != f.Hash {
		m.broken(treeEquality, "divergent state", []*history.Fact{first, f}, "at %s the tree of server %d (digest %x, at %s) differs from that of server %d (digest %x, at %s)",
			f.Zxid, f.Server, f.Hash, f.At, first.Server, first.Hash, first.At)
	}
	if c := m.committed[f.Zxid.Epoch()]; f.Zxid > m.taken && (c == nil || c.Zxid < f.Zxid) {
		m.broken(integrity, "not committed", []*history.Fact{f}, "server %d applied %s at %s, which no leader has committed", f.Server, f.Zxid, f.At)
	}
	m.telling = 0
	if f.Zxid > m.frontier {
		m.advance(f)
	}
	s.at, s.loaded = f.Zxid, true
}

// follows judges a step by what its server, and others, had before.
func (m *Monitor) follows(s *server, f *history.Fact) {
	sameEpoch := f.Zxid.Epoch() == s.at.Epoch() && s.at != 0
	if f.Zxid <= s.at || sameEpoch && f.Zxid != s.at+1 || !sameEpoch && f.Zxid.Counter() != 1 {
		m.broken(localPrimaryOrder, "gap", []*history.Fact{f}, "server %d applied %s at %s right after %s", f.Server, f.Zxid, f.At, s.at)
	}
	if s.at == 0 {
		return // it began with nothing, like everybody
	}
	if next, known := m.next[s.at]; !known {
		m.next[s.at] = f.Zxid
	} else if next != f.Zxid {
		m.broken(totalOrder, "fork", []*history.Fact{m.applied[next], f}, "server %d applied %s after %s at %s, and server %d had applied %s there",
			f.Server, f.Zxid, s.at, f.At, m.applied[next].Server, next)
	}
}

// advance begins the judging of sessions by a transaction that nobody had applied before.
func (m *Monitor) advance(f *history.Fact) {
	m.judgeEnds()
	m.skipped = m.skipped || !m.continues(f.Zxid)
	m.frontier, m.telling = f.Zxid, f.Server
}

// judgeEnds looks at the sessions that the transaction at the frontier has closed.
func (m *Monitor) judgeEnds() {
	for _, id := range m.closing {
		nodes := m.sessions[id].nodes
		for _, path := range slices.Sorted(maps.Keys(nodes)) {
			m.broken(ephemeralEnd, "left behind", []*history.Fact{nodes[path]}, "session %v has ended with %s, and its node %s is still there", id, m.frontier, path)
		}
	}
	m.closing = nil
}

// continues reports whether z comes right after the frontier. If not, transactions between
// them were taken over with a leader's state, and what they did to sessions nobody told.
func (m *Monitor) continues(z wire.Zxid) bool {
	l := m.leaders[z.Epoch()]
	return z == m.frontier+1 || z.Counter() == 1 && l != nil && l.Zxid == m.frontier
}

// sessionFact judges what a transaction did to sessions and ephemeral nodes, as told by
// the first server that applied it: the others, and its own next life, have the same trees,
// or break tree-equality.
func (m *Monitor) sessionFact(f *history.Fact) {
	if f.Server != m.telling {
		return
	}
	m.check.Examined++
	s := m.sessions[f.Session]
	switch f.Kind {
	case history.SessionOpened:
		if s != nil {
			m.broken(sessionOnce, "opened again", []*history.Fact{f}, "session %v is opened again by %s", f.Session, f.Zxid)
		}
		m.sessions[f.Session] = &session{nodes: map[string]*history.Fact{}}
	case history.SessionClosed:
		if s == nil && m.skipped {
			return // it may have been opened by one of those
		}
		if s == nil || s.closed {
			m.broken(sessionOnce, "closed again", []*history.Fact{f}, "session %v is closed by %s, and was not open", f.Session, f.Zxid)
			return
		}
		s.closed = true
		m.closing = append(m.closing, f.Session)
	case history.NodeCreated:
		if s == nil && m.skipped {
			return
		}
		if s == nil || s.closed {
			m.broken(ephemeralOwner, "no session", []*history.Fact{f}, "%s is created by %s for session %v, which is not open", f.Note, f.Zxid, f.Session)
			return
		}
		s.nodes[f.Note] = f
	case history.NodeDeleted:
		if s != nil {
			delete(s.nodes, f.Note)
		}
	}
}

// fault takes in what makes reports late: while the stage that hears of saves stands still,
// acknowledgements leave without it. A server is doubted until it reports again after that.
func (m *Monitor) fault(f *history.Fact) {
	switch {
	case !strings.Contains(f.Note, " stage synced"):
	case f.Kind == history.FaultOff:
		m.late--
	default:
		m.late++
		for _, s := range m.servers { //tidy:order-free each is treated alike
			s.doubted = true
		}
	}
}
