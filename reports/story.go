package reports

import (
	"cmp"
	"slices"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/wire"
)

// maxSteps is what a person reads without losing the thread.
const maxSteps = 18

// Step is one event of a story. Who and Text make a sentence.
type Step struct {
	At            clock.Instant
	Who           string // "client A", "server 2", "the servers", "fault"
	Text          string
	Fault         bool
	Contradiction bool
	Nth           int    // which fault, or which contradicting event, counted from 1; 0 for the end of a fault
	To            string // what a client acted on: "servers" or "resource db"; empty for what concerns no other
	Refused       bool
}

// Sentence is the step without its instant.
func (s Step) Sentence() string { return s.Who + " " + s.Text }

// Story selects what a reader needs in order to see the contradiction: the evidence, and
// around it the faults, the sessions, and what the clients concerned did from the grant
// they rely on. It is in the order of events.
func Story(f Finding) []Step {
	steps, _ := story(f)
	return steps
}

// story is Story, with the number of events that found no room.
func story(f Finding) (steps []Step, leftOut int) {
	if f.Outcome.History == nil {
		return nil, 0
	}
	n := newNarrator(f.Outcome.History, f.Finding.Evidence)
	events := slices.Concat(n.faults(), n.facts(), n.ops())
	kept := n.mostTelling(events)
	markStaleBelief(kept)
	for _, e := range kept {
		steps = append(steps, e.Step)
	}
	number(steps)
	return steps, len(events) - len(kept)
}

// event is a step that may be told.
type event struct {
	Step
	pos    uint64 // in the order of recorded events
	weight int    // how much the story loses without it

	client int // whom it concerns, and how, for markStaleBelief
	op     *history.Op
	closes bool // the client's session ends here
}

// The weights. Evidence and what endangers it come first, background last.
const (
	background = iota
	distantFault
	failedAttempt
	read
	release
	effect
	grant
	refusal
	faultEnd
	faultStart
	sessionEnd
	evidence
)

// mostTelling keeps the maxSteps events of most weight, the nearest to the evidence first
// among equals, in the order in which they happened.
func (n *narrator) mostTelling(events []event) []event {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b event) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(n.distance(a.pos), n.distance(b.pos)), cmp.Compare(a.pos, b.pos))
	})
	events = events[:min(len(events), maxSteps)]
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.pos, b.pos) })
	return events
}

// markStaleBelief says of an effect that its client wrongly believed to hold a lock: it
// was granted and not released, and the client's session has ended since.
func markStaleBelief(events []event) {
	held, lost := map[int]string{}, map[int]bool{}
	for i := range events {
		e := &events[i]
		switch {
		case e.closes:
			lost[e.client] = true
		case e.op == nil:
		case e.op.Kind == history.Acquire && e.op.Status == history.OK:
			held[e.client], lost[e.client] = e.op.Name, false
		case e.op.Kind == history.Release:
			delete(held, e.client)
		case e.op.Kind == history.EffectWrite && held[e.client] != "" && lost[e.client]:
			e.Text += ", still believing that it holds " + name(held[e.client])
		}
	}
}

// number counts the faults that begin and the contradicting events.
func number(steps []Step) {
	faults, contradictions := 0, 0
	for i := range steps {
		switch s := &steps[i]; {
		case s.Contradiction:
			contradictions++
			s.Nth = contradictions
		case s.Fault && s.Nth > 0:
			faults++
			s.Nth = faults
		}
	}
}

// sessionsOf maps each session to the first client seen with it.
func sessionsOf(ops []history.Op) map[wire.SessionID]int {
	owner := map[wire.SessionID]int{}
	for i := range ops {
		op := &ops[i]
		if _, seen := owner[op.Session]; op.Session != 0 && !seen {
			owner[op.Session] = op.Client
		}
	}
	return owner
}
