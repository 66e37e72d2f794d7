package checkers

import (
	"strings"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/wire"
)

// Orphan judges that a failed lock or unlock call left no node of its own behind. Without
// any evidence of nodes it examines nothing.
func Orphan() Checker {
	return judge{orphanChecker, func(e *evidence, r *result) {
		o := &orphan{result: r, evidence: e, nodes: ephemerals(e.Facts)}
		if len(o.nodes) > 0 {
			o.judge()
		}
	}}
}

// ephemeral is one ephemeral node; it lives from created until just before deleted.
type ephemeral struct {
	path             string
	zxid             wire.Zxid
	session          wire.SessionID
	created, deleted uint64
	// leftover: it lasted until its session ended, or is there at the end. A node that a
	// late request deleted was only slow to go.
	leftover bool
}

// ephemerals takes each creation and deletion from the first server that applied it.
func ephemerals(facts []history.Fact) []*ephemeral {
	type change struct {
		path string
		zxid wire.Zxid
	}
	var all []*ephemeral
	born, current := map[change]bool{}, map[string]*ephemeral{}
	closing := closings(facts)
	for _, f := range facts {
		switch id := (change{f.Note, f.Zxid}); f.Kind {
		case history.NodeCreated:
			if !born[id] {
				born[id] = true
				current[f.Note] = &ephemeral{f.Note, f.Zxid, f.Session, f.Seq, endless, true}
				all = append(all, current[f.Note])
			}
		case history.NodeDeleted:
			current[f.Note].delete(&f, closing[f.Zxid])
		}
	}
	return all
}

// delete ignores the deletion of an earlier node of the same path, which a slow server
// applies late, and repeated ones.
func (n *ephemeral) delete(f *history.Fact, withSession bool) {
	if n != nil && n.deleted == endless && (f.Zxid == 0 || f.Zxid > n.zxid) {
		n.deleted, n.leftover = f.Seq, withSession
	}
}

// closings returns the zxids that ended sessions.
func closings(facts []history.Fact) map[wire.Zxid]bool {
	all := map[wire.Zxid]bool{}
	for _, f := range facts {
		if f.Kind == history.SessionClosed {
			all[f.Zxid] = true
		}
	}
	return all
}

func (n *ephemeral) isChildOf(lock string) bool {
	return strings.HasPrefix(n.path, strings.TrimSuffix(lock, "/")+"/")
}

type orphan struct {
	*result
	*evidence
	nodes []*ephemeral
}

func (o *orphan) judge() {
	granted := map[int]*history.Op{} // the latest acquire of each client that said yes
	for i := range o.Ops {
		op := &o.Ops[i]
		if op.Kind != history.Acquire && op.Kind != history.Release || op.Return == 0 {
			continue
		}
		o.examined(1)
		switch {
		case failed(op):
			o.threat(lockCallFailed, 1)
			o.judgeFailed(op, granted[op.Client], i)
		case op.Kind == history.Acquire:
			granted[op.Client] = op
		}
	}
}

func (o *orphan) judgeFailed(op, granted *history.Op, i int) {
	if op.Kind == history.Acquire {
		if n := o.leftByLock(op, o.nextAcquire(op.Client, i)); n != nil {
			o.leaves("failed Lock leaves its node", outcome.Bug, "Lock", op, n)
		}
		return
	}
	if granted != nil && granted.Name == op.Name && !o.deaths.Between(op.Client, granted.Call, op.Call) {
		// The caller of a failed Unlock knows its node and may try again while its session
		// lives: that the node stays until then is how ephemeral nodes are documented. The
		// caller of a failed Lock has nothing to try it with.
		if n := o.leftByUnlock(op, granted); n != nil {
			o.leaves("failed Unlock leaves its node", outcome.Limitation, "Unlock", op, n)
		}
	}
}

// leftByLock finds a node that the call made and that outlived it, or that its request
// made only later.
func (o *orphan) leftByLock(op *history.Op, next uint64) *ephemeral {
	for _, n := range o.nodes {
		mine := o.owner[n.session] == op.Client && n.isChildOf(op.Name)
		if mine && n.leftover && op.Call < n.created && n.created < next && n.deleted > op.Return {
			return n
		}
	}
	return nil
}

// leftByUnlock finds the node of the grant: by its token, which is its czxid, or else by
// having been made during the acquire.
func (o *orphan) leftByUnlock(op, granted *history.Op) *ephemeral {
	for _, n := range o.nodes {
		own := n.zxid == wire.Zxid(granted.Token)
		if granted.Token == 0 {
			own = granted.Call < n.created && n.created < granted.Return
		}
		mine := own && o.owner[n.session] == op.Client && n.isChildOf(op.Name)
		if mine && n.leftover && n.deleted > op.Return {
			return n
		}
	}
	return nil
}

// nextAcquire is where the client asks for a lock again: what is created from there on
// may belong to that call.
func (o *orphan) nextAcquire(client, i int) uint64 {
	for _, op := range o.Ops[i+1:] {
		if op.Client == client && op.Kind == history.Acquire {
			return op.Call
		}
	}
	return endless
}

func (o *orphan) leaves(shape string, class outcome.Class, call string, op *history.Op, n *ephemeral) {
	o.find(orphanNode, shape, class, []uint64{op.Call, op.Return, n.created},
		"%s's %s of %s failed at %s (%s), and left its node %s (zxid %s), which keeps everyone behind it waiting",
		clientName(op.Client), call, op.Name, op.ReturnAt, reason(op), n.path, n.zxid)
}

func reason(op *history.Op) string {
	if op.Error != "" {
		return op.Error
	}
	return "status " + string(op.Status)
}
