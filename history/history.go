package history

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/wire"
)

// Status is how an operation ended. The zero value is Pending: it never returned.
type Status string

// The ways an operation ends.
const (
	Pending Status = ""        // invoked, never returned; it may have taken effect
	OK      Status = "ok"      // took effect
	Fail    Status = "fail"    // definitely had no effect
	Unknown Status = "unknown" // may have taken effect, or may yet
)

// Kind names what a client did.
type Kind string

// The operations that workloads and recorders write. Wire* come from the recorder at the
// client's end of a connection; the rest are what the client's own code said it did.
const (
	Wire        Kind = "wire"         // one request of the ZooKeeper protocol; Name is its operation
	Acquire     Kind = "acquire"      // lock requested .. the caller believes that it holds it
	Release     Kind = "release"      // release requested .. returned
	EffectRead  Kind = "effect.read"  // read of a resource outside the service
	EffectWrite Kind = "effect.write" // write to it; Fail means that it was refused
	Phantom     Kind = "phantom"      // the lock call said yes, but the caller's own node is not there
	Note        Kind = "note"         // a line that the client's code logged
)

// Op is one operation of one client, with the interval in which it took place. Call and
// Return are positions in the order of recorded events, unique in a log, so that no two
// operations touch by accident; the instants are for people.
type Op struct {
	Client   int           `json:"client"`
	Kind     Kind          `json:"kind"`
	Name     string        `json:"name,omitempty"` // wire operation, lock path, resource, or the line noted
	Status   Status        `json:"status,omitempty"`
	Call     uint64        `json:"call"`
	Return   uint64        `json:"return,omitempty"` // 0 while pending
	CallAt   clock.Instant `json:"call_at"`
	ReturnAt clock.Instant `json:"return_at,omitempty"`

	Session wire.SessionID `json:"session,omitempty"`
	Xid     int32          `json:"xid,omitempty"`
	Path    wire.Path      `json:"path,omitempty"` // wire: the path of the reply if it has one, else of the request
	Zxid    wire.Zxid      `json:"zxid,omitempty"` // wire: of the reply
	Code    wire.Code      `json:"code,omitempty"` // wire: of the reply
	Token   int64          `json:"token,omitempty"`
	Fenced  bool           `json:"fenced,omitempty"`  // effects: the resource checks tokens
	Value   int64          `json:"value,omitempty"`   // effects: what was read or written
	Text    string         `json:"text,omitempty"`    // of services of your own: what was read or written
	Version int64          `json:"version,omitempty"` // effects: of the resource after the operation; set when it took effect, even if no answer arrived
	Error   string         `json:"error,omitempty"`   // what the client's code was told
}

// FactKind names what a replica, or the world, did.
type FactKind string

// The facts. Those above the blank line are reported by servers as they act; those
// below by the world, which alone knows them; the last two tell of clients of our own.
const (
	Role           FactKind = "role"            // Note is looking, following, leading
	Established    FactKind = "established"     // a leader may propose in Epoch; Zxid is the end of its history
	Synced         FactKind = "synced"          // a learner has been told UPTODATE
	Logged         FactKind = "logged"          // Zxid is durable in this server's log
	Promising      FactKind = "epoch.promising" // it will follow no leader of an epoch before Epoch, once its disk has that
	Promised       FactKind = "epoch.promised"  // that is durable
	Adopted        FactKind = "epoch.adopted"   // it is durable that its history is that of the leader of Epoch
	Committed      FactKind = "committed"       // leader: a quorum has Zxid
	Applied        FactKind = "applied"         // Zxid changed this server's tree; Hash is the tree's digest after it
	Restored       FactKind = "restored"        // the tree was replaced, or loaded at start, up to Zxid; Hash is the tree's digest
	SessionOpened  FactKind = "session.opened"  // applied
	SessionClosing FactKind = "session.closing" // leader: the closeSession is proposed, whatever its cause
	SessionExpired FactKind = "session.expired" // leader: it is proposed because time ran out
	SessionClosed  FactKind = "session.closed"  // applied
	NodeCreated    FactKind = "node.created"    // applied; ephemeral nodes only; Note is the path
	NodeDeleted    FactKind = "node.deleted"    // applied; ephemeral nodes only; Note is the path
	Halted         FactKind = "halted"          // the server stopped itself; Note says why

	Started  FactKind = "started"  // the process runs
	Stopped  FactKind = "stopped"  // killed or lost power; Note says which
	FaultOn  FactKind = "fault.on" // Note is the clause
	FaultOff FactKind = "fault.off"
	Refused  FactKind = "fault.refused" // Note is the clause, and why it is outside the budget
	Damaged  FactKind = "disk.damaged"  // a fault has damaged what the server had synced; Note is rot, or empty for a wipe
	Replaced FactKind = "disk.replaced" // healing gave the server an empty disk for one that a fault had made unreadable
	Healed   FactKind = "healed"        // no fault from here on

	ClientStarted FactKind = "client.started" // a life of Client begins
	ClientStopped FactKind = "client.stopped" // it was killed or lost power; Note says which
)

