package prep

import (
	"github.com/zoobreak/zoobreak/node/acl"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

func (v *View) create(x *tree.Txn, q Request) wire.Code {
	if c := v.kind(q); c != wire.OK {
		return c
	}
	above, ok := split(q.Path)
	if !ok {
		return wire.BadArguments
	}
	list, ok := acl.Fix(q.ACL, q.Who)
	if !ok {
		return wire.InvalidACL
	}
	parent := v.at(above)
	switch {
	case !parent.exists:
		return wire.NoNode
	case !v.allowed(parent, wire.PermCreate, q):
		return wire.NoAuth
	}
	path := q.Path
	if sequential(q.Flags) {
		// The counter is one of creations, and an int: behind 2147483647 the name has a minus
		// sign, and is another all the same.
		path = path.Sequential(parent.created)
	}
	switch {
	case !path.Valid():
		return wire.BadArguments
	case v.at(path).exists:
		return wire.NodeExists
	case parent.ephemeral() != 0:
		return wire.NoChildrenForEphemerals
	case v.exceeds(path, 1, len(q.Data)):
		return wire.QuotaExceeded
	}
	x.Op, x.Path, x.Data, x.ACL, x.ParentCversion = created(q.Op), path, q.Data, list, parent.created+1
	switch x.Op {
	case wire.OpCreate:
		x.Ephemeral = q.Flags == wire.FlagEphemeral || q.Flags == wire.FlagEphemeral|wire.FlagSequential
	case wire.OpCreateTTL:
		x.TTLMillis = q.TTLMillis
	}
	return wire.OK
}

// created returns which kind of node an operation makes, once its flags agree with it.
func created(op wire.OpCode) wire.OpCode {
	if op == wire.OpCreate2 {
		return wire.OpCreate
	}
	return op
}

// kind judges flags and TTL, which go together: a TTL with the two flags that ask for one,
// and only with them. (A TTL below zero with another flag gets further in ZooKeeper, to where
// nodes are made, which throws.) The flag of containers is let through whatever the operation is, as
// in ZooKeeper, where it means nothing: the node is what the operation says, here and when
// it is applied (B4 L6).
func (v *View) kind(q Request) wire.Code {
	wantsTTL := q.Flags == wire.FlagTTL || q.Flags == wire.FlagTTLSequential
	isTTL := q.Op == wire.OpCreateTTL
	switch {
	case q.Flags < 0 || q.Flags > wire.FlagTTLSequential:
		return wire.BadArguments
	case wantsTTL && !v.cfg.ExtendedTypes:
		return wire.Unimplemented
	case wantsTTL && (!isTTL || q.TTLMillis < 1 || q.TTLMillis > wire.MaxTTLMillis):
		return wire.BadArguments
	case !wantsTTL && isTTL:
		return wire.BadArguments
	}
	return wire.OK
}

func sequential(flags int32) bool {
	return flags == wire.FlagSequential || flags == wire.FlagEphemeral|wire.FlagSequential || flags == wire.FlagTTLSequential
}
