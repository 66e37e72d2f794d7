package bugs

import "fmt"

// Bug is one switchable bug.
type Bug string

// AckBeforeSync is a server that acknowledges a proposal before it is durable.
const AckBeforeSync Bug = "ack-before-sync"

// ObserversCount is an ensemble in which observers count in quorums.
const ObserversCount Bug = "observers-count"

// Info says what a bug is.
type Info struct {
	Bug     Bug
	Summary string
	Breaks  string // the rule that names it
}

// All lists every bug, in order of name.
func All() []Info {
	return []Info{{
		Bug:     AckBeforeSync,
		Summary: "a server acknowledges a proposal when it is handed to the disk, not when the disk has it; a power failure then takes an acknowledged write with it",
		Breaks:  "acked-write-durable",
	}, {
		Bug:     ObserversCount,
		Summary: "observers count in every quorum but that of votes, so that a history comes into force which no majority of the voters has",
		Breaks:  "acked-write-durable",
	}}
}

// Set is the bugs that are on. The zero value is none.
type Set struct{ on map[Bug]bool }

// Parse returns the set of the named bugs.
func Parse(names ...string) (Set, error) {
	s := Set{on: map[Bug]bool{}}
	for _, name := range names {
		if !known(Bug(name)) {
			return Set{}, fmt.Errorf("bugs: no bug is called %q; see: zoobreak list bugs", name)
		}
		s.on[Bug(name)] = true
	}
	return s, nil
}

func known(b Bug) bool {
	for _, i := range All() {
		if i.Bug == b {
			return true
		}
	}
	return false
}

// Has reports whether b is on.
func (s Set) Has(b Bug) bool { return s.on[b] }
