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

	// Op is create, createContainer, createTTL, delete, deleteContainer, setData, setACL,
	// check, multi, createSession, closeSession or error.
	Op             wire.OpCode
	Path           wire.Path
	Data           []byte
	ACL            []wire.ACL
	Ephemeral      bool
	TTLMillis      int64       // createTTL
	ParentCversion int32       // create: of the parent after it
	Version        int32       // setData, setACL: of the node after it
	TimeoutMillis  int32       // createSession
	Deletes        []wire.Path // closeSession: the ephemeral nodes that go with it (ZOOKEEPER-3145)
	Code           wire.Code   // error
	Ops            []Txn       // multi: from Op on; all errors, or none
}

// StoredOwner returns what a created node has for an owner; session is the creator's.
func (t *Txn) StoredOwner(session wire.SessionID) int64 {
	switch {
	case t.Op == wire.OpCreateContainer:
		return containerOwner
	case t.Op == wire.OpCreateTTL:
		return ttlMask | t.TTLMillis
	case t.Ephemeral:
		return int64(session)
	}
	return 0
}

// Encode appends the transaction.
func (t *Txn) Encode(e *wire.Encoder) {
	e.Int64(int64(t.Zxid))
	e.Int64(int64(t.Session))
	e.Int32(t.Xid)
	e.Int64(t.Millis)
	t.encodeOp(e)
}

func (t *Txn) encodeOp(e *wire.Encoder) {
	e.Int32(int32(t.Op))
	switch t.Op {
	case wire.OpCreate, wire.OpCreateContainer, wire.OpCreateTTL:
		t.encodeCreate(e)
	case wire.OpDelete, wire.OpDeleteContainer, wire.OpCheck:
		e.String(string(t.Path))
	case wire.OpSetData:
		e.String(string(t.Path))
		e.Bytes(t.Data)
		e.Int32(t.Version)
	case wire.OpSetACL:
		e.String(string(t.Path))
		e.ACLs(t.ACL)
		e.Int32(t.Version)
	case wire.OpMulti:
		e.Int32(int32(len(t.Ops)))
		for i := range t.Ops {
			t.Ops[i].encodeOp(e)
		}
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

func (t *Txn) encodeCreate(e *wire.Encoder) {
	e.String(string(t.Path))
	e.Bytes(t.Data)
	e.ACLs(t.ACL)
	switch t.Op {
	case wire.OpCreate:
		e.Bool(t.Ephemeral)
	case wire.OpCreateTTL:
		e.Int64(t.TTLMillis)
	}
	e.Int32(t.ParentCversion)
}

// DecodeTxn reads a transaction.
func DecodeTxn(d *wire.Decoder) (t Txn) {
	t.Zxid, t.Session = wire.Zxid(d.Int64()), wire.SessionID(d.Int64())
	t.Xid, t.Millis = d.Int32(), d.Int64()
	t.decodeOp(d)
	return t
}

func (t *Txn) decodeOp(d *wire.Decoder) {
	t.Op = wire.OpCode(d.Int32())
	switch t.Op {
	case wire.OpCreate, wire.OpCreateContainer, wire.OpCreateTTL:
		t.decodeCreate(d)
	case wire.OpDelete, wire.OpDeleteContainer, wire.OpCheck:
		t.Path = wire.Path(d.String())
	case wire.OpSetData:
		t.Path, t.Data, t.Version = wire.Path(d.String()), d.Bytes(), d.Int32()
	case wire.OpSetACL:
		t.Path, t.ACL, t.Version = wire.Path(d.String()), d.ACLs(), d.Int32()
	case wire.OpMulti:
		t.decodeOps(d)
	case wire.OpCreateSession:
		t.TimeoutMillis = d.Int32()
	case wire.OpCloseSession:
		for _, p := range d.Strings() {
			t.Deletes = append(t.Deletes, wire.Path(p))
		}
	case wire.OpError:
		t.Code = wire.Code(d.Int32())
	}
}

func (t *Txn) decodeCreate(d *wire.Decoder) {
	t.Path, t.Data, t.ACL = wire.Path(d.String()), d.Bytes(), d.ACLs()
	switch t.Op {
	case wire.OpCreate:
		t.Ephemeral = d.Bool()
	case wire.OpCreateTTL:
		t.TTLMillis = d.Int64()
	}
	t.ParentCversion = d.Int32()
}

// decodeOps reads as many operations as there are bytes for, whatever their number is said
// to be; a multi within a multi is not one.
func (t *Txn) decodeOps(d *wire.Decoder) {
	for n := d.Int32(); n > 0 && d.Err() == nil; n-- {
		var op Txn
		if op.decodeOp(d); op.Op == wire.OpMulti {
			op = Txn{Op: wire.OpError, Code: wire.MarshallingError}
		}
		t.Ops = append(t.Ops, op)
	}
}
