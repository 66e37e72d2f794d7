package wire_test

import (
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/wire"
)

// operations are all that the protocol knows, and one that it does not.
var operations = []wire.OpCode{
	wire.OpNotification, wire.OpCreate, wire.OpDelete, wire.OpExists, wire.OpGetData, wire.OpSetData,
	wire.OpGetACL, wire.OpSetACL, wire.OpGetChildren, wire.OpSync, wire.OpPing, wire.OpGetChildren2,
	wire.OpCheck, wire.OpMulti, wire.OpCreate2, wire.OpReconfig, wire.OpCheckWatches, wire.OpRemoveWatches,
	wire.OpCreateContainer, wire.OpDeleteContainer, wire.OpCreateTTL, wire.OpMultiRead,
	wire.OpAuth, wire.OpSetWatches, wire.OpSASL, wire.OpGetEphemerals, wire.OpGetAllChildrenNumber,
	wire.OpSetWatches2, wire.OpAddWatch, wire.OpWhoAmI, wire.OpCreateSession, wire.OpCloseSession, wire.OpError, 77,
}

func integer[T ~int32 | ~int64](t *rapid.T, name string) T {
	return T(rapid.Int64().Draw(t, name))
}

// data draws nil too: null and empty differ on the wire.
func data(t *rapid.T) []byte {
	if rapid.Bool().Draw(t, "null") {
		return nil
	}
	return append([]byte{}, rapid.SliceOf(rapid.Byte()).Draw(t, "data")...)
}

// text draws null too.
func text(t *rapid.T, name string) string {
	if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
		return wire.NullString
	}
	return rapid.String().Draw(t, name)
}

func path(t *rapid.T) wire.Path { return wire.Path(text(t, "path")) }

// list draws a vector, perhaps null.
func list(t *rapid.T, name string) []string {
	if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
		return nil
	}
	return full(t, name)
}

// full draws a vector that is not null, as servers send it.
func full(t *rapid.T, name string) []string {
	return append([]string{}, rapid.SliceOf(rapid.String()).Draw(t, name)...)
}

func acls(t *rapid.T) []wire.ACL {
	all := []wire.ACL{}
	for range rapid.IntRange(0, 3).Draw(t, "entries") {
		all = append(all, wire.ACL{Perms: integer[int32](t, "perms"), Scheme: text(t, "scheme"), ID: text(t, "id")})
	}
	return all
}

// nullable draws an ACL, perhaps null.
func nullable(t *rapid.T) []wire.ACL {
	if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
		return nil
	}
	return acls(t)
}

func stat(t *rapid.T) wire.Stat {
	return wire.Stat{
		Czxid: integer[wire.Zxid](t, "czxid"), Mzxid: integer[wire.Zxid](t, "mzxid"),
		Ctime: integer[int64](t, "ctime"), Mtime: integer[int64](t, "mtime"),
		Version: integer[int32](t, "version"), Cversion: integer[int32](t, "cversion"), Aversion: integer[int32](t, "aversion"),
		EphemeralOwner: integer[wire.SessionID](t, "owner"),
		DataLength:     integer[int32](t, "length"), NumChildren: integer[int32](t, "children"),
		Pzxid: integer[wire.Zxid](t, "pzxid"),
	}
}

// request draws a request of the operation with all the fields that it has.
func request(t *rapid.T, op wire.OpCode) wire.Request {
	r := wire.Request{Xid: integer[int32](t, "xid"), Op: op}
	switch op {
	case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		r.Path, r.Data, r.ACL, r.Flags = path(t), data(t), nullable(t), integer[int32](t, "flags")
		if op == wire.OpCreateTTL {
			r.TTLMillis = integer[int64](t, "ttl")
		}
	case wire.OpDelete, wire.OpCheck:
		r.Path, r.Version = path(t), integer[int32](t, "version")
	case wire.OpSetData:
		r.Path, r.Data, r.Version = path(t), data(t), integer[int32](t, "version")
	case wire.OpSetACL:
		r.Path, r.ACL, r.Version = path(t), nullable(t), integer[int32](t, "version")
	case wire.OpExists, wire.OpGetData, wire.OpGetChildren, wire.OpGetChildren2:
		r.Path, r.Watch = path(t), rapid.Bool().Draw(t, "watch")
	case wire.OpGetACL, wire.OpSync, wire.OpGetEphemerals, wire.OpGetAllChildrenNumber:
		r.Path = path(t)
	case wire.OpDeleteContainer:
		r.Path = wire.Path(rapid.String().Draw(t, "path"))
	case wire.OpCheckWatches, wire.OpRemoveWatches:
		r.Path, r.WatcherType = path(t), integer[wire.WatcherType](t, "type")
	case wire.OpAddWatch:
		r.Path, r.Mode = path(t), integer[wire.AddWatchMode](t, "mode")
	case wire.OpMulti, wire.OpMultiRead:
		r.Ops = multi(t)
	case wire.OpSetWatches, wire.OpSetWatches2:
		watches(t, &r)
	case wire.OpReconfig:
		r.Reconfig = &wire.Reconfig{Joining: text(t, "joining"), Leaving: text(t, "leaving"), NewMembers: text(t, "members"), Config: integer[wire.Zxid](t, "config")}
	case wire.OpAuth:
		r.AuthType, r.Scheme, r.Data = integer[int32](t, "type"), text(t, "scheme"), data(t)
	case wire.OpSASL:
		r.Data = data(t)
	case wire.OpCreateSession:
		r.TimeoutMillis = integer[int32](t, "timeout")
	}
	return r
}

