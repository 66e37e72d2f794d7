package workloads

import (
	"fmt"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/wire"
)

// Op is one operation that a client carries out, as plans keep it. Each is explicit, so
// that taking one away changes no other.
type Op struct {
	Client int        `json:"client"`
	At     clock.Span `json:"at"` // not before, since the start of the run
	Do     string     `json:"do"` // create, ephemeral, sequential, set, delete, get, sync; or lock; or one of Raw
	Path   wire.Path  `json:"path,omitempty"`
	Value  string     `json:"value,omitempty"` // create, ephemeral, sequential, set
	For    clock.Span `json:"for,omitempty"`   // lock: how long it is held
	Send   []Send     `json:"send,omitempty"`  // send: requests that leave as one write
}

// Raw are the verbs of clients that speak the protocol by themselves (workloads/wire): send
// requests, add a user to who the client is, go to another server, close the session and
// begin another, or forget the session, which is left to expire, and begin another.
func (o Op) Raw() bool {
	switch o.Do {
	case "send", "auth", "move", "close", "forget":
		return true
	}
	return false
}

// Validate says what is wrong with the operation, if anything is.
func (o Op) Validate() error {
	if o.Raw() {
		return o.validateRaw()
	}
	switch o.Do {
	case "create", "ephemeral", "sequential", "set", "delete", "get", "sync", "lock":
	default:
		return fmt.Errorf("do is %q; it must be create, ephemeral, sequential, set, delete, get, sync or lock, or send, auth, move, close or forget", o.Do)
	}
	if len(o.Path) < 2 || o.Path[0] != '/' {
		return fmt.Errorf("path is %q; it must be absolute and not the root", o.Path)
	}
	return nil
}

func (o Op) validateRaw() error {
	switch {
	case o.Do == "send" && len(o.Send) == 0:
		return fmt.Errorf("send: there is nothing to send")
	case o.Do != "send" && len(o.Send) > 0:
		return fmt.Errorf("%s: it cannot send anything", o.Do)
	}
	for i, s := range o.Send {
		if err := s.validate(); err != nil {
			return fmt.Errorf("send[%d]: %w", i, err)
		}
	}
	return nil
}

// DrawLocks draws count turns under one lock for one client, spread over a time.
func DrawLocks(key rng.Key, client, count int, over time.Duration) []Op {
	ops := make([]Op, count)
	for i := range ops {
		k := key.Int(uint64(i))
		at := int64(over)*int64(i)/int64(count) + k.Of("at").Between(0, int64(over)/int64(count))
		ops[i] = Op{
			Client: client, Do: "lock", Path: "/lock",
			At:  wholeMillis(at),
			For: wholeMillis(k.Of("for").Between(10e6, 300e6)),
		}
		if k.Of("long").Chance(1, longJob) {
			ops[i].For = wholeMillis(k.Of("longer").Between(1e9, 6e9))
		}
	}
	return ops
}

// longJob: one turn in so many takes seconds, which may be longer than a session lives.
const longJob = 15

// wholeMillis cuts a span to milliseconds: plans are read by people.
func wholeMillis(ns int64) clock.Span { return clock.Span(ns / 1e6 * 1e6) }
