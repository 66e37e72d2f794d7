package reports

import (
	"math"
	"slices"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/wire"
)

// narrator knows what a story is about: which events, which clients, from where to where.
type narrator struct {
	log      *history.Log
	evidence map[uint64]bool // as given: Op.Call or Fact.Seq
	places   []uint64        // where the evidence stands in the story, sorted
	clients  map[int]bool    // whose doings matter
	owner    map[wire.SessionID]int
	relied   map[uint64]bool // places of the grants under which the evidence happened
	servers  bool            // it is about servers, so what happened to them matters
	from, to uint64
	after    uint64 // refusals count until here: they show what fencing kept out
}

func newNarrator(log *history.Log, positions []uint64) *narrator {
	n := &narrator{log: log, evidence: map[uint64]bool{}, relied: map[uint64]bool{}, clients: map[int]bool{}, owner: sessionsOf(log.Ops)}
	for _, p := range positions {
		n.evidence[p] = true
	}
	n.placeOps()
	n.placeFacts()
	slices.Sort(n.places)
	n.from, n.to = 0, math.MaxUint64
	if len(n.places) > 0 {
		n.from, n.to = n.firstGrant(n.places[0]), n.places[len(n.places)-1]
	}
	n.after = n.nextGrant(n.to)
	return n
}

func (n *narrator) placeOps() {
	for i := range n.log.Ops {
		op := &n.log.Ops[i]
		if len(n.evidence) == 0 || n.evidence[op.Call] {
			n.clients[op.Client] = true
		}
		if n.evidence[op.Call] {
			pos, _ := place(op)
			n.places = append(n.places, pos)
		}
	}
}

func (n *narrator) placeFacts() {
	for i := range n.log.Facts {
		f := &n.log.Facts[i]
		if !n.evidence[f.Seq] {
			continue
		}
		n.places = append(n.places, f.Seq)
		if client, ok := n.owner[f.Session]; ok {
			n.clients[client] = true
		} else if f.Server > 0 {
			n.servers = true
		}
	}
}

// firstGrant is where the story begins: at the earliest of the grants that the clients
// relied on when the first of their contradicting events happened. It notes all grants
// that evidence relies on.
func (n *narrator) firstGrant(first uint64) uint64 {
	granted, settled := map[int]uint64{}, map[int]bool{}
	from := first
	for i := range n.log.Ops {
		op := &n.log.Ops[i]
		pos, _ := place(op)
		if op.Kind == history.Acquire && op.Status == history.OK {
			granted[op.Client] = pos
		}
		if n.evidence[op.Call] {
			n.relied[granted[op.Client]] = true
		}
		if n.evidence[op.Call] && !settled[op.Client] {
			settled[op.Client] = true
			if g := granted[op.Client]; g > 0 {
				from = min(from, g)
			}
		}
	}
	return from
}

// nextGrant is the first grant to one of the clients after pos, where another story begins.
func (n *narrator) nextGrant(pos uint64) uint64 {
	next := uint64(math.MaxUint64)
	for i := range n.log.Ops {
		op := &n.log.Ops[i]
		if p, _ := place(op); p > pos && opWeight(op) == grant && n.clients[op.Client] {
			next = min(next, p)
		}
	}
	return next
}

// tells reports whether an operation that is no evidence belongs to the story.
func (n *narrator) tells(op *history.Op, pos uint64) bool {
	weight := opWeight(op)
	if weight == background || !n.clients[op.Client] || pos < n.from {
		return false
	}
	return pos <= n.to || weight == refusal && pos < n.after
}

// place is where an operation stands in a story: a grant or an effect when it returned,
// a release when it was asked for, because the belief ends there.
func place(op *history.Op) (uint64, clock.Instant) {
	if op.Return == 0 || op.Kind == history.Release {
		return op.Call, op.CallAt
	}
	return op.Return, op.ReturnAt
}

// distance is how far pos is from the nearest evidence.
func (n *narrator) distance(pos uint64) uint64 {
	i, _ := slices.BinarySearch(n.places, pos)
	nearest := uint64(math.MaxUint64)
	if i < len(n.places) {
		nearest = n.places[i] - pos
	}
	if i > 0 {
		nearest = min(nearest, pos-n.places[i-1])
	}
	return nearest
}