// Fact is one thing that happened on the servers' side or to the world.
type Fact struct {
	Seq     uint64         `json:"seq"` // position in the same order as Op.Call
	At      clock.Instant  `json:"at"`
	Server  int            `json:"server"` // 1..; 0 is the world
	Client  int            `json:"client,omitempty"`
	Kind    FactKind       `json:"kind"`
	Epoch   wire.Epoch     `json:"epoch,omitempty"`
	Zxid    wire.Zxid      `json:"zxid,omitempty"`
	Hash    uint64         `json:"hash,omitempty"`
	Session wire.SessionID `json:"session,omitempty"`
	Note    string         `json:"note,omitempty"`
	// Applied says of a transaction, besides, who asked for it (Session and Xid; no xid if a
	// server did), what it is (Note: its operation, and the path that a server deleted by
	// itself), why it is an error, if it is one, and its time.
	Xid    int32     `json:"xid,omitempty"`
	Code   wire.Code `json:"code,omitempty"`
	Millis int64     `json:"millis,omitempty"`
}

// Direction says which way a frame went.
type Direction string

// The directions.
const (
	Sent Direction = "sent"
	Got  Direction = "got"
)

// Frame is one packet of the protocol at the client's end of a connection, to the byte. It
// is kept by clients whose every answer is to be judged.
type Frame struct {
	Seq    uint64        `json:"seq"` // position in the same order as Op.Call
	At     clock.Instant `json:"at"`
	Client int           `json:"client"`
	Conn   int           `json:"conn"`   // which of this client's connections, from 1
	Server int           `json:"server"` // at the other end
	Way    Direction     `json:"way"`
	Bytes  []byte        `json:"bytes"` // without the length
}

// Log is the evidence of one run. It is written by the single thread of a world and
// read afterwards.
type Log struct {
	Ops    []Op
	Facts  []Fact
	Frames []Frame `json:",omitempty"`
	// Watch, if set, is told of each operation when it has returned.
	Watch func(*Op) `json:"-"`
	// WatchFact, if set, is told of each fact as it is recorded, and must not change it.
	WatchFact func(*Fact) `json:"-"`
	// Clock, if set, is the time that operations are stamped with, whatever those who
	// record them believe: a client's own clock may be wrong.
	Clock func() clock.Instant `json:"-"`
	seq   uint64
}

// Handle finds an operation that has been called and may yet return.
type Handle int

// Next returns the next position in the order of events.
func (l *Log) Next() uint64 { l.seq++; return l.seq }

// Call records the start of an operation.
func (l *Log) Call(at clock.Instant, op Op) Handle {
	op.Call, op.CallAt = l.Next(), l.stamp(at)
	l.Ops = append(l.Ops, op)
	return Handle(len(l.Ops) - 1)
}

// Return records its end; fill may set what became known. It panics if the operation
// has returned already: one call, one return.
func (l *Log) Return(h Handle, at clock.Instant, s Status, fill func(*Op)) {
	op := &l.Ops[h]
	if op.Return != 0 {
		panic(fmt.Sprintf("history: operation %d of client %d returned twice", h, op.Client))
	}
	op.Return, op.ReturnAt, op.Status = l.Next(), l.stamp(at), s
	if fill != nil {
		fill(op)
	}
	l.told(op)
}

