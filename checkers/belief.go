package checkers

import (
	"fmt"
	"slices"

	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// Belief judges that no two clients believe at one time that they hold the same lock. No
// lock can keep that promise to a client that is cut off while its session ends: that
// overlap is a limitation.
func Belief() Checker {
	return judge{beliefChecker, func(e *evidence, r *result) {
		b := &belief{r, e}
		holds := e.holds()
		r.examined(len(holds))
		b.sweep(holds)
		r.threat(lostWhileHeld, e.lostHolds())
	}}
}

type belief struct {
	*result
	*evidence
}

// sweep keeps, for each lock, the holds that have not ended when the next begins.
func (b *belief) sweep(holds []*hold) {
	open := map[string][]*hold{}
	for _, h := range holds {
		lock := h.acquire.Name
		open[lock] = slices.DeleteFunc(open[lock], func(o *hold) bool { return o.until < h.from() })
		for _, earlier := range open[lock] {
			b.overlap(earlier, h)
		}
		open[lock] = append(open[lock], h)
	}
}

func (b *belief) overlap(earlier, later *hold) {
	first, second := earlier.acquire, later.acquire
	class, shape, how := outcome.Bug, "overlap with a live session", ""
	proof := []uint64{first.Call, first.Return, second.Return}
	if ended := b.excuse(first, second); ended != nil {
		class, shape = outcome.Limitation, "overlap after session loss"
		how = fmt.Sprintf("; the session %s of %s had begun to end at %s", ended.Session, clientName(b.owner[ended.Session]), ended.At)
		proof = append(proof, ended.Seq)
	}
	b.find(meBelief, shape, class, proof, "%s has held %s since %s and has not let go when %s is told at %s that it holds it%s",
		clientName(first.Client), first.Name, first.ReturnAt, clientName(second.Client), second.ReturnAt, how)
}