// ops returns the operations worth telling.
func (n *narrator) ops() []event {
	var events []event
	for i := range n.log.Ops {
		op := &n.log.Ops[i]
		pos, at := place(op)
		if !n.evidence[op.Call] && !n.tells(op, pos) {
			continue
		}
		e := event{pos: pos, weight: opWeight(op), client: op.Client, op: op}
		if e.weight == grant && op.Kind == history.Acquire && len(n.relied) > 0 && !n.relied[pos] {
			e.weight = read // one of many turns in which nothing went wrong
		}
		e.Step = Step{At: at, Who: ClientName(op.Client), Text: opText(op), To: target(op), Refused: op.Status == history.Fail}
		events = append(events, n.marked(e, op.Call))
	}
	return events
}

// faults returns the starts and ends of faults up to the last of the evidence.
func (n *narrator) faults() []event {
	var events []event
	for i := range n.log.Facts {
		f := &n.log.Facts[i]
		if f.Kind != history.FaultOn && f.Kind != history.FaultOff || f.Seq > n.to {
			continue
		}
		e := event{pos: f.Seq, weight: faultStart, Step: Step{At: f.At, Who: "fault", Text: factText(f, n.owner), Fault: true, Nth: 1}}
		if f.Kind == history.FaultOff {
			e.weight, e.Nth = faultEnd, 0
		}
		if f.Seq < n.from {
			e.weight = distantFault
		}
		events = append(events, n.marked(e, f.Seq))
	}
	return events
}

// facts returns the ends of the clients' sessions, and what servers did if the story is
// about them.
func (n *narrator) facts() []event {
	var events []event
	ended := n.endings()
	for i := range n.log.Facts {
		f := &n.log.Facts[i]
		_, ends := ended[f.Seq]
		if f.Kind == history.FaultOn || f.Kind == history.FaultOff || !n.evidence[f.Seq] && !ends && !n.aboutServers(f) {
			continue
		}
		e := event{pos: f.Seq, weight: background, client: n.owner[f.Session], closes: ends}
		e.Step = Step{At: f.At, Who: actor(f), Text: factText(f, n.owner)}
		if ends {
			e.weight, e.Text = sessionEnd, ended[f.Seq]
		}
		events = append(events, n.marked(e, f.Seq))
	}
	return events
}

// endings returns the one fact per session that says that it ended, by its position: the
// decision of the leader, which every server then repeats. The cause goes into its text.
func (n *narrator) endings() map[uint64]string {
	first, expired := map[wire.SessionID]uint64{}, map[wire.SessionID]bool{}
	for i := range n.log.Facts {
		f := &n.log.Facts[i]
		expired[f.Session] = expired[f.Session] || f.Kind == history.SessionExpired
		if f.Kind == history.SessionClosing || f.Kind == history.SessionExpired {
			first[f.Session] = n.preferred(first[f.Session], f.Seq)
		}
	}
	texts := map[uint64]string{}
	for i := range n.log.Facts {
		f := &n.log.Facts[i]
		c, known := n.owner[f.Session]
		if !known || first[f.Session] != f.Seq || !n.clients[c] || f.Seq < n.from || f.Seq > n.to {
			continue
		}
		texts[f.Seq] = endText(f.Session, c, expired[f.Session])
	}
	return texts
}

// preferred is the position to tell of two that say the same: the one that is evidence,
// else the earlier.
func (n *narrator) preferred(old, now uint64) uint64 {
	if old == 0 || n.evidence[now] && !n.evidence[old] {
		return now
	}
	return old
}

func (n *narrator) aboutServers(f *history.Fact) bool {
	if f.Seq > n.to || !n.servers && len(n.places) > 0 {
		return false
	}
	switch f.Kind {
	case history.Established, history.Halted, history.Started, history.Stopped, history.Restored, history.Healed:
		return true
	}
	return false
}

func (n *narrator) marked(e event, pos uint64) event {
	if n.evidence[pos] {
		e.weight, e.Contradiction = evidence, true
	}
	return e
}
