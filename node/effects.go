package node

import (
	"fmt"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// Conn names one end of one connection incarnation, as the host knows it. It is never
// reused, so a message for a connection that is gone can be dropped.
type Conn uint64

// Channel says what a connection is for.
type Channel uint8

// The channels. Election links carry notifications one way, from the dialer; a quorum
// link carries a learner's conversation with its leader.
const (
	ClientChannel Channel = iota
	QuorumChannel
	ElectionChannel
)

// EventKind says what an Event is.
type EventKind uint8

// The events.
const (
	Tick       EventKind = iota // the instant that Wake asked for has come
	Opened                      // Conn is open; Peer is who was dialed, or 0 if it was accepted
	Received                    // Data arrived on Conn
	Closed                      // Conn is gone
	DialFailed                  // no connection to Peer for Channel could be had
	Saved                       // Save is durable
	SaveFailed                  // Save failed; Reason says why
	Stalled                     // Stage stops being scheduled
	Resumed                     // Stage runs again
)

// Event is one thing that happens to a server.
type Event struct {
	Kind    EventKind
	Conn    Conn
	Channel Channel
	Peer    ID
	Host    string // Opened, if it was accepted: where the other end dialed from
	Data    []byte // valid during Step only
	Save    SaveID
	Stage   Stage
	Reason  string
}

// Message is bytes for a connection; it is dropped if the connection is gone.
type Message struct {
	Conn  Conn
	Data  []byte // may be empty
	Close bool   // end the connection after Data
}

// Dial asks for a connection; Opened or DialFailed answers. A second Dial for the same
// peer and channel gives up the first.
type Dial struct {
	Peer    ID
	Channel Channel
}

// SaveID numbers saves; they complete in order.
type SaveID uint64

// Save is what must be durable before Then may be sent. That the two are one value is
// the rule "what you acknowledge must survive power loss" (A27) as a type: no code path
// can send an acknowledgement and forget to wait. All saves are one FIFO. A save without
// operations waits for those before it.
type Save struct {
	ID   SaveID
	Ops  []SaveOp
	Then []Message
}

// SaveKind says what a SaveOp keeps.
type SaveKind uint8

// The things that are kept.
const (
	AppendTxn        SaveKind = iota // Txn at the end of the log
	SetAcceptedEpoch                 // Epoch
	SetCurrentEpoch                  // Epoch
	TakeSnapshot                     // Bytes: the state at Zxid; the log before it may go. Nothing waits for it
	InstallSnapshot                  // Bytes: the state at Zxid, in place of everything logged
	TruncateLog                      // everything behind Zxid is taken back
)

// SaveOp is one change of the durable state.
type SaveOp struct {
	Kind  SaveKind
	Txn   tree.Txn
	Epoch wire.Epoch
	Zxid  wire.Zxid
	Bytes []byte
}

// Effects is what a server wants done after one event, valid until its next Step. Dials
// come first, then saves are submitted, then Sends go out in order.
type Effects struct {
	Dials []Dial
	Saves []Save
	Sends []Message
	Facts []history.Fact
	// Halt, if not empty, says why the server stops for good.
	Halt string
}

func (e *Effects) reset() {
	clear(e.Saves) // let go of what they point to
	clear(e.Sends)
	*e = Effects{Dials: e.Dials[:0], Saves: e.Saves[:0], Sends: e.Sends[:0], Facts: e.Facts[:0]}
}

// Role is what a server is in the ensemble.
type Role uint8

// The roles.
const (
	Looking Role = iota
	Following
	Leading
	Observing // following, without a vote
)

var roleNames = [...]string{"looking", "following", "leading", "observing"}

func (r Role) String() string { return roleNames[r] }

// Stage is a part of a server that can be scheduled by itself. A third of ZooKeeper's
// historical bugs need two of these to interleave in an unusual way (A29).
type Stage uint8

// The stages, in the order in which they run inside one event.
const (
	ReceiveStage  Stage = iota // takes in what arrived on connections
	ElectionStage              // handles notifications and election timers
	SyncedStage                // handles completed saves
	HealthStage                // pings, and gives up peers that are silent
	ExpiryStage                // expires sessions (leader)
	LoggerStage                // hands saves to the disk
	CommitStage                // applies committed transactions
	ReplyStage                 // hands replies to the connections
	numStages
)

var stageNames = [...]string{"receive", "election", "synced", "health", "expiry", "logger", "commit", "reply"}

func (s Stage) String() string { return stageNames[s] }

// ParseStage returns the stage with a name.
func ParseStage(name string) (Stage, error) {
	for i, n := range stageNames {
		if n == name {
			return Stage(i), nil
		}
	}
	return 0, fmt.Errorf("node: no stage is called %q; there are %v", name, stageNames)
}
