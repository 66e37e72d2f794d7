package prep

import (
	"strings"

	"github.com/zoobreak/zoobreak/node/acl"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// Request is a write, with who asks.
type Request struct {
	*wire.Request
	Session   wire.SessionID // 0: the server itself
	Who       []acl.Identity
	Malformed bool // its body is: only the header means anything
}

// Prepare returns the transaction of a request, or that of the error that refuses it. The
// transaction has no zxid yet; it is not outstanding before Note.
func (v *View) Prepare(q Request) tree.Txn {
	x := tree.Txn{Session: q.Session, Xid: q.Xid}
	if q.Malformed {
		return refused(x, wire.MarshallingError)
	}
	switch q.Op {
	case wire.OpMulti:
		return v.multi(x, q)
	case wire.OpReconfig:
		return refused(x, v.reconfig(q))
	case wire.OpCloseSession:
		x.Op, x.Deletes = wire.OpCloseSession, v.Ephemerals(q.Session)
		return x
	}
	return v.one(x, q)
}

func refused(x tree.Txn, c wire.Code) tree.Txn {
	return tree.Txn{Session: x.Session, Xid: x.Xid, Op: wire.OpError, Code: c}
}

// one judges an operation that a multi may hold, or setACL or deleteContainer.
func (v *View) one(x tree.Txn, q Request) tree.Txn {
	if c := v.judge(&x, q); c != wire.OK {
		return refused(x, c)
	}
	return x
}

func (v *View) judge(x *tree.Txn, q Request) wire.Code {
	if q.Path == wire.NullString {
		return wire.MarshallingError // ZooKeeper runs into it
	}
	switch q.Op {
	case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		return v.create(x, q)
	case wire.OpDelete:
		return v.delete(x, q)
	case wire.OpDeleteContainer:
		return v.deleteContainer(x, q)
	case wire.OpSetData:
		return v.setData(x, q)
	case wire.OpSetACL:
		return v.setACL(x, q)
	case wire.OpCheck:
		return v.check(x, q)
	}
	return wire.Unimplemented
}

// multi (A28.32) judges its operations in order. The first that fails makes all of them errors, and
// the transaction takes a zxid all the same (A8).
func (v *View) multi(x tree.Txn, q Request) tree.Txn {
	x.Op = wire.OpMulti
	for i := range q.Ops {
		if !inMulti(q.Ops[i].Type) {
			return refused(x, wire.MarshallingError)
		}
	}
	failed := wire.OK
	v.try(func() {
		for i := range q.Ops {
			part := q.Ops[i].Request(q.Xid)
			op := v.one(tree.Txn{}, Request{Request: &part, Session: q.Session, Who: q.Who})
			x.Ops = append(x.Ops, op)
			if failed = op.Code; failed != wire.OK {
				return
			}
			v.note(&x, &x.Ops[i])
		}
	})
	if failed != wire.OK {
		x.Ops = failures(len(q.Ops), len(x.Ops)-1, failed)
	}
	return x
}

func inMulti(op wire.OpCode) bool {
	switch op {
	case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL, wire.OpDelete, wire.OpSetData, wire.OpCheck:
		return true
	}
	return false
}

// failures is what a multi becomes of which one operation was refused: nothing is wrong
// with those before it, and those behind it were not looked at.
func failures(n, failed int, c wire.Code) []tree.Txn {
	ops := make([]tree.Txn, n)
	for i := range ops {
		ops[i].Op = wire.OpError
		if i > failed {
			ops[i].Code = wire.RuntimeInconsistency
		}
	}
	ops[failed].Code = c
	return ops
}

// reconfig says why there is none.
func (v *View) reconfig(q Request) wire.Code {
	switch {
	case !v.cfg.Reconfig:
		return wire.ReconfigDisabled
	case v.cfg.Standalone:
		return wire.Unimplemented
	case !v.allowed(v.at(tree.ConfigPath), wire.PermWrite, q):
		return wire.NoAuth
	}
	return wire.Unimplemented
}

func (v *View) allowed(r record, perms int32, q Request) bool {
	return v.cfg.ACL.Allowed(r.acl, perms, q.Who)
}

// split returns the path above, as ZooKeeper cuts it: "" is the root's. It is not ok if
// there is none.
func split(p wire.Path) (above wire.Path, ok bool) {
	slash := strings.LastIndexByte(string(p), '/')
	if slash < 0 || strings.IndexByte(string(p), 0) >= 0 {
		return "", false
	}
	return p[:slash], true
}

func (v *View) delete(x *tree.Txn, q Request) wire.Code {
	above, ok := split(q.Path)
	if !ok || reserved(q.Path) {
		return wire.BadArguments
	}
	parent := v.at(above)
	switch {
	case !parent.exists:
		return wire.NoNode
	case !v.allowed(parent, wire.PermDelete, q):
		return wire.NoAuth
	}
	r := v.at(q.Path)
	switch {
	case !r.exists:
		return wire.NoNode
	case q.Version != -1 && q.Version != r.version:
		return wire.BadVersion
	case r.children > 0:
		return wire.NotEmpty
	}
	x.Op, x.Path = wire.OpDelete, q.Path
	return wire.OK
}

func reserved(p wire.Path) bool {
	switch p {
	case "", tree.Root, tree.OwnRoot, tree.QuotaRoot, tree.ConfigPath:
		return true
	}
	return false
}

// deleteContainer is what the server asks of itself, of containers and TTL nodes that are
// due. Clients are refused: ZooKeeper takes all the bytes of their request for a path, the
// length of the path included, and that is none.
func (v *View) deleteContainer(x *tree.Txn, q Request) wire.Code {
	r := v.at(q.Path)
	switch {
	case q.Session != 0:
		return wire.BadArguments
	case !r.exists:
		return wire.NoNode
	case r.children > 0:
		return wire.NotEmpty
	case r.ephemeral() != 0:
		return wire.BadVersion
	}
	x.Op, x.Path = wire.OpDeleteContainer, q.Path
	return wire.OK
}

func (v *View) setData(x *tree.Txn, q Request) wire.Code {
	if !q.Path.Valid() {
		return wire.BadArguments
	}
	r := v.at(q.Path)
	switch {
	case !r.exists:
		return wire.NoNode
	case !v.allowed(r, wire.PermWrite, q):
		return wire.NoAuth
	case v.exceeds(q.Path, 0, len(q.Data)-len(r.data)):
		return wire.QuotaExceeded
	case q.Version != -1 && q.Version != r.version:
		return wire.BadVersion
	}
	x.Op, x.Path, x.Data, x.Version = wire.OpSetData, q.Path, q.Data, r.version+1
	return wire.OK
}

func (v *View) setACL(x *tree.Txn, q Request) wire.Code {
	if !q.Path.Valid() {
		return wire.BadArguments
	}
	list, ok := acl.Fix(q.ACL, q.Who)
	if !ok {
		return wire.InvalidACL
	}
	r := v.at(q.Path)
	switch {
	case !r.exists:
		return wire.NoNode
	case !v.allowed(r, wire.PermAdmin, q):
		return wire.NoAuth
	case q.Version != -1 && q.Version != r.aversion:
		return wire.BadVersion
	}
	x.Op, x.Path, x.ACL, x.Version = wire.OpSetACL, q.Path, list, r.aversion+1
	return wire.OK
}

func (v *View) check(x *tree.Txn, q Request) wire.Code {
	if !q.Path.Valid() {
		return wire.BadArguments
	}
	r := v.at(q.Path)
	switch {
	case !r.exists:
		return wire.NoNode
	case !v.allowed(r, wire.PermRead, q):
		return wire.NoAuth
	case q.Version != -1 && q.Version != r.version:
		return wire.BadVersion
	}
	x.Op, x.Path = wire.OpCheck, q.Path
	return wire.OK
}
