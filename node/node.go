package node

import (
	"sort"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/node/acl"
	"github.com/zoobreak/zoobreak/node/bugs"
	"github.com/zoobreak/zoobreak/node/quorum"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/node/watch"
	"github.com/zoobreak/zoobreak/wire"
)

// Config is what a server is told once. The limits count ticks, as in zoo.cfg.
type Config struct {
	ID         ID
	Ensemble   *quorum.Config // who belongs to it, this server included
	Tick       time.Duration
	InitLimit  int // to connect to a leader and be brought up to date
	SyncLimit  int // of silence between a leader and a learner
	MinSession time.Duration
	MaxSession time.Duration
	// SyncAlone lets the leader answer a sync by itself, as ZooKeeper's does: one that was
	// deposed, and does not know it, then answers too.
	SyncAlone bool
	SnapEvery int // transactions between snapshots
	CommitLog int // committed transactions that are kept for learners; 0: 500
	MaxFrame  int // bytes of a client's request; 0: wire.MaxFrame

	Standalone      bool          // Ensemble is this server alone, and there is no ensemble to join
	ExtendedTypes   bool          // TTL nodes may be made
	EnforceQuota    bool          // hard limits refuse writes
	SkipACL         bool          // everybody may do everything
	SuperDigest     string        // "super:hash" of who is above all ACLs; empty: nobody
	ReconfigEnabled bool          // reconfig is not refused as such
	ContainerCheck  time.Duration // between looks for containers and TTL nodes to delete; 0: never

	Bugs  bugs.Set
	Marks *invariant.Marks // of the run; nil: nobody counts
}

// commitLog is how many committed transactions stay in memory, so that a learner that was
// away for a moment needs no SNAP: ZooKeeper's commitLogCount.
func (c *Config) commitLog() int {
	if c.CommitLog == 0 {
		return 500
	}
	return c.CommitLog
}

// Image is what a server knows when it starts: what Save kept.
type Image struct {
	AcceptedEpoch wire.Epoch
	CurrentEpoch  wire.Epoch
	Tree          *tree.Tree
	Log           []tree.Txn // after the tree's last zxid, in order
}

// Node is one server. It is used by one goroutine.
type Node struct {
	cfg Config
	now clock.Now
	out Effects

	// What is durable, or will be when the saves submitted so far are done. Memory may
	// run ahead of the disk because nothing that depends on it leaves except through
	// a Save of its own, behind the others.
	acceptedEpoch wire.Epoch // what it promised, and
	currentEpoch  wire.Epoch // whose history it has: two things (A28.3)
	log           []tree.Txn
	base          wire.Zxid // the zxid before log[0]

	tree      *tree.Tree // log up to some point at or before committed
	committed wire.Zxid
	processed wire.Zxid // what clients are told: tree.Last, or (epoch, 0) after it
	serveFrom wire.Zxid // the end of the history that this server's place came with
	sinceSnap int

	acceptedFrom ID         // whose epoch acceptedEpoch is, if it was accepted in this life
	laterEpoch   wire.Epoch // the highest that a learner was found to have accepted
	members      membership
	role         Role
	election     election
	follower     *follower // while following or observing
	leader       *leader   // while leading

	conns   map[Conn]*link
	clients []*client // open client connections, oldest first
	watches *watch.Table
	policy  acl.Policy
	ids     sessionIDs

	received  []Event // waiting for the receive stage
	unsaved   []Save  // waiting for the logger stage
	saving    []save  // submitted or waiting, in order
	saved     []SaveID
	lastSave  SaveID
	stalled   [numStages]int // by how many faults
	heldBack  int            // units of work that stages had to do when they went on
	runnables [numStages]func() bool
}

