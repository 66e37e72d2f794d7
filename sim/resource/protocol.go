package resource

import "github.com/zoobreak/zoobreak/wire"

// Request is one access to a counter.
type Request struct {
	ID     uint64 // unique within the client; a repetition has the same
	Client int
	Write  bool
	Name   string
	Fenced bool // the fenced and the unfenced counter of one name are two counters
	Token  int64
	Value  int64 // to write
}

// Encode returns the request as a frame.
func (q *Request) Encode() []byte {
	var e wire.Encoder
	mark := e.Begin()
	e.Int64(int64(q.ID))
	e.Int32(int32(q.Client))
	e.Bool(q.Write)
	e.String(q.Name)
	e.Bool(q.Fenced)
	e.Int64(q.Token)
	e.Int64(q.Value)
	e.End(mark)
	return e.Buf
}

// DecodeRequest reads a request.
func DecodeRequest(frame []byte) (q Request, err error) {
	d := wire.NewDecoder(frame)
	q.ID, q.Client, q.Write = uint64(d.Int64()), int(d.Int32()), d.Bool()
	q.Name, q.Fenced, q.Token, q.Value = d.String(), d.Bool(), d.Int64(), d.Int64()
	return q, d.Err()
}

// Reply answers it.
type Reply struct {
	ID      uint64
	OK      bool  // false: the token is stale, and nothing happened
	Value   int64 // after the request
	Version int64 // after the request; 0 when refused
}

// Encode returns the reply as a frame.
func (r *Reply) Encode() []byte {
	var e wire.Encoder
	mark := e.Begin()
	e.Int64(int64(r.ID))
	e.Bool(r.OK)
	e.Int64(r.Value)
	e.Int64(r.Version)
	e.End(mark)
	return e.Buf
}

// DecodeReply reads a reply.
func DecodeReply(frame []byte) (r Reply, err error) {
	d := wire.NewDecoder(frame)
	r.ID, r.OK, r.Value, r.Version = uint64(d.Int64()), d.Bool(), d.Int64(), d.Int64()
	return r, d.Err()
}
