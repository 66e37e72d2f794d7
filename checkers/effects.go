package checkers

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// Effects judges the resources that do not check tokens. An update that was lost because
// a stale writer's session had ended is a limitation of every lock without fencing.
func Effects() Checker {
	return judge{effectsChecker, func(e *evidence, r *result) {
		f := &effects{result: r, evidence: e, rule: meEffect}
		f.judge()
		r.threat(lostWhileHeld, e.lostHolds())
	}}
}

// FencedEffects judges the resources that check tokens. Nothing excuses those.
func FencedEffects() Checker {
	return judge{fencedChecker, func(e *evidence, r *result) {
		f := &effects{result: r, evidence: e, rule: meEffectFenced, fenced: true}
		f.judge()
		r.threat(staleRejected, f.refused)
	}}
}

// accepted is a write that took effect, with what its client had read before it, if it
// had, and the acquire under which it did so.
type accepted struct {
	*history.Op
	read, acquire *history.Op
}

type effects struct {
	*result
	*evidence
	rule    string
	fenced  bool
	refused int
}

func (f *effects) judge() {
	for _, writes := range f.collect() {
		f.examined(len(writes))
		f.judgeUpdates(writes)
		if f.fenced {
			f.judgeTokens(writes)
		}
	}
}

// collect returns the accepted writes of each resource in the order of versions: the
// order in which the resource took them.
func (f *effects) collect() [][]accepted {
	c := collector{deaths: f.deaths, index: map[string]int{}, acquires: map[int]*history.Op{}, reads: map[access]accepted{}}
	for i := range f.Ops {
		op := &f.Ops[i]
		if op.Kind == history.Acquire || op.Fenced == f.fenced {
			c.see(op)
		}
		if f.fenced && op.Fenced && op.Status == history.Fail {
			f.refused++
		}
	}
	for _, writes := range c.resources {
		slices.SortStableFunc(writes, func(a, b accepted) int { return cmp.Compare(a.Version, b.Version) })
	}
	return c.resources
}

type access struct {
	client   int
	resource string
}

type collector struct {
	deaths    history.Deaths
	acquires  map[int]*history.Op // the latest of each client
	reads     map[access]accepted // the latest of each client and resource
	index     map[string]int      // of each name in resources
	resources [][]accepted        // in order of first write
}

func (c *collector) see(op *history.Op) {
	at := access{op.Client, op.Name}
	c.forget(at, op)
	switch {
	case op.Kind == history.Acquire:
		c.acquires[op.Client] = op
	case op.Kind == history.EffectRead && op.Status == history.OK:
		c.reads[at] = accepted{read: op, acquire: c.acquires[op.Client]}
	case op.Kind == history.EffectWrite && op.Version > 0:
		w, known := c.reads[at]
		if !known {
			w.acquire = c.acquires[op.Client]
		}
		w.Op = op
		c.add(w)
	}
}

// forget drops what a client that has died since knew.
func (c *collector) forget(at access, op *history.Op) {
	if a := c.acquires[op.Client]; a != nil && c.deaths.Between(op.Client, a.Call, op.Call) {
		delete(c.acquires, op.Client)
	}
	if r, known := c.reads[at]; known && c.deaths.Between(op.Client, r.read.Call, op.Call) {
		delete(c.reads, at)
	}
}

func (c *collector) add(w accepted) {
	i, known := c.index[w.Name]
	if !known {
		i = len(c.resources)
		c.index[w.Name] = i
		c.resources = append(c.resources, nil)
	}
	c.resources[i] = append(c.resources[i], w)
}

func (f *effects) judgeUpdates(writes []accepted) {
	for _, w := range writes {
		if w.read == nil {
			continue
		}
		if lost, ok := between(writes, w); ok {
			f.updateLost(w, lost)
		}
	}
}

// between returns the first write of another client that w's client had not read when it
// overwrote it.
func between(writes []accepted, w accepted) (accepted, bool) {
	i, _ := slices.BinarySearchFunc(writes, w.read.Version+1, func(a accepted, v int64) int { return cmp.Compare(a.Version, v) })
	for ; i < len(writes) && writes[i].Version < w.Version; i++ {
		if writes[i].Client != w.Client {
			return writes[i], true
		}
	}
	return accepted{}, false
}

// updateLost tells the story in the order in which it happened.
func (f *effects) updateLost(w, lost accepted) {
	class, shape, how := outcome.Bug, "update lost with a live session", ""
	proof := []uint64{w.read.Call, lost.Call, w.Call}
	if w.acquire != nil {
		proof = append(proof, w.acquire.Call)
	}
	if ended := f.letIn(w, lost); ended != nil {
		class, shape = outcome.Limitation, "update lost after session loss"
		how = fmt.Sprintf("; session %s of %s had begun to end at %s, which let the other in", ended.Session, clientName(f.owner[ended.Session]), ended.At)
		proof = append(proof, ended.Seq)
	}
	if f.fenced {
		class, shape = outcome.Bug, "update lost"
	}
	f.find(f.rule, shape, class, proof, "%s read %s = %d (version %d) at %s, %s wrote %d (version %d) at %s, and %s overwrote that unseen with %d (version %d) at %s%s",
		clientName(w.Client), w.Name, w.read.Value, w.read.Version, w.read.ReturnAt,
		clientName(lost.Client), lost.Value, lost.Version, when(lost.Op),
		clientName(w.Client), w.Value, w.Version, when(w.Op), how)
}

// letIn returns the session end that let both clients in. Usually the one that overwrites
// is stale, but a stale write may also slip in between its successor's read and write.
func (f *effects) letIn(w, lost accepted) *history.Fact {
	switch {
	case w.acquire == nil:
		return nil
	case lost.acquire == nil:
		return f.firstLost(w.Client, w.acquire.Call, min(end(w.Op), end(lost.Op)))
	}
	return f.excuse(w.acquire, lost.acquire)
}

func (f *effects) judgeTokens(writes []accepted) {
	newest := writes[0]
	for _, w := range writes[1:] {
		if w.Token < newest.Token {
			f.find(f.rule, "stale token accepted", outcome.Bug, []uint64{newest.Call, w.Call},
				"%s accepted a write of %s with token %d at %s, after it had accepted token %d of %s at %s",
				w.Name, clientName(w.Client), w.Token, when(w.Op), newest.Token, clientName(newest.Client), when(newest.Op))
			continue
		}
		newest = w
	}
}
