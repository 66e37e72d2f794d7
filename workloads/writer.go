package workloads

import (
	"fmt"
	"time"

	"github.com/zoobreak/zoobreak/client/native"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/wire"
)

// DrawWrites draws count operations for one client, spread over a time. A few keys are
// shared by all clients, so that their operations meet.
func DrawWrites(key rng.Key, client, count int, over time.Duration) []Op {
	verbs := []string{"create", "create", "ephemeral", "sequential", "set", "set", "set", "delete", "get", "sync"}
	ops := make([]Op, count)
	for i := range ops {
		k := key.Int(uint64(i))
		ops[i] = Op{
			Client: client,
			At:     wholeMillis(int64(over) * int64(i) / int64(count)),
			Do:     verbs[k.Of("verb").Below(uint64(len(verbs)))],
			Path:   wire.Path(fmt.Sprintf("/key-%d", k.Of("path").Below(6))),
			Value:  fmt.Sprintf("%d.%d", client, i),
		}
	}
	return ops
}

// Request returns the operation as the protocol has it.
func (w Op) Request() wire.Request {
	r := wire.Request{Path: w.Path, Data: []byte(w.Value), Version: -1}
	switch w.Do {
	case "create", "ephemeral", "sequential":
		r.Op, r.ACL = wire.OpCreate, wire.WorldACL(wire.PermAll)
		if w.Do == "ephemeral" {
			r.Flags = wire.FlagEphemeral
		}
		if w.Do == "sequential" {
			r.Flags = wire.FlagSequential
		}
	case "set":
		r.Op = wire.OpSetData
	case "delete":
		r.Op = wire.OpDelete
	case "get":
		r.Op = wire.OpGetData
	case "sync":
		r.Op = wire.OpSync
	default:
		panic(fmt.Sprintf("workloads: a writer cannot %q", w.Do))
	}
	return r
}

// Writer carries out operations one after the other through one native session. It is a
// process of the simulator without a disk.
type Writer struct {
	session *native.Session
	alarm   clock.Alarm
	agenda  *Agenda
	busy    bool
}

// NewWriter starts a writer, in its first or in a later life, with what is left to do.
func NewWriter(agenda *Agenda, cfg native.Config, n net.Network, alarm clock.Alarm, now clock.Now) *Writer {
	w := &Writer{session: native.New(cfg, n), alarm: alarm, agenda: agenda}
	w.Wake(now)
	return w
}

// Add gives the writer another operation.
func (w *Writer) Add(now clock.Now, op Op) {
	w.agenda.Add(op)
	w.Wake(now)
}

// NetEvent takes in what happened on the network.
func (w *Writer) NetEvent(now clock.Now, ev net.Event) {
	w.session.NetEvent(now, ev)
	w.Wake(now)
}

// Wake does what is due.
func (w *Writer) Wake(now clock.Now) {
	w.session.Wake(now)
	if !w.busy && w.agenda.Due() <= now.Mono {
		w.busy = true
		w.session.Submit(now, w.agenda.Begin().Request(), func(wire.Reply, error) { w.busy = false })
	}
	w.alarm.Set(w.due(now))
}

func (w *Writer) due(now clock.Now) clock.Instant {
	at := w.session.Due()
	if !w.busy {
		at = min(at, max(w.agenda.Due(), now.Mono))
	}
	return at
}
