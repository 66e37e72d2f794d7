package wire

// Reply is a server's answer: its header, and those body fields that the operation of
// the request has.
type Reply struct {
	Xid      int32
	Zxid     Zxid
	Err      Code
	Path     Path
	Data     []byte // also the configuration after reconfig, the token of sasl
	Stat     Stat
	Children []string // also the paths of getEphemerals
	ACL      []ACL
	// Count of getAllChildrenNumber.
	Count int32
	// Identities of whoAmI.
	Identities []ClientInfo
	// AddWatch is the error record that is the body of addWatch: OK, and not to be left out
	// (ClickHouse 98499).
	AddWatch Code
	// Results of multi and multiRead.
	Results []Result
}

// Encode appends header and body as op's reply. A refusal has no body; see hasBody for the
// exception.
func (r *Reply) Encode(e *Encoder, op OpCode) {
	e.Int32(r.Xid)
	e.Int64(int64(r.Zxid))
	e.Int32(int32(r.Err))
	if r.hasBody(op) {
		r.encodeBody(e, op)
	}
}

// hasBody reports whether a body follows the header. ZooKeeper sends the results that it
// has so far, with MarshallingError, when a multiRead meets a write, or a multi a null path.
func (r *Reply) hasBody(op OpCode) bool {
	return r.Err == OK || r.Results != nil && (op == OpMulti || op == OpMultiRead)
}

func (r *Reply) encodeBody(e *Encoder, op OpCode) {
	switch op {
	case OpSync:
		e.JavaString(string(r.Path))
	case OpExists, OpSetACL:
		e.Stat(&r.Stat)
	case OpReconfig:
		e.Bytes(r.Data)
		e.Stat(&r.Stat)
	case OpGetACL:
		e.javaACLs(r.ACL)
		e.Stat(&r.Stat)
	case OpGetChildren2:
		e.JavaStrings(r.Children)
		e.Stat(&r.Stat)
	case OpGetEphemerals:
		e.JavaStrings(r.Children)
	case OpGetAllChildrenNumber:
		e.Int32(r.Count)
	case OpWhoAmI:
		e.identities(r.Identities)
	case OpAddWatch:
		e.Int32(int32(r.AddWatch))
	case OpSASL:
		e.Bytes(r.Data)
	case OpMulti, OpMultiRead:
		e.results(r.Results)
	case OpError: // a mark among results, not an operation
	default:
		result := Result{Type: op, Path: r.Path, Data: r.Data, Stat: r.Stat, Children: r.Children}
		result.encode(e)
	}
}

// DecodeReplyHeader reads the header alone; the decoder stands at the body.
func DecodeReplyHeader(d *Decoder) (r Reply) {
	r.Xid, r.Zxid, r.Err = d.Int32(), Zxid(d.Int64()), Code(d.Int32())
	return r
}

// DecodeReply reads header and body as op's reply.
func DecodeReply(frame []byte, op OpCode) (r Reply, err error) {
	err = r.Decode(frame, op)
	r.Data = clone(r.Data)
	for i := range r.Results {
		r.Results[i].Data = clone(r.Results[i].Data)
	}
	return r, err
}

// Decode is DecodeReply without a copy: Data, and the Data of Results, alias the frame.
// Whatever r held is gone.
func (r *Reply) Decode(frame []byte, op OpCode) error {
	d := Decoder{buf: frame, size: len(frame)}
	*r = DecodeReplyHeader(&d)
	if d.err != nil {
		return &MalformedError{Flaw: NoHeader}
	}
	multi := op == OpMulti || op == OpMultiRead
	if r.Err == OK || multi && len(d.buf) > 0 {
		r.decodeBody(&d, op)
	}
	return d.err
}

func (r *Reply) decodeBody(d *Decoder, op OpCode) {
	switch op {
	case OpSync:
		r.Path = Path(d.JavaString())
	case OpExists, OpSetACL:
		r.Stat = d.Stat()
	case OpReconfig:
		r.Data, r.Stat = d.View(), d.Stat()
	case OpGetACL:
		r.ACL, r.Stat = d.acls(true), d.Stat()
	case OpGetChildren2:
		r.Children, r.Stat = d.JavaStrings(), d.Stat()
	case OpGetEphemerals:
		r.Children = d.JavaStrings()
	case OpGetAllChildrenNumber:
		r.Count = d.Int32()
	case OpWhoAmI:
		r.Identities = d.identities()
	case OpAddWatch:
		r.AddWatch = Code(d.Int32())
	case OpSASL:
		r.Data = d.View()
	case OpMulti, OpMultiRead:
		r.Results = d.results()
	case OpError:
	default:
		result := Result{Type: op}
		result.decode(d)
		r.Path, r.Data, r.Stat, r.Children = result.Path, result.Data, result.Stat, result.Children
	}
}

func (e *Encoder) identities(v []ClientInfo) {
	e.count(len(v), false)
	for _, c := range v {
		e.JavaString(c.Scheme)
		e.JavaString(c.User)
	}
}

func (d *Decoder) identities() []ClientInfo {
	n, _ := d.count(8)
	v := make([]ClientInfo, 0, n)
	for range n {
		v = append(v, ClientInfo{d.JavaString(), d.JavaString()})
	}
	return v
}
