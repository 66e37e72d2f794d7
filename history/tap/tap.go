package tap

import (
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/wire"
)

// Tap listens to one connection, from its first byte to its end.
type Tap struct {
	log     *history.Log
	client  int
	out, in wire.Framer
	session wire.SessionID
	connect *history.Handle // the ConnectRequest, until it is answered
	greeted bool            // the ConnectRequest has passed
	pending []request       // in the order sent
	deaf    bool            // broken, or not the protocol: nothing more is recorded
}

// request is one that has no reply yet.
type request struct {
	handle history.Handle
	xid    int32
	op     wire.OpCode
}

// New returns a tap for a new connection of the client.
func New(log *history.Log, client int) *Tap { return &Tap{log: log, client: client} }

// Sent is told what the client wrote.
func (t *Tap) Sent(at clock.Instant, b []byte) {
	t.out.Feed(b)
	t.each(&t.out, func(frame []byte) error { return t.sent(at, frame) })
}

// Got is told what reached the client.
func (t *Tap) Got(at clock.Instant, b []byte) {
	t.in.Feed(b)
	t.each(&t.in, func(frame []byte) error { return t.got(at, frame) })
}

// Broken is told that the connection ended. What was not answered never will be.
func (t *Tap) Broken(at clock.Instant) {
	t.deaf = true
	lost := func(op *history.Op) { op.Error = "connection lost" }
	if t.connect != nil {
		t.log.Return(*t.connect, at, history.Unknown, lost)
	}
	for _, r := range t.pending {
		t.log.Return(r.handle, at, history.Unknown, lost)
	}
	t.connect, t.pending = nil, nil
}

// each handles whole frames. Bytes that are not the protocol make the tap deaf: it is an
// observer, and what the client says is between it and the server.
func (t *Tap) each(f *wire.Framer, handle func([]byte) error) {
	for !t.deaf {
		frame, ok, err := f.Next()
		if err == nil && !ok {
			return
		}
		if err != nil || handle(frame) != nil {
			t.deaf = true
		}
	}
}

func (t *Tap) sent(at clock.Instant, frame []byte) error {
	if !t.greeted {
		return t.hello(at, frame)
	}
	r, err := wire.DecodeRequest(frame)
	if err != nil || r.Op == wire.OpPing || r.Xid < 0 {
		return err // pings say nothing, and special xids are answered out of order
	}
	op := history.Op{Client: t.client, Kind: history.Wire, Name: r.Op.String(), Session: t.session, Xid: r.Xid}
	if r.Path != wire.NullString {
		op.Path = r.Path
	}
	t.pending = append(t.pending, request{t.log.Call(at, op), r.Xid, r.Op})
	return nil
}

func (t *Tap) hello(at clock.Instant, frame []byte) error {
	t.greeted = true
	r, err := wire.DecodeConnectRequest(frame)
	if err != nil {
		return err
	}
	h := t.log.Call(at, history.Op{Client: t.client, Kind: history.Wire, Name: "connect", Session: r.Session})
	t.connect = &h
	return nil
}

func (t *Tap) got(at clock.Instant, frame []byte) error {
	if t.connect != nil {
		return t.welcome(at, frame)
	}
	d := wire.NewDecoder(frame)
	header := wire.DecodeReplyHeader(d)
	if d.Err() != nil || header.Xid < 0 {
		return d.Err() // notifications, pings, and what else answers no numbered request
	}
	for i, r := range t.pending {
		if r.xid == header.Xid {
			t.pending = append(t.pending[:i:i], t.pending[i+1:]...)
			return t.answered(at, r, frame)
		}
	}
	return nil
}

func (t *Tap) welcome(at clock.Instant, frame []byte) error {
	r, err := wire.DecodeConnectResponse(frame)
	if err != nil {
		return err
	}
	h := *t.connect
	t.connect = nil
	if r.TimeoutMillis == 0 {
		t.log.Return(h, at, history.Fail, func(op *history.Op) { op.Error = "session expired" })
		return nil
	}
	t.session = r.Session
	t.log.Return(h, at, history.OK, func(op *history.Op) { op.Session = r.Session })
	return nil
}

func (t *Tap) answered(at clock.Instant, q request, frame []byte) error {
	r, err := wire.DecodeReply(frame, q.op)
	status := history.OK
	if r.Err != wire.OK {
		status = history.Fail
	}
	t.log.Return(q.handle, at, status, func(op *history.Op) {
		op.Zxid, op.Code = r.Zxid, r.Err
		if r.Path != "" && r.Path != wire.NullString {
			op.Path = r.Path
		}
	})
	return err
}
