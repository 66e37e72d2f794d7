package bugs

import "fmt"

// Bug is one switchable bug.
type Bug string

// AckBeforeSync is a server that acknowledges a proposal before it is durable.
const AckBeforeSync Bug = "ack-before-sync"

// ObserversCount is an ensemble in which observers count in quorums.
const ObserversCount Bug = "observers-count"

// The bugs of what clients are answered and told, which the checker replies finds.
const (
	ChildWatchByData   Bug = "child-watch-by-data"  // ZOOKEEPER-1667
	EventsForEverybody Bug = "events-for-everybody" // ZOOKEEPER-4799
	OneModeForBoth     Bug = "one-mode-for-both"    // ZOOKEEPER-4466, 4471, 4475
	ReadsShowCommitted Bug = "reads-show-committed" // ZOOKEEPER-1412
)

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
		Bug:     ChildWatchByData,
		Summary: "setWatches judges a child watch by the last change of the node's data, so that a client that was elsewhere is told of children when the data changed, and of nothing when they did",
		Breaks:  "O10-watch-contract",
	}, {
		Bug:     EventsForEverybody,
		Summary: "whoever watches is told, also of nodes that it may not read",
		Breaks:  "O10-watch-contract",
	}, {
		Bug:     ObserversCount,
		Summary: "observers count in every quorum but that of votes, so that a history comes into force which no majority of the voters has",
		Breaks:  "acked-write-durable",
	}, {
		Bug:     OneModeForBoth,
		Summary: "a watch has one mode for a node and its children: a getData with a watch sees the children too, once, and ends what a persistent watch saw of them",
		Breaks:  "O10-watch-contract",
	}, {
		Bug:     ReadsShowCommitted,
		Summary: "a read is stamped with the last zxid that its server knows to be committed, not with that of the tree which it has read; a client that moves then arms its watches from too late on",
		Breaks:  "O10-watch-contract",
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
