package scenarios

import (
	"fmt"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk/simdisk"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net/simnet"
)

// Knobs are settings of the world and the servers that are always within what they must
// bear, and make rare windows common: a window of the network that fills, a connection that
// is given up within a run, sectors that a small write crosses, a snapshot after every
// write. Zero is the usual setting.
type Knobs struct {
	Window         int        `json:"window,omitempty"`         // bytes of one direction of a connection that may wait
	Retransmission clock.Span `json:"retransmission,omitempty"` // until a sender without an answer gives up
	Connect        clock.Span `json:"connect,omitempty"`        // until a dial without an answer does
	Sector         int        `json:"sector,omitempty"`         // bytes that a disk writes whole or not at all
	Append         clock.Span `json:"append,omitempty"`         // the longest that an append takes
	SnapshotEvery  int        `json:"snapshot_every,omitempty"` // transactions between two snapshots of a server
	CommitLog      int        `json:"commit_log,omitempty"`     // committed transactions that a leader keeps for learners
}

// drawKnobs leaves each knob alone in two of three plans (swarm testing), and else turns it
// to a value that something in the servers compares with, or to one beside it.
func drawKnobs(key rng.Key, session time.Duration) (k Knobs) {
	beside := func(name string, limits ...int64) int64 {
		key := key.Of(name)
		if !key.Chance(1, 3) {
			return 0
		}
		n := limits[key.Of("limit").Below(uint64(len(limits)))]
		return max(1, n+key.Of("beside").Between(-1, 1))
	}
	ms := func(n int64) clock.Span { return clock.Span(time.Duration(n) * time.Millisecond) }
	k.Window = int(beside("window", 64, 1024, 16<<10))
	k.Retransmission = ms(beside("retransmission", 500, 2000, session.Milliseconds(), 3*session.Milliseconds()))
	k.Connect = ms(beside("connect", 100, 1000, session.Milliseconds()))
	k.Sector = int(beside("sector", 16, 64, 4096))
	k.Append = ms(beside("append", 1, 5))
	k.SnapshotEvery = int(beside("snapshot", 1, 5, 20, 200))
	k.CommitLog = int(beside("commit log", 1, 3, 10))
	return k
}

// The ranges in which knobs make sense.
const (
	mostWindow   = 1 << 30
	mostSector   = 1 << 20
	mostSnapshot = 1 << 30
)

func (k Knobs) validate() error {
	for _, x := range []struct {
		name  string
		value int
		most  int
	}{{"window", k.Window, mostWindow}, {"sector", k.Sector, mostSector}, {"snapshot_every", k.SnapshotEvery, mostSnapshot}, {"commit_log", k.CommitLog, mostSnapshot}} {
		if x.value < 0 || x.value > x.most {
			return fmt.Errorf("knobs: %s is %d; it must be 1 to %d, or be left out", x.name, x.value, x.most)
		}
	}
	for _, x := range []struct {
		name  string
		value clock.Span
	}{{"retransmission", k.Retransmission}, {"connect", k.Connect}, {"append", k.Append}} {
		if x.value > maxDuration {
			return fmt.Errorf("knobs: %s is %v; it must be at most %v", x.name, x.value, maxDuration)
		}
	}
	return nil
}

// tcp is what the knobs say about connections.
func (k Knobs) tcp() simnet.TCP {
	return simnet.TCP{Window: k.Window, Retransmission: time.Duration(k.Retransmission), Connect: time.Duration(k.Connect)}
}

// append is how long an append takes.
func (k Knobs) append() simdisk.Latency { return simdisk.Latency{Max: time.Duration(k.Append)} }

// usualSettings puts back one knob each.
var usualSettings = []func(*Knobs){
	func(k *Knobs) { k.Window = 0 },
	func(k *Knobs) { k.Retransmission = 0 },
	func(k *Knobs) { k.Connect = 0 },
	func(k *Knobs) { k.Sector = 0 },
	func(k *Knobs) { k.Append = 0 },
	func(k *Knobs) { k.SnapshotEvery = 0 },
	func(k *Knobs) { k.CommitLog = 0 },
}
