package wire

// Request is a client's request: its header, and those body fields that its operation
// has. One flat record for all operations keeps decoding and recording in one place.
// A null ustring is NullString, a null buffer or vector nil.
type Request struct {
	Xid  int32
	Op   OpCode
	Path Path
	Data []byte // also the credential of auth, the token of sasl
	ACL  []ACL
	// Flags of create, and the life of a TTL node.
	Flags     int32
	TTLMillis int64
	// Version expected by delete, setData, setACL and check; -1 matches any.
	Version int32
	Watch   bool
	// RelativeZxid and the lists of setWatches; setWatches2 has the last two as well.
	RelativeZxid                            Zxid
	DataWatches, ExistWatches, ChildWatches []string
	PersistentWatches, RecursiveWatches     []string
	// WatcherType of checkWatches and removeWatches, Mode of addWatch.
	WatcherType WatcherType
	Mode        AddWatchMode
	// AuthType, which ZooKeeper does not look at, and Scheme of auth.
	AuthType int32
	Scheme   string
	// Reconfig has the body of reconfig.
	Reconfig *Reconfig
	// Ops of multi and multiRead.
	Ops []Op
	// TimeoutMillis of the internal createSession.
	TimeoutMillis int32
}

// Reconfig is the body of reconfig: servers that join and leave, or all the new members.
// What is not asked for is NullString.
type Reconfig struct {
	Joining, Leaving, NewMembers string
	Config                       Zxid // the configuration that must be in force; -1 matches any
}

// Encode appends header and body.
func (r *Request) Encode(e *Encoder) {
	e.Int32(r.Xid)
	e.Int32(int32(r.Op))
	r.EncodeBody(e)
}

// EncodeBody appends the body.
func (r *Request) EncodeBody(e *Encoder) {
	switch r.Op {
	case OpGetACL, OpSync, OpGetEphemerals, OpGetAllChildrenNumber:
		e.String(string(r.Path))
	case OpDeleteContainer: // no record, but all the bytes of a path; a client's is refused as BadArguments
		e.Buf = append(e.Buf, r.Path...)
	case OpExists, OpGetChildren2:
		e.String(string(r.Path))
		e.Bool(r.Watch)
	case OpSetACL:
		e.String(string(r.Path))
		e.ACLs(r.ACL)
		e.Int32(r.Version)
	case OpMulti, OpMultiRead:
		e.ops(r.Ops)
	case OpCheckWatches, OpRemoveWatches:
		e.String(string(r.Path))
		e.Int32(int32(r.WatcherType))
	case OpAddWatch:
		e.String(string(r.Path))
		e.Int32(int32(r.Mode))
	case OpSetWatches, OpSetWatches2:
		r.encodeWatches(e)
	case OpReconfig:
		r.encodeReconfig(e)
	case OpAuth:
		e.Int32(r.AuthType)
		e.String(r.Scheme)
		e.Bytes(r.Data)
	case OpSASL:
		e.Bytes(r.Data)
	case OpCreateSession:
		e.Int32(r.TimeoutMillis)
	default:
		op := r.op()
		op.encode(e)
	}
}

func (r *Request) encodeWatches(e *Encoder) {
	e.Int64(int64(r.RelativeZxid))
	e.Strings(r.DataWatches)
	e.Strings(r.ExistWatches)
	e.Strings(r.ChildWatches)
	if r.Op == OpSetWatches2 {
		e.Strings(r.PersistentWatches)
		e.Strings(r.RecursiveWatches)
	}
}

func (r *Request) encodeReconfig(e *Encoder) {
	c := Reconfig{}
	if r.Reconfig != nil {
		c = *r.Reconfig
	}
	e.String(c.Joining)
	e.String(c.Leaving)
	e.String(c.NewMembers)
	e.Int64(int64(c.Config))
}

// DecodeRequest reads header and body. Without a header the error is ErrNoHeader; with one,
// Xid and Op are right whatever the error, for the answer. An operation that is not Known
// has no body and no error. Bytes behind a whole record are not looked at.
func DecodeRequest(frame []byte) (r Request, err error) {
	err = r.Decode(frame)
	r.Data = clone(r.Data)
	for i := range r.Ops {
		r.Ops[i].Data = clone(r.Ops[i].Data)
	}
	return r, err
}

// Decode is DecodeRequest without a copy: Data, and the Data of Ops, alias the frame.
// Whatever r held is gone.
func (r *Request) Decode(frame []byte) error {
	*r = Request{}
	d := Decoder{buf: frame, size: len(frame)}
	r.Xid, r.Op = d.Int32(), OpCode(d.Int32())
	if d.err != nil {
		*r = Request{}
		return &MalformedError{Flaw: NoHeader}
	}
	r.decodeBody(&d)
	return d.err
}

func (r *Request) decodeBody(d *Decoder) {
	switch r.Op {
	case OpGetACL, OpSync, OpGetEphemerals, OpGetAllChildrenNumber:
		r.Path = Path(d.String())
	case OpDeleteContainer:
		r.Path = Path(javaString(d.take(len(d.buf))))
	case OpExists, OpGetChildren2:
		r.Path, r.Watch = Path(d.String()), d.Bool()
	case OpSetACL:
		r.Path, r.ACL, r.Version = Path(d.String()), d.ACLs(), d.Int32()
	case OpMulti, OpMultiRead:
		r.Ops = d.ops()
	case OpCheckWatches, OpRemoveWatches:
		r.Path, r.WatcherType = Path(d.String()), WatcherType(d.Int32())
	case OpAddWatch:
		r.Path, r.Mode = Path(d.String()), AddWatchMode(d.Int32())
	case OpSetWatches, OpSetWatches2:
		r.decodeWatches(d)
	case OpReconfig:
		r.Reconfig = &Reconfig{d.String(), d.String(), d.String(), Zxid(d.Int64())}
	case OpAuth:
		r.AuthType, r.Scheme, r.Data = d.Int32(), d.String(), d.View()
	case OpSASL:
		r.Data = d.View()
	case OpCreateSession:
		r.TimeoutMillis = d.Int32()
	default:
		op := Op{Type: r.Op}
		op.decode(d)
		r.set(op)
	}
}

func (r *Request) decodeWatches(d *Decoder) {
	r.RelativeZxid = Zxid(d.Int64())
	r.DataWatches, r.ExistWatches, r.ChildWatches = d.Strings(), d.Strings(), d.Strings()
	if r.Op == OpSetWatches2 {
		r.PersistentWatches, r.RecursiveWatches = d.Strings(), d.Strings()
	}
}

// op returns the request as an operation of a multi would be, if it can be one.
func (r *Request) op() Op {
	return Op{r.Op, r.Path, r.Data, r.ACL, r.Flags, r.TTLMillis, r.Version, r.Watch}
}

func (r *Request) set(o Op) {
	r.Path, r.Data, r.ACL, r.Flags, r.TTLMillis, r.Version, r.Watch = o.Path, o.Data, o.ACL, o.Flags, o.TTLMillis, o.Version, o.Watch
}
