package status

import (
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/node"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/node/watch"
	"github.com/zoobreak/zoobreak/server/gate"
)

// Setting is a name with a value, in a list that has an order.
type Setting struct{ Key, Value string }

// Report is how a server is at one moment. Clients and Tree are looked at during the
// event in which the report was made, and not later.
type Report struct {
	Version  Version
	Now      clock.Now
	Started  clock.Now
	Node     node.Status
	Traffic  gate.Stats
	Counts   Counts
	Clients  func() []gate.Client
	Tree     *tree.Tree
	Watches  *watch.Table
	Conf     []Setting
	Environ  []Setting
	DirBytes func() int64
}

// Counts is what a server has counted of itself.
type Counts struct {
	Looking  int64 // how often it began to look for a leader
	Batches  int64 // saves that went to the disk together, as one
	Syncing  time.Duration
	MaxSync  time.Duration
	Expired  int64 // sessions, by this server as the leader
	Snapshot int64 // restored: the state was replaced
}

// Version is what clients are told about the build. Name has letters, digits, points and
// dashes only: go-zookeeper/zk accepts no others.
type Version struct {
	Name  string
	Built time.Time
}

func (v Version) String() string {
	return v.Name + ", built on " + v.Built.UTC().Format("01/02/2006 15:04") + " GMT"
}

// Mode is what srvr calls the server's part in the ensemble.
func (r *Report) Mode() string {
	switch {
	case r.Node.Alone:
		return "standalone"
	case r.Node.Role == node.Leading:
		return "leader"
	case r.Node.Role == node.Observing:
		return "observer"
	}
	return "follower"
}

// millis returns the calendar time of an instant.
func (r *Report) millis(at clock.Instant) int64 {
	return clock.Wall(int64(r.Now.Wall) - int64(r.Now.Mono.Sub(at))).Millis()
}

func (r *Report) uptime() time.Duration { return r.Now.Mono.Sub(r.Started.Mono) }

func (r *Report) ephemerals() (n int) {
	for _, s := range r.Tree.Sessions() {
		n += len(r.Tree.Ephemerals(s))
	}
	return n
}