// New returns a server that starts from what it kept.
func New(cfg Config, img Image) *Node {
	invariant.That(0 < cfg.ID && cfg.ID < 255, "server ids are 1 to 254, not %d", cfg.ID)
	n := &Node{
		cfg: cfg, acceptedEpoch: img.AcceptedEpoch, currentEpoch: img.CurrentEpoch,
		log: img.Log, base: img.Tree.Last(), tree: img.Tree, committed: img.Tree.Last(), processed: img.Tree.Last(), sinceSnap: len(img.Log),
		members: newMembership(cfg.Ensemble),
		conns:   map[Conn]*link{}, watches: watch.New(), policy: cfg.policy(), ids: sessionIDs{server: cfg.ID},
	}
	n.election.links = map[ID]*electionLink{}
	n.runnables = [...]func() bool{
		ReceiveStage: n.receiveOne, ElectionStage: n.electOne, SyncedStage: n.syncedOne, HealthStage: n.checkHealth,
		ExpiryStage: n.expireOne, LoggerStage: n.logOne, CommitStage: n.commitOne, ReplyStage: n.replyOne,
	}
	return n
}

// Start begins the first election. It is called once, before any Step.
func (n *Node) Start(now clock.Now) *Effects {
	n.now = now
	n.out.reset()
	n.fact(history.Fact{Kind: history.Restored, Zxid: n.tree.Last(), Hash: n.tree.Digest()})
	n.look("starts")
	n.run()
	return &n.out
}

// Step handles one event.
func (n *Node) Step(now clock.Now, ev Event) *Effects {
	n.now = now
	n.out.reset()
	switch ev.Kind {
	case Tick:
	case Saved:
		n.saved = append(n.saved, ev.Save)
	case SaveFailed:
		// Going on after a failed append would acknowledge what may not be there (Z11).
		n.halt("save failed: " + ev.Reason)
	case Stalled:
		n.stalled[ev.Stage]++
	case Resumed:
		n.stalled[ev.Stage]--
		n.catchUp(ev.Stage)
	default:
		n.received = append(n.received, n.keep(ev))
	}
	n.run()
	return &n.out
}

// keep copies the bytes of an event that a stalled stage will handle later.
func (n *Node) keep(ev Event) Event {
	if n.stalled[ReceiveStage] > 0 {
		ev.Data = append([]byte(nil), ev.Data...)
	}
	return ev
}

// run lets the stages work, each until it has nothing to do, in fixed order, until no
// stage has anything to do.
func (n *Node) run() {
	for progress := true; progress && n.out.Halt == ""; {
		progress = false
		for s, work := range n.runnables {
			for n.stalled[s] == 0 && n.out.Halt == "" && work() {
				progress = true
			}
		}
	}
	invariant.Implies(n.leader != nil, n.role == Leading, "who leads is leading, not %v", n.role)
	invariant.Implies(n.follower != nil, n.role == Following || n.role == Observing, "who follows is following or observing, not %v", n.role)
}

// catchUp lets a stage that was stalled do what has gathered, ahead of the others, and
// counts it: that is what the stall has held back.
func (n *Node) catchUp(s Stage) {
	for n.stalled[s] == 0 && n.out.Halt == "" && n.runnables[s]() {
		n.heldBack++
	}
}

// HeldBack returns how much work stages had to do when they went on after a stall, ever.
func (n *Node) HeldBack() int { return n.heldBack }

// Role returns what the server is now.
func (n *Node) Role() Role { return n.role }

// Wake returns the earliest instant at which the server wants a Tick.
func (n *Node) Wake() clock.Instant {
	at := clock.Never
	for s, due := range [numStages]clock.Instant{ElectionStage: n.electionDue(), HealthStage: n.healthDue(), ExpiryStage: n.expiryDue()} {
		if due > 0 && n.stalled[s] == 0 {
			at = min(at, due)
		}
	}
	return at
}

func (n *Node) halt(why string) {
	n.out.Halt = why
	n.fact(history.Fact{Kind: history.Halted, Note: why})
}

func (n *Node) fact(f history.Fact) { n.out.Facts = append(n.out.Facts, f) }

func (n *Node) send(c Conn, data []byte) {
	n.out.Sends = append(n.out.Sends, Message{Conn: c, Data: data})
}

