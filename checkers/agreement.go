package checkers

import (
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/wire"
)

// Agreement judges that the states of all servers form one chain: one tree per zxid, one
// state before it, one after it; and that leaders do not share an epoch.
func Agreement() Checker {
	return judge{agreementChecker, func(e *evidence, r *result) {
		a := &agreement{
			result: r, trees: map[wire.Zxid]*history.Fact{},
			before: map[state]step{}, after: map[state]step{}, leaders: map[wire.Epoch]*history.Fact{},
			known: map[state]bool{},
		}
		replay(e.Facts, a.see)
		a.judgeStands()
	}}
}

// step is one server's way from one state to the next.
type step struct {
	from state
	fact *history.Fact
}

// stand is a server that took part while on a state that it had loaded.
type stand struct {
	on             state
	loaded, action uint64
	fact           *history.Fact
}

type agreement struct {
	*result
	trees   map[wire.Zxid]*history.Fact // the first fact of each zxid
	before  map[state]step              // the first step into each state
	after   map[state]step              // and out of it
	leaders map[wire.Epoch]*history.Fact
	known   map[state]bool // applied by a server, or made history by a leader
	stands  []stand
}

func (a *agreement) see(r *replica, f *history.Fact) {
	switch f.Kind {
	case history.Restored:
		a.examined(1)
		a.oneTree(f)
	case history.Applied:
		a.examined(1)
		a.oneTree(f)
		a.known[stateOf(f)] = true
		a.grows(r, f)
	case history.Synced:
		a.stood(r, f)
	case history.Established:
		a.examined(1)
		a.oneLeader(r, f)
	}
}

func (a *agreement) oneTree(f *history.Fact) {
	first := a.trees[f.Zxid]
	if first == nil {
		a.trees[f.Zxid] = f
		return
	}
	if first.Hash != f.Hash {
		a.find(prefixAgreement, "divergent-state", outcome.Bug, []uint64{first.Seq, f.Seq},
			"at zxid %s the tree of server %d (digest %x, at %s) differs from the tree of server %d (digest %x, at %s)",
			f.Zxid, f.Server, f.Hash, f.At, first.Server, first.Hash, first.At)
	}
}

// grows judges an Applied by what its server had before. A server whose tree was never
// reported loaded has no such state.
func (a *agreement) grows(r *replica, f *history.Fact) {
	if !r.loaded {
		return
	}
	if f.Zxid <= r.at.zxid {
		a.find(prefixAgreement, "zxid-backwards", outcome.Bug, []uint64{r.seq, f.Seq},
			"server %d applied zxid %s at %s after it had reached %s", f.Server, f.Zxid, f.At, r.at.zxid)
		return
	}
	a.stood(r, f)
	a.oneChain(step{r.at, f})
}

// oneChain leaves steps that differ by digest alone to oneTree: a fork is a transaction
// that one server has and another skipped.
func (a *agreement) oneChain(s step) {
	to := stateOf(s.fact)
	if first, seen := a.before[to]; !seen {
		a.before[to] = s
	} else if first.from.zxid != s.from.zxid {
		a.forked(first, s)
	}
	if first, seen := a.after[s.from]; !seen {
		a.after[s.from] = s
	} else if first.fact.Zxid != s.fact.Zxid {
		a.forked(first, s)
	}
}

func (a *agreement) forked(first, s step) {
	a.find(prefixAgreement, "fork", outcome.Bug, []uint64{first.fact.Seq, s.fact.Seq},
		"server %d went from zxid %s to %s at %s, but server %d had gone from %s to %s at %s",
		s.fact.Server, s.from.zxid, s.fact.Zxid, s.fact.At,
		first.fact.Server, first.from.zxid, first.fact.Zxid, first.fact.At)
}

func (a *agreement) oneLeader(r *replica, f *history.Fact) {
	if len(a.leaders) > 0 {
		a.threat(leaderChanged, 1)
	}
	if r.loaded {
		a.known[r.at] = true
	}
	first := a.leaders[f.Epoch]
	if first == nil {
		a.leaders[f.Epoch] = f
	} else if first.Server != f.Server {
		a.find(epochUnique, "two leaders", outcome.Bug, []uint64{first.Seq, f.Seq},
			"server %d was established as leader of epoch %d at %s, and server %d of the same epoch at %s",
			first.Server, f.Epoch, first.At, f.Server, f.At)
	}
}

// stood notes a server that applies on its state, or is told that it is up to date with it.
func (a *agreement) stood(r *replica, f *history.Fact) {
	if r.loaded && r.at.zxid != 0 {
		a.stands = append(a.stands, stand{on: r.at, loaded: r.seq, action: f.Seq, fact: f})
	}
}

// judgeStands waits for the end, because a state may be applied elsewhere later. Loading
// alone proves nothing: after a crash a log may rightly end in proposals that were never
// committed, and Zab discards them (or a new leader makes them history) before the server
// takes part again.
func (a *agreement) judgeStands() {
	for _, s := range a.stands {
		if !a.known[s.on] {
			a.find(prefixAgreement, "unknown-state", outcome.Bug, []uint64{s.loaded, s.action},
				"server %d took part at %s with a tree restored at zxid %s that no server ever applied and no leader started from",
				s.fact.Server, s.fact.At, s.on.zxid)
		}
	}
}
