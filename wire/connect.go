package wire

// ConnectRequest is the first packet of a connection. It has no request header.
type ConnectRequest struct {
	Protocol      int32 // 0; ZooKeeper does not look at it
	LastZxidSeen  Zxid
	TimeoutMillis int32
	Session       SessionID // 0 asks for a new session
	Password      []byte
	ReadOnly      bool // a read-only server will do
	NoReadOnly    bool // the last byte is absent, as from clients up to 3.3
}

// Encode appends the record.
func (r *ConnectRequest) Encode(e *Encoder) {
	e.Int32(r.Protocol)
	e.Int64(int64(r.LastZxidSeen))
	e.Int32(r.TimeoutMillis)
	e.Int64(int64(r.Session))
	e.Bytes(r.Password)
	e.readOnly(r.ReadOnly, r.NoReadOnly)
}

// DecodeConnectRequest reads the record. Bytes behind it are not looked at.
func DecodeConnectRequest(frame []byte) (r ConnectRequest, err error) {
	d := NewDecoder(frame)
	r.Protocol = d.Int32()
	r.LastZxidSeen = Zxid(d.Int64())
	r.TimeoutMillis = d.Int32()
	r.Session = SessionID(d.Int64())
	r.Password = d.Bytes()
	r.ReadOnly, r.NoReadOnly = d.readOnly()
	return r, d.Err()
}

// ConnectResponse answers it. Session 0 and timeout 0 mean that the session is gone:
// the only way in which a client learns that.
type ConnectResponse struct {
	Protocol      int32
	TimeoutMillis int32
	Session       SessionID
	Password      []byte
	ReadOnly      bool // the server is read-only
	NoReadOnly    bool // the last byte is absent: the client did not send its own
}

// Encode appends the record.
func (r *ConnectResponse) Encode(e *Encoder) {
	e.Int32(r.Protocol)
	e.Int32(r.TimeoutMillis)
	e.Int64(int64(r.Session))
	e.Bytes(r.Password)
	e.readOnly(r.ReadOnly, r.NoReadOnly)
}

// DecodeConnectResponse reads the record. Bytes behind it are not looked at.
func DecodeConnectResponse(frame []byte) (r ConnectResponse, err error) {
	d := NewDecoder(frame)
	r.Protocol = d.Int32()
	r.TimeoutMillis = d.Int32()
	r.Session = SessionID(d.Int64())
	r.Password = d.Bytes()
	r.ReadOnly, r.NoReadOnly = d.readOnly()
	return r, d.Err()
}

func (e *Encoder) readOnly(v, absent bool) {
	if !absent {
		e.Bool(v)
	}
}

func (d *Decoder) readOnly() (v, absent bool) {
	if d.err != nil || len(d.buf) == 0 {
		return false, d.err == nil
	}
	return d.Bool(), false
}