// Add records an operation of which all is known at once, with positions that came from
// Next.
func (l *Log) Add(op Op) {
	l.Ops = append(l.Ops, op)
	if op.Return != 0 {
		l.told(&op)
	}
}

func (l *Log) stamp(at clock.Instant) clock.Instant {
	if l.Clock != nil {
		return l.Clock()
	}
	return at
}

func (l *Log) told(op *Op) {
	if l.Watch != nil {
		l.Watch(op)
	}
}

// Fact records a fact. Seq is set here.
func (l *Log) Fact(f Fact) {
	f.Seq = l.Next()
	l.Facts = append(l.Facts, f)
	if l.WatchFact != nil {
		l.WatchFact(&l.Facts[len(l.Facts)-1])
	}
}

// Frame records a packet. Seq and At are set here, the bytes are copied.
func (l *Log) Frame(at clock.Instant, f Frame) {
	f.Seq, f.At, f.Bytes = l.Next(), l.stamp(at), slices.Clone(f.Bytes)
	l.Frames = append(l.Frames, f)
}

// Validate rejects a log that no run could have produced, so that no checker reasons
// about nonsense: returns before calls, returns without a status or the reverse, returns
// in another life than the call, or two recipe operations of one client that overlap (wire
// requests may be pipelined; a client's own code is sequential). What is pending when the
// client dies stays pending, and its next life begins anew.
func (l *Log) Validate() error {
	last, deaths := map[int]*Op{}, l.Deaths()
	for i := range l.Ops {
		op := &l.Ops[i]
		if op.Call == 0 || op.Return != 0 && op.Return < op.Call {
			return fmt.Errorf("history: operation %d (%s of client %d) returns at %d before its call at %d", i, op.Kind, op.Client, op.Return, op.Call)
		}
		if op.Return != 0 && op.Status == Pending {
			return fmt.Errorf("history: operation %d (%s of client %d) returned without a status", i, op.Kind, op.Client)
		}
		if op.Return == 0 && op.Status != Pending {
			return fmt.Errorf("history: operation %d (%s of client %d) is %s but never returned", i, op.Kind, op.Client, op.Status)
		}
		if deaths.Between(op.Client, op.Call, op.Return) {
			return fmt.Errorf("history: operation %d (%s of client %d) is called at %d and returns at %d, but the client died between", i, op.Kind, op.Client, op.Call, op.Return)
		}
		if op.Kind == Wire || op.Kind == Note {
			continue
		}
		if p := last[op.Client]; p != nil && (p.Return == 0 || p.Return > op.Call) && !deaths.Between(op.Client, p.Call, op.Call) {
			return fmt.Errorf("history: operation %d (%s of client %d, call %d) overlaps that client's %s (call %d, return %d)",
				i, op.Kind, op.Client, op.Call, p.Kind, p.Call, p.Return)
		}
		last[op.Client] = op
	}
	return nil
}

// UnmarshalJSON reads a saved log. Positions go on after its last, so that what is
// recorded later does not collide.
func (l *Log) UnmarshalJSON(b []byte) error {
	type plain Log
	var saved plain
	if err := json.Unmarshal(b, &saved); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	*l = Log(saved)
	for i := range l.Ops {
		l.seq = max(l.seq, l.Ops[i].Call, l.Ops[i].Return)
	}
	for i := range l.Facts {
		l.seq = max(l.seq, l.Facts[i].Seq)
	}
	for i := range l.Frames {
		l.seq = max(l.seq, l.Frames[i].Seq)
	}
	return nil
}

// Sorted returns a copy whose operations are in the order of their calls. An operation
// whose start is known only when it ends is recorded late.
func (l *Log) Sorted() *Log {
	ops := slices.Clone(l.Ops)
	slices.SortFunc(ops, func(a, b Op) int { return cmp.Compare(a.Call, b.Call) })
	return &Log{Ops: ops, Facts: slices.Clone(l.Facts), Frames: slices.Clone(l.Frames), seq: l.seq}
}
