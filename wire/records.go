package wire

// ConnectRequest is the first packet of a connection. It has no request header.
type ConnectRequest struct {
	LastZxidSeen  Zxid
	TimeoutMillis int32
	Session       SessionID // 0 asks for a new session
	Password      []byte
	ReadOnly      bool // absent in clients up to 3.3; missing is false
}

// Encode appends the record.
func (r *ConnectRequest) Encode(e *Encoder) {
	e.Int32(0) // protocol version
	e.Int64(int64(r.LastZxidSeen))
	e.Int32(r.TimeoutMillis)
	e.Int64(int64(r.Session))
	e.Bytes(r.Password)
	e.Bool(r.ReadOnly)
}

// DecodeConnectRequest reads the record.
func DecodeConnectRequest(frame []byte) (r ConnectRequest, err error) {
	d := NewDecoder(frame)
	d.Int32()
	r.LastZxidSeen = Zxid(d.Int64())
	r.TimeoutMillis = d.Int32()
	r.Session = SessionID(d.Int64())
	r.Password = d.Bytes()
	if len(d.Rest()) > 0 {
		r.ReadOnly = d.Bool()
	}
	return r, d.Err()
}

// ConnectResponse answers it. Session 0 and timeout 0 mean that the session is gone:
// the only way in which a client learns that.
type ConnectResponse struct {
	TimeoutMillis int32
	Session       SessionID
	Password      []byte
	ReadOnly      bool
}

// Encode appends the record.
func (r *ConnectResponse) Encode(e *Encoder) {
	e.Int32(0)
	e.Int32(r.TimeoutMillis)
	e.Int64(int64(r.Session))
	e.Bytes(r.Password)
	e.Bool(r.ReadOnly)
}

// DecodeConnectResponse reads the record.
func DecodeConnectResponse(frame []byte) (r ConnectResponse, err error) {
	d := NewDecoder(frame)
	d.Int32()
	r.TimeoutMillis = d.Int32()
	r.Session = SessionID(d.Int64())
	r.Password = d.Bytes()
	if len(d.Rest()) > 0 {
		r.ReadOnly = d.Bool()
	}
	return r, d.Err()
}

// Request is a client's request: its header, and those body fields that its operation
// has. One flat record for all operations keeps decoding and recording in one place.
type Request struct {
	Xid  int32
	Op   OpCode
	Path Path
	Data []byte
	ACL  []ACL
	// Flags of create.
	Flags int32
	// Version expected by delete and setData; -1 matches any.
	Version int32
	Watch   bool
	// RelativeZxid and the three lists of setWatches.
	RelativeZxid                            Zxid
	DataWatches, ExistWatches, ChildWatches []string
	// TimeoutMillis of the internal createSession.
	TimeoutMillis int32
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
	case OpCreate, OpCreate2:
		e.String(string(r.Path))
		e.Bytes(r.Data)
		e.ACLs(r.ACL)
		e.Int32(r.Flags)
	case OpDelete:
		e.String(string(r.Path))
		e.Int32(r.Version)
	case OpSetData:
		e.String(string(r.Path))
		e.Bytes(r.Data)
		e.Int32(r.Version)
	case OpExists, OpGetData, OpGetChildren, OpGetChildren2:
		e.String(string(r.Path))
		e.Bool(r.Watch)
	case OpGetACL, OpSync:
		e.String(string(r.Path))
	case OpSetWatches:
		e.Int64(int64(r.RelativeZxid))
		e.Strings(r.DataWatches)
		e.Strings(r.ExistWatches)
		e.Strings(r.ChildWatches)
	case OpAuth:
		e.Int32(0)
		e.String(string(r.Path)) // scheme
		e.Bytes(r.Data)
	case OpCreateSession:
		e.Int32(r.TimeoutMillis)
	}
}

// DecodeRequest reads header and body. An operation it does not know has no body and no
// error: the caller answers Unimplemented.
func DecodeRequest(frame []byte) (r Request, err error) {
	d := NewDecoder(frame)
	r.Xid, r.Op = d.Int32(), OpCode(d.Int32())
	r.decodeBody(d)
	return r, d.Err()
}

