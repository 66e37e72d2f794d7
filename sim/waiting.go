package sim

import (
	"strings"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/wire"
)

// waiting is the clauses that wait for something to happen. Where none does, it costs one
// comparison for each fact, and nothing for each operation.
type waiting struct {
	on      map[string][]int  // indices of clauses, by event
	who     map[int]fault.End // whom the event of a clause happened to, once it has
	applied []wire.Zxid       // by server; kept only if somebody waits for unapplied
}

func newWaiting(clauses []fault.Clause) waiting {
	v := waiting{who: map[int]fault.End{}}
	for i, c := range clauses {
		if !c.Waits() {
			continue
		}
		if v.on == nil {
			v.on = map[string][]int{}
		}
		v.on[c.On] = append(v.on[c.On], i)
	}
	return v
}

// any reports whether a clause waits for any of the events.
func (v *waiting) any(events ...string) bool {
	for _, e := range events {
		if len(v.on[e]) > 0 {
			return true
		}
	}
	return false
}

// watch asks to be told of what somebody waits for, and of nothing else.
func (w *World) watch() {
	if w.waiting.any(fault.OnAcquire, fault.OnRelease, fault.OnRead, fault.OnWrite) {
		w.Log.Watch = w.returned
	}
	if w.waiting.any(fault.OnUnapplied) {
		w.waiting.applied = make([]wire.Zxid, len(w.servers)+1)
	}
	if w.waiting.any(fault.OnUnsynced) {
		for _, p := range w.servers {
			p.disk.WatchSyncs(func() { w.happened(fault.OnUnsynced, fault.End{Kind: "server", Index: p.index}) })
		}
	}
}

var operationEvents = map[history.Kind]string{
	history.Acquire: fault.OnAcquire, history.Release: fault.OnRelease, history.EffectRead: fault.OnRead, history.EffectWrite: fault.OnWrite,
}

// returned sees an operation that has ended.
func (w *World) returned(op *history.Op) {
	if on := operationEvents[op.Kind]; on != "" && op.Status == history.OK {
		w.happened(on, fault.End{Kind: "client", Index: op.Client})
	}
}

var factEvents = map[history.FactKind]string{
	history.Logged: fault.OnLogged, history.Committed: fault.OnCommitted, history.Applied: fault.OnApplied,
	history.Established: fault.OnEstablished, history.Synced: fault.OnSynced, history.Restored: fault.OnRestored,
	history.SessionExpired: fault.OnExpired, history.Started: fault.OnStarted, history.Stopped: fault.OnStopped,
}

// reported sees a fact of a server.
func (w *World) reported(server int, f history.Fact) {
	it := fault.End{Kind: "server", Index: server}
	if on := factEvents[f.Kind]; on != "" {
		w.happened(on, it)
	}
	if f.Kind == history.Role && strings.HasPrefix(f.Note, "looking") {
		w.happened(fault.OnLooking, it)
	}
	if w.waiting.applied != nil {
		w.compareApplied(server, f)
	}
}

// compareApplied finds the servers that have not applied what is committed now.
func (w *World) compareApplied(server int, f history.Fact) {
	switch f.Kind {
	case history.Applied, history.Restored:
		w.waiting.applied[server] = f.Zxid
	case history.Committed:
		for i, p := range w.servers {
			if p.Running() && w.waiting.applied[i+1] < f.Zxid {
				w.happened(fault.OnUnapplied, fault.End{Kind: "server", Index: i + 1})
			}
		}
	}
}

// happened counts an event, and begins the clauses for which it was the one they waited
// for, in an event of their own at this instant.
func (w *World) happened(on string, it fault.End) {
	for _, i := range w.waiting.on[on] {
		e := w.ledger[i]
		if w.healed || w.Kernel.Now() < clock.Instant(e.Clause.At) || !w.concerns(e.Clause, it) {
			continue
		}
		if e.Seen++; e.Seen == e.Clause.Nth {
			w.waiting.who[i] = it
			w.Kernel.At(w.Kernel.Now(), w.actor, faultBegins, uint64(i))
		}
	}
}

// concerns reports whether a clause waits for what this host does.
func (w *World) concerns(c fault.Clause, it fault.End) bool {
	of := c.Of
	if of == (fault.Who{}) && it.Kind == "client" && c.Who.Kind == "client" {
		of = c.Who // the client that the fault selects
	}
	switch of.Kind {
	case "":
		return true
	case "leader":
		return it.Index == w.leader
	case "follower":
		return w.leader > 0 && it.Index != w.leader
	}
	return of == fault.Who{Kind: it.Kind, Index: it.Index}
}
