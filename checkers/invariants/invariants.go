package invariants

import "slices"

// Invariant is one thing that holds at every moment.
type Invariant struct {
	Name    string
	Meaning string // in one sentence; findings quote it
	Source  string // who names it so
}

// The names.
const (
	leadership          = "leadership"
	epochPromise        = "epoch-promise"
	totalOrder          = "total-order"
	localPrimaryOrder   = "local-primary-order"
	integrity           = "integrity"
	treeEquality        = "tree-equality"
	commitOrder         = "commit-order"
	committedDurability = "committed-log-durability"
	leaderCompleteness  = "leader-log-completeness"
	ephemeralOwner      = "ephemeral-owner"
	ephemeralEnd        = "ephemeral-end"
	sessionOnce         = "session-once"
)

var all = []Invariant{
	{leadership, "At most one leader is established in an epoch.", "I-1 primary uniqueness; Leadership in the TLA+ specification"},
	{epochPromise, "What a server has durably promised about epochs, it never takes back.", "acceptedEpoch and currentEpoch never decrease"},
	{totalOrder, "If one server applies t before u, every server that applies u has applied t before it.", "I-3 agreement, I-4 total order, I-6 global primary order"},
	{localPrimaryOrder, "What a leader proposes is applied in the order in which it proposed it, without gaps.", "I-5 local primary order"},
	{integrity, "Only what a leader has committed, or a quorum has taken over as a leader's history, is applied.", "I-2 integrity"},
	{treeEquality, "Servers that have applied the same transactions have the same tree, sessions included.", "the digest of ZooKeeper, A22"},
	{commitOrder, "A leader commits the transactions of its epoch one after the other, without gaps.", "A26"},
	{committedDurability, "What is committed is on the disks of a quorum.", "committedLogDurability, Remix"},
	{leaderCompleteness, "The history of an established leader holds everything that was committed in earlier epochs.", "I-7 primary integrity, I-8 initial history integrity; leaderLogCompleteness, Remix"},
	{ephemeralOwner, "An ephemeral node is created only while its session is open.", "O9"},
	{ephemeralEnd, "The end of a session leaves none of its ephemeral nodes.", "O9"},
	{sessionOnce, "A session is opened once, and closed at most once.", "O17"},
}

// All returns every invariant.
func All() []Invariant { return slices.Clone(all) }

func find(name string) Invariant {
	i := slices.IndexFunc(all, func(x Invariant) bool { return x.Name == name })
	if i < 0 {
		panic("invariants: none is called " + name)
	}
	return all[i]
}
