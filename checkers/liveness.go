package checkers

import (
	"fmt"
	"strings"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// AnyClient lets Liveness accept a write of any client.
const AnyClient = -1

// Liveness judges that after the last Healed fact a write of the client probe succeeds,
// and that at the end one server leads and all have the same tree.
func Liveness(probe int) Checker {
	return judge{livenessChecker, func(e *evidence, r *result) {
		healed := lastHealed(e)
		if healed == nil {
			return
		}
		r.threat(faultBeforeHeal, faultsBefore(e, healed.Seq))
		v := &liveness{result: r, healed: healed, servers: replay(e.Facts, ignore)}
		v.countWrites(e, probe)
		r.examined(len(v.servers) + v.called)
		v.judge()
	}}
}

func lastHealed(e *evidence) *history.Fact {
	for i := len(e.Facts) - 1; i >= 0; i-- {
		if e.Facts[i].Kind == history.Healed {
			return &e.Facts[i]
		}
	}
	return nil
}

func faultsBefore(e *evidence, seq uint64) int {
	n := 0
	for _, f := range e.Facts {
		if f.Kind == history.FaultOn && f.Seq < seq {
			n++
		}
	}
	return n
}

type liveness struct {
	*result
	healed            *history.Fact
	servers           []*replica
	called, succeeded int // writes of the probe since healing
}

func (v *liveness) countWrites(e *evidence, probe int) {
	for i := range e.Ops {
		op := &e.Ops[i]
		if !isWrite(op) || op.Call < v.healed.Seq || probe != AnyClient && op.Client != probe {
			continue
		}
		v.called++
		if op.Status == history.OK {
			v.succeeded++
		}
	}
}

// judge reports the first thing that is wrong: the later ones follow from it.
func (v *liveness) judge() {
	switch leaders := v.leaders(); {
	case leaders == 0:
		v.pending("no-leader", "no server leads at the end")
	case leaders > 1:
		v.pending("several-leaders", fmt.Sprintf("%d servers lead at the end", leaders))
	case v.succeeded == 0:
		v.pending("no-write-committed", fmt.Sprintf("none of the %d writes that the probe called since then succeeded", v.called))
	case !v.caughtUp():
		v.pending("servers-behind", "the servers end with different trees")
	}
}

func (v *liveness) leaders() int {
	n := 0
	for _, r := range v.servers {
		if r.role == "leading" {
			n++
		}
	}
	return n
}

func (v *liveness) caughtUp() bool {
	for _, r := range v.servers {
		if !r.loaded || r.at != v.servers[0].at {
			return false
		}
	}
	return true
}

func (v *liveness) pending(shape, what string) {
	evidence := []uint64{v.healed.Seq}
	doing := make([]string, len(v.servers))
	for i, r := range v.servers {
		doing[i] = r.String()
		evidence = append(evidence, r.seq)
	}
	v.find(progressHealed, shape, outcome.Bug, evidence,
		"all faults were over at %s, yet %s: %s", v.healed.At, what, strings.Join(doing, ", "))
}
