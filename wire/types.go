package wire

import "fmt"

// Path names a znode: absolute, slash separated, without a trailing slash except "/".
type Path string

// Parent returns the path above p. The root is its own parent.
func (p Path) Parent() Path {
	for i := len(p) - 1; i > 0; i-- {
		if p[i] == '/' {
			return p[:i]
		}
	}
	return "/"
}

// Base returns the last component of p.
func (p Path) Base() string {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i] == '/' {
			return string(p[i+1:])
		}
	}
	return string(p)
}

// Zxid orders all transactions: the epoch of the leader that proposed it in the high 32
// bits, a counter in the low 32.
type Zxid int64

// MakeZxid joins an epoch and a counter.
func MakeZxid(e Epoch, counter uint32) Zxid { return Zxid(int64(e)<<32 | int64(counter)) }

// Epoch returns the epoch half.
func (z Zxid) Epoch() Epoch { return Epoch(int64(z) >> 32) }

// Counter returns the counter half.
func (z Zxid) Counter() uint32 { return uint32(int64(z)) }

func (z Zxid) String() string { return fmt.Sprintf("0x%x", uint64(z)) }

// Epoch numbers leaders. Each leader that gets as far as proposing has its own.
type Epoch int64

// SessionID names a client session. Zero means none.
type SessionID int64

func (s SessionID) String() string { return fmt.Sprintf("0x%x", uint64(s)) }

// Stat is what a client is told about a znode, in wire order.
type Stat struct {
	Czxid, Mzxid                Zxid
	Ctime, Mtime                int64 // milliseconds since the Unix epoch
	Version, Cversion, Aversion int32
	EphemeralOwner              SessionID
	DataLength, NumChildren     int32
	Pzxid                       Zxid
}

// ACL is one entry of an access control list.
type ACL struct {
	Perms      int32
	Scheme, ID string
}

// PermAll is every permission.
const PermAll = 31

// WorldACL grants everybody the permissions.
func WorldACL(perms int32) []ACL { return []ACL{{Perms: perms, Scheme: "world", ID: "anyone"}} }

// OpCode is the type field of a request header.
type OpCode int32

// The operations of the protocol that this service serves, and the internal ones.
const (
	OpNotification  OpCode = 0
	OpCreate        OpCode = 1
	OpDelete        OpCode = 2
	OpExists        OpCode = 3
	OpGetData       OpCode = 4
	OpSetData       OpCode = 5
	OpGetACL        OpCode = 6
	OpGetChildren   OpCode = 8
	OpSync          OpCode = 9
	OpPing          OpCode = 11
	OpGetChildren2  OpCode = 12
	OpCreate2       OpCode = 15
	OpAuth          OpCode = 100
	OpSetWatches    OpCode = 101
	OpCreateSession OpCode = -10
	OpCloseSession  OpCode = -11
	OpError         OpCode = -1
)

var opNames = map[OpCode]string{
	OpNotification: "notification", OpCreate: "create", OpDelete: "delete", OpExists: "exists",
	OpGetData: "getData", OpSetData: "setData", OpGetACL: "getACL", OpGetChildren: "getChildren",
	OpSync: "sync", OpPing: "ping", OpGetChildren2: "getChildren2", OpCreate2: "create2",
	OpAuth: "auth", OpSetWatches: "setWatches", OpCreateSession: "createSession",
	OpCloseSession: "closeSession", OpError: "error",
}

func (o OpCode) String() string {
	if s, ok := opNames[o]; ok {
		return s
	}
	return fmt.Sprintf("op(%d)", int32(o))
}

// IsWrite reports whether the operation becomes a transaction.
func (o OpCode) IsWrite() bool {
	switch o {
	case OpCreate, OpCreate2, OpDelete, OpSetData, OpCreateSession, OpCloseSession:
		return true
	}
	return false
}

// Special xids of packets that belong to no numbered request.
const (
	XidNotification int32 = -1
	XidPing         int32 = -2
	XidAuth         int32 = -4
	XidSetWatches   int32 = -8
)

// Flags of create.
const (
	FlagEphemeral  int32 = 1
	FlagSequential int32 = 2
)

// Code is the err field of a reply header.
type Code int32

// The error codes that this service sends.
const (
	OK                      Code = 0
	MarshallingError        Code = -5
	Unimplemented           Code = -6
	BadArguments            Code = -8
	NoNode                  Code = -101
	BadVersion              Code = -103
	NoChildrenForEphemerals Code = -108
	NodeExists              Code = -110
	NotEmpty                Code = -111
	SessionExpired          Code = -112
	InvalidACL              Code = -114
	SessionMoved            Code = -118
)

var codeNames = map[Code]string{
	OK: "ok", MarshallingError: "marshalling error", Unimplemented: "unimplemented",
	BadArguments: "bad arguments", NoNode: "no node", BadVersion: "bad version",
	NoChildrenForEphemerals: "ephemerals have no children", NodeExists: "node exists",
	NotEmpty: "not empty", SessionExpired: "session expired", InvalidACL: "invalid ACL",
	SessionMoved: "session moved",
}

func (c Code) String() string {
	if s, ok := codeNames[c]; ok {
		return s
	}
	return fmt.Sprintf("code %d", int32(c))
}

// EventType says what a watch saw.
type EventType int32

// The events that a server sends.
const (
	NodeCreated         EventType = 1
	NodeDeleted         EventType = 2
	NodeDataChanged     EventType = 3
	NodeChildrenChanged EventType = 4
)

var eventNames = [...]string{NodeCreated: "created", NodeDeleted: "deleted", NodeDataChanged: "dataChanged", NodeChildrenChanged: "childrenChanged"}

func (e EventType) String() string {
	if e > 0 && int(e) < len(eventNames) {
		return eventNames[e]
	}
	return fmt.Sprintf("event(%d)", int32(e))
}

// StateSyncConnected is the only keeper state that a server sends.
const StateSyncConnected int32 = 3