func watches(t *rapid.T, r *wire.Request) {
	r.RelativeZxid = integer[wire.Zxid](t, "relative")
	r.DataWatches, r.ExistWatches, r.ChildWatches = list(t, "data"), list(t, "exist"), list(t, "child")
	if r.Op == wire.OpSetWatches2 {
		r.PersistentWatches, r.RecursiveWatches = list(t, "persistent"), list(t, "recursive")
	}
}

var (
	multiWrites = []wire.OpCode{wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL, wire.OpDelete, wire.OpSetData, wire.OpCheck}
	multiReads  = []wire.OpCode{wire.OpGetData, wire.OpGetChildren}
)

// multi draws operations that all write or all read.
func multi(t *rapid.T) []wire.Op {
	types := rapid.SampledFrom([][]wire.OpCode{multiWrites, multiReads}).Draw(t, "kind")
	ops := []wire.Op{}
	for range rapid.IntRange(0, 4).Draw(t, "ops") {
		r := request(t, rapid.SampledFrom(types).Draw(t, "type"))
		if r.Op != wire.OpCreateTTL && (r.Flags == wire.FlagTTL || r.Flags == wire.FlagTTLSequential) {
			r.Flags = 0
		}
		ops = append(ops, wire.Op{Type: r.Op, Path: r.Path, Data: r.Data, ACL: r.ACL, Flags: r.Flags, TTLMillis: r.TTLMillis, Version: r.Version, Watch: r.Watch})
	}
	return ops
}

// reply draws a successful reply to the operation with all the fields that it has.
func reply(t *rapid.T, op wire.OpCode) wire.Reply {
	r := wire.Reply{Xid: integer[int32](t, "xid"), Zxid: integer[wire.Zxid](t, "zxid")}
	switch op {
	case wire.OpCreate, wire.OpSync:
		r.Path = path(t)
	case wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		r.Path, r.Stat = path(t), stat(t)
	case wire.OpExists, wire.OpSetData, wire.OpSetACL:
		r.Stat = stat(t)
	case wire.OpGetData, wire.OpReconfig:
		r.Data, r.Stat = data(t), stat(t)
	case wire.OpGetACL:
		r.ACL, r.Stat = acls(t), stat(t)
	case wire.OpGetChildren, wire.OpGetEphemerals:
		r.Children = full(t, "children")
	case wire.OpGetChildren2:
		r.Children, r.Stat = full(t, "children"), stat(t)
	case wire.OpGetAllChildrenNumber:
		r.Count = integer[int32](t, "count")
	case wire.OpAddWatch:
		r.AddWatch = integer[wire.Code](t, "code")
	case wire.OpSASL:
		r.Data = data(t)
	case wire.OpWhoAmI:
		r.Identities = []wire.ClientInfo{}
		for range rapid.IntRange(0, 3).Draw(t, "identities") {
			r.Identities = append(r.Identities, wire.ClientInfo{Scheme: text(t, "scheme"), User: text(t, "user")})
		}
	case wire.OpMulti, wire.OpMultiRead:
		r.Results = results(t)
	}
	return r
}

// results draws results as ZooKeeper sends them.
func results(t *rapid.T) []wire.Result {
	types := append([]wire.OpCode{wire.OpError, wire.OpCreate, wire.OpCreate2, wire.OpDelete, wire.OpSetData, wire.OpCheck}, multiReads...)
	all := []wire.Result{}
	for range rapid.IntRange(0, 4).Draw(t, "results") {
		x := wire.Result{Type: rapid.SampledFrom(types).Draw(t, "type")}
		if x.Type == wire.OpError {
			x.Err = integer[wire.Code](t, "err")
		} else {
			r := reply(t, x.Type)
			x.Path, x.Data, x.Stat, x.Children = r.Path, r.Data, r.Stat, r.Children
		}
		all = append(all, x)
	}
	return all
}

// encoded is the bytes that encode writes.
func encoded(encode func(*wire.Encoder)) []byte {
	var e wire.Encoder
	encode(&e)
	return e.Buf
}
