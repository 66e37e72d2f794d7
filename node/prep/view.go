package prep

import (
	"github.com/zoobreak/zoobreak/node/acl"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// Config is what changes the answers.
type Config struct {
	ACL           acl.Policy
	ExtendedTypes bool // TTL nodes may be made
	EnforceQuota  bool // hard limits refuse writes
	Standalone    bool // there is no ensemble to reconfigure
	Reconfig      bool // reconfig is not refused as such
}

// View is the state as it will be when everything proposed is applied: the tree, and over
// it a record for each node that an outstanding transaction touches. A request is judged by
// it, so that a transaction, once proposed, cannot fail.
type View struct {
	cfg     Config
	tree    *tree.Tree
	records map[wire.Path]record
	touched []touch // in order of zxid
	undo    []undo  // of the multi being judged
	judging bool
}

// record is a node as of the last transaction that touches it.
type record struct {
	zxid              wire.Zxid // that transaction; 0 if the record is read from the tree
	made              wire.Zxid // the transaction that created the node
	exists            bool
	version, aversion int32
	created           int32 // children, ever
	children          int
	owner             int64 // as the tree stores it
	acl               []wire.ACL
	data              []byte
}

func (r *record) ephemeral() wire.SessionID { return tree.OwnerOf(r.owner) }

// touch says that a transaction has left a record.
type touch struct {
	zxid wire.Zxid
	path wire.Path
}

// undo is a record as it was before.
type undo struct {
	path   wire.Path
	before record
	there  bool
}

// NewView returns a view of a state with nothing outstanding.
func NewView(cfg Config, t *tree.Tree) *View {
	return &View{cfg: cfg, tree: t, records: map[wire.Path]record{}}
}

// at returns a node as it will be.
func (v *View) at(p wire.Path) record {
	if p == "" {
		p = tree.Root // its other name, as in ZooKeeper
	}
	if r, ok := v.records[p]; ok {
		return r
	}
	n := v.tree.Node(p)
	if n == nil {
		return record{}
	}
	return record{
		made: n.Czxid(), exists: true, version: n.Version(), aversion: n.Aversion(), created: n.Cversion(), children: n.NumChildren(),
		owner: n.StoredOwner(), acl: v.tree.ACL(n), data: n.Data,
	}
}

func (v *View) set(p wire.Path, r record) {
	if p == "" {
		p = tree.Root
	}
	if v.judging {
		before, there := v.records[p]
		v.undo = append(v.undo, undo{p, before, there})
	} else {
		v.touched = append(v.touched, touch{r.zxid, p})
	}
	v.records[p] = r
}

// Note makes the view show a transaction that was proposed.
func (v *View) Note(x *tree.Txn) {
	if x.Op == wire.OpMulti {
		for i := range x.Ops {
			v.note(x, &x.Ops[i])
		}
		return
	}
	v.note(x, x)
}

// note shows one operation; of is the transaction that it is, or is part of.
func (v *View) note(of, x *tree.Txn) {
	switch x.Op {
	case wire.OpCreate, wire.OpCreateContainer, wire.OpCreateTTL:
		v.noteCreate(of, x)
	case wire.OpDelete, wire.OpDeleteContainer:
		v.noteDelete(x.Path, of.Zxid)
	case wire.OpSetData:
		r := v.at(x.Path)
		grown := len(x.Data) - len(r.data)
		r.zxid, r.version, r.data = of.Zxid, x.Version, x.Data
		v.set(x.Path, r)
		v.charge(of.Zxid, x.Path, 0, grown)
	case wire.OpSetACL:
		r := v.at(x.Path)
		r.zxid, r.aversion, r.acl = of.Zxid, x.Version, x.ACL
		v.set(x.Path, r)
	case wire.OpCloseSession:
		for _, p := range x.Deletes {
			v.noteDelete(p, of.Zxid)
		}
	}
}

func (v *View) noteCreate(of, x *tree.Txn) {
	parent := v.at(x.Path.Parent())
	parent.zxid = of.Zxid
	if tree.Later(x.ParentCversion, parent.created) {
		parent.created = x.ParentCversion
	}
	parent.children++
	v.set(x.Path.Parent(), parent)
	v.set(x.Path, record{zxid: of.Zxid, made: of.Zxid, exists: true, owner: x.StoredOwner(of.Session), acl: x.ACL, data: x.Data})
	v.charge(of.Zxid, x.Path, 1, len(x.Data))
}

func (v *View) noteDelete(p wire.Path, z wire.Zxid) {
	size := len(v.at(p).data)
	parent := v.at(p.Parent())
	parent.zxid = z
	parent.children--
	v.set(p.Parent(), parent)
	v.set(p, record{zxid: z})
	v.charge(z, p, -1, -size)
}

// Forget drops the records of applied transactions: the tree shows them now.
func (v *View) Forget(z wire.Zxid) {
	i := 0
	for ; i < len(v.touched) && v.touched[i].zxid <= z; i++ {
		if p := v.touched[i].path; v.records[p].zxid <= z {
			delete(v.records, p)
		}
	}
	v.touched = v.touched[i:]
}

// try lets f change the view and then undoes all of it: of the nodes that operations name
// and of their parents, whose counters number sequential nodes (Z55), and of usages.
func (v *View) try(f func()) {
	v.judging, v.undo = true, v.undo[:0]
	f()
	for i := len(v.undo) - 1; i >= 0; i-- {
		if u := &v.undo[i]; u.there {
			v.records[u.path] = u.before
		} else {
			delete(v.records, u.path)
		}
	}
	clear(v.undo)
	v.judging = false
}
