package tree

import "github.com/zoobreak/zoobreak/wire"

// Txn is one transaction: a change that has been validated against the state it will be
// applied to, so applying it cannot fail. A request that was refused becomes a Txn of
// operation error, so that zxids stay dense (A26 of the protocol notes; ZooKeeper does
// the same).
type Txn struct {
	Zxid    wire.Zxid
	Session wire.SessionID // who asked
	Xid     int32          // of the request, to find who waits for it
	Millis  int64          // calendar time at the leader

	Op             wire.OpCode // create, delete, setData, createSession, closeSession, error
	Path           wire.Path
	Data           []byte
	ACL            []wire.ACL
	Ephemeral      bool
	ParentCversion int32       // create: of the parent after it
	Version        int32       // setData: of the node after it
	TimeoutMillis  int32       // createSession
	Deletes        []wire.Path // closeSession: the ephemeral nodes that go with it (ZOOKEEPER-3145)
	Code           wire.Code   // error
}

// Encode appends the transaction.
func (t *Txn) Encode(e *wire.Encoder) {
	e.Int64(int64(t.Zxid))
	e.Int64(int64(t.Session))
	e.Int32(t.Xid)
	e.Int64(t.Millis)
	e.Int32(int32(t.Op))
	switch t.Op {
	case wire.OpCreate:
		e.String(string(t.Path))
		e.Bytes(t.Data)
		e.ACLs(t.ACL)
		e.Bool(t.Ephemeral)
		e.Int32(t.ParentCversion)
	case wire.OpDelete:
		e.String(string(t.Path))
	case wire.OpSetData:
		e.String(string(t.Path))
		e.Bytes(t.Data)
		e.Int32(t.Version)
	case wire.OpCreateSession:
		e.Int32(t.TimeoutMillis)
	case wire.OpCloseSession:
		e.Int32(int32(len(t.Deletes)))
		for _, p := range t.Deletes {
			e.String(string(p))
		}
	case wire.OpError:
		e.Int32(int32(t.Code))
	}
}

// DecodeTxn reads a transaction.
func DecodeTxn(d *wire.Decoder) (t Txn) {
	t.Zxid, t.Session = wire.Zxid(d.Int64()), wire.SessionID(d.Int64())
	t.Xid, t.Millis, t.Op = d.Int32(), d.Int64(), wire.OpCode(d.Int32())
	switch t.Op {
	case wire.OpCreate:
		t.Path, t.Data, t.ACL = wire.Path(d.String()), d.Bytes(), d.ACLs()
		t.Ephemeral, t.ParentCversion = d.Bool(), d.Int32()
	case wire.OpDelete:
		t.Path = wire.Path(d.String())
	case wire.OpSetData:
		t.Path, t.Data, t.Version = wire.Path(d.String()), d.Bytes(), d.Int32()
	case wire.OpCreateSession:
		t.TimeoutMillis = d.Int32()
	case wire.OpCloseSession:
		for _, p := range d.Strings() {
			t.Deletes = append(t.Deletes, wire.Path(p))
		}
	case wire.OpError:
		t.Code = wire.Code(d.Int32())
	}
	return t
}