func (r *Request) decodeBody(d *Decoder) {
	switch r.Op {
	case OpCreate, OpCreate2:
		r.Path, r.Data, r.ACL, r.Flags = Path(d.String()), d.Bytes(), d.ACLs(), d.Int32()
	case OpDelete:
		r.Path, r.Version = Path(d.String()), d.Int32()
	case OpSetData:
		r.Path, r.Data, r.Version = Path(d.String()), d.Bytes(), d.Int32()
	case OpExists, OpGetData, OpGetChildren, OpGetChildren2:
		r.Path, r.Watch = Path(d.String()), d.Bool()
	case OpGetACL, OpSync:
		r.Path = Path(d.String())
	case OpSetWatches:
		r.RelativeZxid = Zxid(d.Int64())
		r.DataWatches, r.ExistWatches, r.ChildWatches = d.Strings(), d.Strings(), d.Strings()
	case OpAuth:
		d.Int32()
		r.Path, r.Data = Path(d.String()), d.Bytes()
	case OpCreateSession:
		r.TimeoutMillis = d.Int32()
	}
}

// Reply is a server's answer: its header, and those body fields that the operation of
// the request has. The body is absent when Err is not OK.
type Reply struct {
	Xid      int32
	Zxid     Zxid
	Err      Code
	Path     Path
	Data     []byte
	Stat     Stat
	Children []string
	ACL      []ACL
}

// Encode appends header and body as op's reply.
func (r *Reply) Encode(e *Encoder, op OpCode) {
	e.Int32(r.Xid)
	e.Int64(int64(r.Zxid))
	e.Int32(int32(r.Err))
	if r.Err != OK {
		return
	}
	switch op {
	case OpCreate, OpSync:
		e.String(string(r.Path))
	case OpCreate2:
		e.String(string(r.Path))
		e.Stat(&r.Stat)
	case OpExists, OpSetData:
		e.Stat(&r.Stat)
	case OpGetData:
		e.Bytes(r.Data)
		e.Stat(&r.Stat)
	case OpGetACL:
		e.ACLs(r.ACL)
		e.Stat(&r.Stat)
	case OpGetChildren:
		e.Strings(r.Children)
	case OpGetChildren2:
		e.Strings(r.Children)
		e.Stat(&r.Stat)
	}
}

// DecodeReplyHeader reads the header alone; the decoder stands at the body.
func DecodeReplyHeader(d *Decoder) (r Reply) {
	r.Xid, r.Zxid, r.Err = d.Int32(), Zxid(d.Int64()), Code(d.Int32())
	return r
}

// DecodeReply reads header and body as op's reply.
func DecodeReply(frame []byte, op OpCode) (r Reply, err error) {
	d := NewDecoder(frame)
	r = DecodeReplyHeader(d)
	if r.Err != OK || d.Err() != nil {
		return r, d.Err()
	}
	switch op {
	case OpCreate, OpSync:
		r.Path = Path(d.String())
	case OpCreate2:
		r.Path, r.Stat = Path(d.String()), d.Stat()
	case OpExists, OpSetData:
		r.Stat = d.Stat()
	case OpGetData:
		r.Data, r.Stat = d.Bytes(), d.Stat()
	case OpGetACL:
		r.ACL, r.Stat = d.ACLs(), d.Stat()
	case OpGetChildren:
		r.Children = d.Strings()
	case OpGetChildren2:
		r.Children, r.Stat = d.Strings(), d.Stat()
	}
	return r, d.Err()
}

// Notification is a watch event as a server pushes it.
type Notification struct {
	Zxid Zxid // of the change; -1 when setWatches found it
	Type EventType
	Path Path
}

// Encode appends the record with its reply header.
func (n *Notification) Encode(e *Encoder) {
	h := Reply{Xid: XidNotification, Zxid: n.Zxid}
	h.Encode(e, OpNotification)
	e.Int32(int32(n.Type))
	e.Int32(StateSyncConnected)
	e.String(string(n.Path))
}

// DecodeNotification reads the record with its reply header.
func DecodeNotification(frame []byte) (n Notification, err error) {
	d := NewDecoder(frame)
	n.Zxid = DecodeReplyHeader(d).Zxid
	n.Type = EventType(d.Int32())
	d.Int32()
	n.Path = Path(d.String())
	return n, d.Err()
}
