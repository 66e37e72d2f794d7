package checkers

import (
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// Phantom judges that a lock call that said yes had left the caller's node in place.
func Phantom() Checker {
	return judge{phantomChecker, func(e *evidence, r *result) {
		for i := range e.Ops {
			op := &e.Ops[i]
			if op.Kind == history.Acquire || op.Kind == history.Phantom {
				r.threat(lostWhileAcquire, len(e.lost(op.Client, op.Call, end(op))))
				judgeAcquire(r, op)
			}
		}
	}}
}

func judgeAcquire(r *result, op *history.Op) {
	if op.Kind == history.Phantom || op.Status == history.OK {
		r.examined(1)
	}
	if op.Kind == history.Phantom {
		r.find(phantomAcquire, "granted without its node", outcome.Bug, []uint64{op.Call, op.Return},
			"%s asked for %s at %s and was told at %s that it holds it, but its own node was not there",
			clientName(op.Client), op.Name, op.CallAt, when(op))
	}
}
