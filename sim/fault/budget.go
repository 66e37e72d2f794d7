package fault

import (
	"fmt"
	"slices"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/wire"
)

// Budget judges whether damage to what servers have synced stays inside what the protocol
// promises to survive: whether afterwards every transaction that is, or may yet be,
// committed is durable on a majority of the voters without the damaged ones. That a quorum
// and a good copy remain is not enough:
//
//  1. T is logged on servers 1 and 2, and committed; server 3 lags behind.
//  2. Server 1 is wiped.
//  3. Servers 1 and 3 are a quorum. They elect a leader that lacks T, and T is lost.
//
// The same holds for what a server has promised about epochs: a wiped voter may help to
// elect a second leader of an epoch that it has accepted already.
//
// It knows only what servers report, and discounts what was damaged before. A service that
// reports nothing gets no damage at all.
type Budget struct {
	voters    []voter // of server i at i-1
	committed wire.Zxid
	stalls    int // stages that are stalled now, anywhere
}

// voter is what is known of one server's disk.
type voter struct {
	logged    wire.Zxid  // durable
	promising wire.Epoch // durable, or on its way to the disk
	promised  wire.Epoch // durable
	adopted   wire.Epoch // durable
	rotten    bool       // whatever else it reports
}

// NewBudget returns the budget of an ensemble of which nothing is known yet. Servers with
// higher numbers than its voters are observers: nobody counts on their disks.
func NewBudget(voters int) *Budget { return &Budget{voters: make([]voter, voters)} }

// See takes in what a server reports.
func (b *Budget) See(server int, f history.Fact) {
	if server > len(b.voters) {
		return
	}
	v := &b.voters[server-1]
	switch f.Kind {
	case history.Logged:
		v.logged = f.Zxid
	case history.Promising:
		v.promising = f.Epoch
	case history.Promised:
		v.promised = f.Epoch
	case history.Adopted:
		v.adopted = f.Epoch
	case history.Committed:
		b.committed = max(b.committed, f.Zxid)
	}
}

// Stalled counts stages that do not run. While there is one, reports may be late.
func (b *Budget) Stalled(by int) { b.stalls += by }

// Damaged forgets what was known of a server's disk, which is empty now. What it logs from
// here on counts.
func (b *Budget) Damaged(server int) {
	if server <= len(b.voters) {
		b.voters[server-1] = voter{}
	}
}

// Rotten writes a disk off: the rot may lie where the next start does not read, and show
// when the disk is needed. Only an empty one counts again.
func (b *Budget) Rotten(server int) {
	if server <= len(b.voters) {
		b.voters[server-1] = voter{rotten: true}
	}
}

// Refusal says why these servers must not be damaged now; it is empty if they may be.
func (b *Budget) Refusal(servers []int) string {
	if len(servers) > 0 && slices.Min(servers) > len(b.voters) {
		return ""
	}
	if b.stalls > 0 {
		return "a stage is stalled, and what the servers report may be late"
	}
	last, epoch := b.committed, wire.Epoch(1) // nobody has promised epoch 0
	for i, v := range b.voters {
		last = max(last, v.logged) // it may be committed before anybody says so
		if slices.Contains(servers, i+1) {
			epoch = max(epoch, v.promising)
		}
	}
	good := 0
	for i, v := range b.voters {
		if !slices.Contains(servers, i+1) && v.holds(last, epoch) {
			good++
		}
	}
	if quorum := len(b.voters)/2 + 1; good < quorum {
		return fmt.Sprintf("without it only %d of %d voters report that all of %v and epoch %d is durable, and a majority is %d",
			good, len(b.voters), last, epoch, quorum)
	}
	return ""
}

// holds reports whether the history up to last is on this disk, as one that an election
// would prefer, and a promise not to go back behind the epoch.
func (v voter) holds(last wire.Zxid, epoch wire.Epoch) bool {
	return !v.rotten && v.logged >= last && v.adopted >= last.Epoch() && v.promised >= epoch
}
