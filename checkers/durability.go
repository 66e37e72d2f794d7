package checkers

import (
	"fmt"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/wire"
)

// Durability judges that every acknowledged write is part of the history of every server
// that runs at the end.
func Durability() Checker {
	return judge{durabilityChecker, func(e *evidence, r *result) {
		acked := ackedWrites(e)
		line, servers := lineageOf(e.Facts)
		d := &durability{result: r, healed: lastHealed(e) != nil, ends: runningEnds(line, servers)}
		for _, op := range acked {
			d.judge(op)
		}
		r.threat(stoppedAfterAck, stopsAfter(e, acked))
	}}
}

// ackedWrites are those that the service promised to keep.
func ackedWrites(e *evidence) []*history.Op {
	var acked []*history.Op
	for i := range e.Ops {
		op := &e.Ops[i]
		if isWrite(op) && op.Status == history.OK && op.Code == wire.OK && op.Zxid > 0 {
			acked = append(acked, op)
		}
	}
	return acked
}

func isWrite(op *history.Op) bool {
	code, known := wire.ParseOpCode(op.Name)
	return op.Kind == history.Wire && known && code.IsWrite()
}

// lastEnd is a server that runs at the end, with what its tree was made from.
type lastEnd struct {
	*replica
	*contents
}

// runningEnds shares contents between servers that ended at the same state: most do.
func runningEnds(line *lineage, servers []*replica) []lastEnd {
	walked := map[state]*contents{}
	var ends []lastEnd
	for _, r := range servers {
		if r.down != "" || !r.loaded {
			continue
		}
		if walked[r.at] == nil {
			walked[r.at] = line.contents(r.at)
		}
		ends = append(ends, lastEnd{r, walked[r.at]})
	}
	return ends
}

type durability struct {
	*result
	healed bool
	ends   []lastEnd
}

func (d *durability) judge(op *history.Op) {
	var missing []lastEnd
	for _, s := range d.ends {
		switch {
		case s.zxids[op.Zxid]:
			d.examined(1)
		case op.Zxid <= s.origin:
			d.undecided(fmt.Sprintf("the evidence does not show how server %d came to zxid %s", s.id, s.origin))
		default:
			d.examined(1)
			missing = append(missing, s)
		}
	}
	d.report(op, missing)
}

// report forgives a server that merely trails a run that was never healed: another has
// the write, and nobody promised that this one would have caught up.
func (d *durability) report(op *history.Op, missing []lastEnd) {
	everywhere := len(missing) == len(d.ends)
	for _, s := range missing {
		trails := !d.healed && s.at.zxid < op.Zxid
		if everywhere {
			d.find(ackedDurable, "write lost", outcome.Bug, []uint64{op.Call, op.Return, s.seq},
				"%s, but no server that runs at the end has it: server %d ended at zxid %s", acknowledgement(op), s.id, s.at.zxid)
		} else if !trails {
			d.find(ackedDurable, "write missing from a server", outcome.Bug, []uint64{op.Call, op.Return, s.seq},
				"%s, but server %d, which runs at the end at zxid %s, does not have it", acknowledgement(op), s.id, s.at.zxid)
		}
	}
}

func acknowledgement(op *history.Op) string {
	what := op.Name
	if op.Path != "" {
		what += " of " + string(op.Path)
	}
	return fmt.Sprintf("%s's %s (zxid %s) was acknowledged at %s", clientName(op.Client), what, op.Zxid, op.ReturnAt)
}

func stopsAfter(e *evidence, acked []*history.Op) int {
	first := endless
	for _, op := range acked {
		first = min(first, op.Return)
	}
	n := 0
	for _, f := range e.Facts {
		if f.Seq > first && (f.Kind == history.Stopped || f.Kind == history.Halted) {
			n++
		}
	}
	return n
}
