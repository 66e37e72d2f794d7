package wire

import "fmt"

// OpCode is the type field of a request header.
type OpCode int32

// The operations of the protocol, by ZooKeeper's names and numbers. There is no 10.
const (
	OpNotification         OpCode = 0
	OpCreate               OpCode = 1
	OpDelete               OpCode = 2
	OpExists               OpCode = 3
	OpGetData              OpCode = 4
	OpSetData              OpCode = 5
	OpGetACL               OpCode = 6
	OpSetACL               OpCode = 7
	OpGetChildren          OpCode = 8
	OpSync                 OpCode = 9
	OpPing                 OpCode = 11
	OpGetChildren2         OpCode = 12
	OpCheck                OpCode = 13
	OpMulti                OpCode = 14
	OpCreate2              OpCode = 15
	OpReconfig             OpCode = 16
	OpCheckWatches         OpCode = 17
	OpRemoveWatches        OpCode = 18
	OpCreateContainer      OpCode = 19
	OpDeleteContainer      OpCode = 20
	OpCreateTTL            OpCode = 21
	OpMultiRead            OpCode = 22
	OpAuth                 OpCode = 100
	OpSetWatches           OpCode = 101
	OpSASL                 OpCode = 102
	OpGetEphemerals        OpCode = 103
	OpGetAllChildrenNumber OpCode = 104
	OpSetWatches2          OpCode = 105
	OpAddWatch             OpCode = 106
	OpWhoAmI               OpCode = 107
	OpError                OpCode = -1 // marks an error among a multi's results, and in the log
	OpCreateSession        OpCode = -10
	OpCloseSession         OpCode = -11
)

var opNames = map[OpCode]string{
	OpNotification: "notification", OpCreate: "create", OpDelete: "delete", OpExists: "exists",
	OpGetData: "getData", OpSetData: "setData", OpGetACL: "getACL", OpSetACL: "setACL",
	OpGetChildren: "getChildren", OpSync: "sync", OpPing: "ping", OpGetChildren2: "getChildren2",
	OpCheck: "check", OpMulti: "multi", OpCreate2: "create2", OpReconfig: "reconfig",
	OpCheckWatches: "checkWatches", OpRemoveWatches: "removeWatches",
	OpCreateContainer: "createContainer", OpDeleteContainer: "deleteContainer",
	OpCreateTTL: "createTTL", OpMultiRead: "multiRead", OpAuth: "auth", OpSetWatches: "setWatches",
	OpSASL: "sasl", OpGetEphemerals: "getEphemerals", OpGetAllChildrenNumber: "getAllChildrenNumber",
	OpSetWatches2: "setWatches2", OpAddWatch: "addWatch", OpWhoAmI: "whoAmI", OpError: "error",
	OpCreateSession: "createSession", OpCloseSession: "closeSession",
}

func (o OpCode) String() string {
	if s, ok := opNames[o]; ok {
		return s
	}
	return fmt.Sprintf("op(%d)", int32(o))
}

var opCodes = func() map[string]OpCode {
	codes := make(map[string]OpCode, len(opNames))
	for o, name := range opNames { //tidy:order-free names are unique
		codes[name] = o
	}
	return codes
}()

// ParseOpCode is the inverse of String for the operations that there are.
func ParseOpCode(name string) (o OpCode, ok bool) {
	o, ok = opCodes[name]
	return o, ok
}

// Known reports whether a client may send the operation. To any other, ZooKeeper answers
// Unimplemented with zxid -1, whatever the body, and closes the connection.
func (o OpCode) Known() bool {
	_, named := opNames[o]
	return named && o != OpNotification && o != OpError
}

// IsWrite reports whether the operation goes through the leader and takes a zxid, also when
// it is refused. Check is one on its own too, though it changes nothing (ZOOKEEPER-2623).
func (o OpCode) IsWrite() bool {
	switch o {
	case OpCreate, OpCreate2, OpCreateContainer, OpCreateTTL, OpDelete, OpDeleteContainer, OpSetData, OpSetACL,
		OpCheck, OpMulti, OpReconfig, OpCreateSession, OpCloseSession:
		return true
	}
	return false
}

// Special xids of packets that belong to no numbered request. ZooKeeper goes by the
// operation, not by them: a ping is answered with -2 whatever its xid, and any other
// request with the xid that it came with.
const (
	XidNotification int32 = -1
	XidPing         int32 = -2
	XidAuth         int32 = -4
	XidSetWatches   int32 = -8
)

// Flags of create. The first two are bits, the others are kinds of their own.
const (
	FlagEphemeral     int32 = 1
	FlagSequential    int32 = 2
	FlagContainer     int32 = 4
	FlagTTL           int32 = 5
	FlagTTLSequential int32 = 6
)

// MaxTTLMillis is the longest life of a TTL node.
const MaxTTLMillis int64 = 1<<40 - 1
