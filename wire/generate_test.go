package wire_test

import (
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/wire"
)

// operations are all that the protocol knows, and one that it does not.
var operations = []wire.OpCode{
	wire.OpNotification, wire.OpCreate, wire.OpDelete, wire.OpExists, wire.OpGetData, wire.OpSetData,
	wire.OpGetACL, wire.OpGetChildren, wire.OpSync, wire.OpPing, wire.OpGetChildren2, wire.OpCreate2,
	wire.OpAuth, wire.OpSetWatches, wire.OpCreateSession, wire.OpCloseSession, wire.OpError, 77,
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

func path(t *rapid.T) wire.Path { return wire.Path(rapid.String().Draw(t, "path")) }

// list draws a vector; an empty one is decoded as empty, not as nil.
func list(t *rapid.T, name string) []string {
	return append([]string{}, rapid.SliceOf(rapid.String()).Draw(t, name)...)
}

func acls(t *rapid.T) []wire.ACL {
	all := []wire.ACL{}
	for range rapid.IntRange(0, 3).Draw(t, "entries") {
		all = append(all, wire.ACL{
			Perms:  integer[int32](t, "perms"),
			Scheme: rapid.String().Draw(t, "scheme"),
			ID:     rapid.String().Draw(t, "id"),
		})
	}
	return all
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
	case wire.OpCreate, wire.OpCreate2:
		r.Path, r.Data, r.ACL, r.Flags = path(t), data(t), acls(t), integer[int32](t, "flags")
	case wire.OpDelete:
		r.Path, r.Version = path(t), integer[int32](t, "version")
	case wire.OpSetData:
		r.Path, r.Data, r.Version = path(t), data(t), integer[int32](t, "version")
	case wire.OpExists, wire.OpGetData, wire.OpGetChildren, wire.OpGetChildren2:
		r.Path, r.Watch = path(t), rapid.Bool().Draw(t, "watch")
	case wire.OpGetACL, wire.OpSync:
		r.Path = path(t)
	case wire.OpSetWatches:
		r.RelativeZxid = integer[wire.Zxid](t, "relative")
		r.DataWatches, r.ExistWatches, r.ChildWatches = list(t, "data"), list(t, "exist"), list(t, "child")
	case wire.OpAuth:
		r.Path, r.Data = path(t), data(t)
	case wire.OpCreateSession:
		r.TimeoutMillis = integer[int32](t, "timeout")
	}
	return r
}

// reply draws a successful reply to the operation with all the fields that it has.
func reply(t *rapid.T, op wire.OpCode) wire.Reply {
	r := wire.Reply{Xid: integer[int32](t, "xid"), Zxid: integer[wire.Zxid](t, "zxid")}
	switch op {
	case wire.OpCreate, wire.OpSync:
		r.Path = path(t)
	case wire.OpCreate2:
		r.Path, r.Stat = path(t), stat(t)
	case wire.OpExists, wire.OpSetData:
		r.Stat = stat(t)
	case wire.OpGetData:
		r.Data, r.Stat = data(t), stat(t)
	case wire.OpGetACL:
		r.ACL, r.Stat = acls(t), stat(t)
	case wire.OpGetChildren:
		r.Children = list(t, "children")
	case wire.OpGetChildren2:
		r.Children, r.Stat = list(t, "children"), stat(t)
	}
	return r
}

// encoded is the bytes that encode writes.
func encoded(encode func(*wire.Encoder)) []byte {
	var e wire.Encoder
	encode(&e)
	return e.Buf
}
