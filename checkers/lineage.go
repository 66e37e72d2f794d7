package checkers

import (
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/wire"
)

// lineage knows which state came before which.
type lineage struct {
	before map[state]state
	loads  map[state]load
	logged map[int][]wire.Zxid
}

// load is how the first server came to a state by loading it from its disk: its tree had
// been at from, and its log had grown by zxids since. A state that others received as a
// snapshot was loaded or applied by the sender first.
type load struct {
	from  state
	zxids []wire.Zxid
}

func lineageOf(facts []history.Fact) (*lineage, []*replica) {
	l := &lineage{map[state]state{}, map[state]load{}, map[int][]wire.Zxid{}}
	return l, replay(facts, l.see)
}

func (l *lineage) see(r *replica, f *history.Fact) {
	switch f.Kind {
	case history.Logged:
		l.logged[r.id] = append(l.logged[r.id], f.Zxid)
	case history.Applied:
		if _, seen := l.before[stateOf(f)]; !seen && r.loaded {
			l.before[stateOf(f)] = r.at
		}
	case history.Restored:
		if _, seen := l.loads[stateOf(f)]; !seen {
			l.loads[stateOf(f)] = l.loadOf(r, f)
		}
	}
}

func (l *lineage) loadOf(r *replica, f *history.Fact) load {
	d := load{from: r.at}
	for _, z := range l.logged[r.id] {
		if r.at.zxid < z && z <= f.Zxid {
			d.zxids = append(d.zxids, z)
		}
	}
	return d
}

// contents is what made a tree: the transactions that the evidence shows, back to origin.
// Whether anything at or below origin is in it, the evidence does not say, unless listed.
type contents struct {
	zxids  map[wire.Zxid]bool
	origin wire.Zxid
}

// contents walks back from a state. It goes only down, so that it ends whatever the log says.
func (l *lineage) contents(s state) *contents {
	c := &contents{zxids: map[wire.Zxid]bool{}}
	for s.zxid > 0 {
		c.zxids[s.zxid] = true
		previous, ok := l.previous(c, s)
		if !ok || previous.zxid >= s.zxid {
			c.origin = s.zxid
			break
		}
		s = previous
	}
	return c
}

// previous prefers what a server applied. A state that was only ever loaded continues what
// its first server had before it restarted: a log is a sequence, so it has no gaps.
func (l *lineage) previous(c *contents, s state) (state, bool) {
	if p, ok := l.before[s]; ok {
		return p, true
	}
	d, ok := l.loads[s]
	if !ok || d.from.zxid == 0 && len(d.zxids) == 0 {
		return state{}, false
	}
	for _, z := range d.zxids {
		c.zxids[z] = true
	}
	return d.from, true
}