// closeConn ends a connection from this side: no further event of it arrives.
func (n *Node) closeConn(c Conn) {
	if n.conns[c] != nil {
		delete(n.conns, c)
		n.out.Sends = append(n.out.Sends, Message{Conn: c, Close: true})
	}
}

// save is a Save on its way, and what this server concludes when it is done.
type save struct {
	id       SaveID
	logged   wire.Zxid  // the log is durable up to here
	leading  wire.Epoch // the leader of this epoch may count itself (currentEpoch is durable)
	promised wire.Epoch // acceptedEpoch is durable
	adopted  wire.Epoch // currentEpoch is durable
}

// persist queues a Save. What is given is sent when it is durable. A server that leaves its
// role leaves the queue as it is: what a later one cuts or installs comes behind, in the
// same queue, so nothing stale is written after it (A28.24, Z09).
func (n *Node) persist(s save, ops []SaveOp, then ...Message) {
	n.lastSave++
	s.id = n.lastSave
	n.saving = append(n.saving, s)
	if s.promised > 0 {
		n.fact(history.Fact{Kind: history.Promising, Epoch: s.promised})
	}
	n.unsaved = append(n.unsaved, Save{ID: s.id, Ops: ops, Then: then})
}

// logOne is the logger stage.
func (n *Node) logOne() bool {
	if len(n.unsaved) == 0 {
		return false
	}
	n.out.Saves = append(n.out.Saves, n.unsaved[0])
	n.unsaved = n.unsaved[1:]
	return true
}

// syncedOne is the stage that handles a completed save.
func (n *Node) syncedOne() bool {
	if len(n.saved) == 0 {
		return false
	}
	s := n.saving[0]
	invariant.That(s.id == n.saved[0], "saves complete in order: %d before %d", n.saved[0], s.id)
	n.saving, n.saved = n.saving[1:], n.saved[1:]
	if s.logged > 0 {
		n.fact(history.Fact{Kind: history.Logged, Zxid: s.logged})
	}
	n.epochsSaved(s)
	if n.leader != nil {
		n.leader.savedOwn(n, s)
	}
	return true
}

// epochsSaved reports which epochs of this server are durable.
func (n *Node) epochsSaved(s save) {
	if s.promised > 0 {
		n.fact(history.Fact{Kind: history.Promised, Epoch: s.promised})
	}
	if s.adopted > 0 {
		n.fact(history.Fact{Kind: history.Adopted, Epoch: s.adopted})
	}
}

// lastLogged returns the end of this server's history.
func (n *Node) lastLogged() wire.Zxid {
	if len(n.log) == 0 {
		return n.base
	}
	return n.log[len(n.log)-1].Zxid
}

// after returns the logged transactions behind z; ok is false if z is not in the log.
func (n *Node) after(z wire.Zxid) (txns []tree.Txn, ok bool) {
	if z == n.base {
		return n.log, true
	}
	i := sort.Search(len(n.log), func(i int) bool { return n.log[i].Zxid >= z })
	if i == len(n.log) || n.log[i].Zxid != z {
		return nil, false
	}
	return n.log[i+1:], true
}

// cutLog takes back what is behind z. It was never committed: the leader of a later epoch,
// which has everything that was, does not have it.
func (n *Node) cutLog(z wire.Zxid) {
	behind, ok := n.after(z)
	invariant.That(ok, "the log is cut at one of its transactions, and %v is none", z)
	invariant.That(z >= n.committed, "what is committed is not cut: %v, and the cut is at %v", n.committed, z)
	kept := len(n.log) - len(behind)
	clear(n.log[kept:])
	n.log = n.log[:kept]
}

// appendLog adds transactions to the history in memory.
func (n *Node) appendLog(txns ...tree.Txn) {
	for i := range txns {
		last, z := n.lastLogged(), txns[i].Zxid
		invariant.That(follows(z, last), "the log has no holes: %v after %v", z, last)
		n.log = append(n.log, txns[i])
	}
}

func (n *Node) ticks(count int) time.Duration { return time.Duration(count) * n.cfg.Tick }
