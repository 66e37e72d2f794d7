package wire

import "fmt"

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

// Permissions of an ACL.
const (
	PermRead   int32 = 1
	PermWrite  int32 = 2
	PermCreate int32 = 4
	PermDelete int32 = 8
	PermAdmin  int32 = 16
	PermAll          = 31
)

// WorldACL grants everybody the permissions.
func WorldACL(perms int32) []ACL { return []ACL{{Perms: perms, Scheme: "world", ID: "anyone"}} }

// ClientInfo is one identity of a connection, as whoAmI tells it.
type ClientInfo struct {
	Scheme, User string
}
