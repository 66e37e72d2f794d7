package model_test

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/checkers/model"
	"github.com/zoobreak/zoobreak/internal/conformance"
	"github.com/zoobreak/zoobreak/wire"
)

// The model answers what a real ZooKeeper answered: every reply, Stat and event of the
// recordings, to the byte. Only what is no request at all is beyond it.
func TestTheModelAnswersAsZooKeeperDid(t *testing.T) {
	for _, name := range []string{"hand", "fuzz-1"} {
		t.Run(name, func(t *testing.T) {
			f, err := os.Open("../../testdata/conformance/" + name + ".jsonl")
			require.NoError(t, err)
			defer f.Close()
			r, err := conformance.Read(f)
			require.NoError(t, err)
			script, want := within(r.Steps)
			require.Greater(t, len(script), len(r.Steps)*2/3)
			got, err := conformance.Play(newWorld(), script)
			require.NoError(t, err)
			for _, d := range conformance.Compare(want, got) {
				t.Error(d)
			}
		})
	}
}

// world is a model that is spoken to in frames.
type world struct {
	server *model.Server
	now    time.Duration
	zxid   wire.Zxid
	nextID int
	lives  map[wire.SessionID]*life
}

// life is a session, and the connection that it is attached to.
type life struct {
	timeout time.Duration
	heard   time.Duration
	link    *link
}

const start = 1_767_225_600_000 // milliseconds

func newWorld() *world {
	return &world{
		server: model.NewServer(model.New(model.Config{ExtendedTypes: true, SuperDigest: "super:D/InIHSb7yEEbrWz8b9l71RjZJU="})),
		lives:  map[wire.SessionID]*life{},
	}
}

func (w *world) NowMillis() int64 { return start + w.now.Milliseconds() }

func (w *world) Dial() (conformance.Link, error) {
	w.nextID++
	return &link{world: w, id: w.nextID}, nil
}

// Pass expires sessions, and removes containers and timed nodes that are due.
func (w *world) Pass(d time.Duration) {
	w.now += d
	for _, id := range w.sorted() {
		if l := w.lives[id]; w.now > l.heard+l.timeout {
			w.end(id)
		}
	}
	for _, path := range w.server.Due(w.NowMillis()) {
		w.apply(model.Write{Request: wire.Request{Op: wire.OpDeleteContainer, Path: wire.Path(path)}})
	}
}

func (w *world) sorted() (ids []wire.SessionID) {
	for id := range w.lives {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b wire.SessionID) int { return cmp.Compare(a, b) })
	return ids
}

func (w *world) end(id wire.SessionID) {
	w.apply(model.Write{Session: id, Request: wire.Request{Op: wire.OpCloseSession}})
	delete(w.lives, id)
}

// javaOrder is the order of a HashSet<String>, in which ZooKeeper deletes a session's nodes
// and which shows in the events: by bucket, then by insertion.
func javaOrder(paths []string) []string {
	hash := func(s string) uint32 {
		h := uint32(0)
		for _, unit := range utf16.Encode([]rune(s)) {
			h = 31*h + uint32(unit)
		}
		return h ^ h>>16
	}
	put := func(paths []string, buckets uint32) []string {
		return slices.SortedStableFunc(slices.Values(paths), func(a, b string) int {
			return cmp.Compare(hash(a)&(buckets-1), hash(b)&(buckets-1))
		})
	}
	size := func(least int) uint32 {
		n := uint32(1)
		for int(n) < least {
			n *= 2
		}
		return n
	}
	set := put(paths, max(16, size((len(paths)*4+2)/3)))
	return put(set, size(len(paths)*4/3+1)) // the copy that is iterated over is made to fit
}

// apply gives a write its place, and tells the connections what they watch for.
func (w *world) apply(x model.Write) model.Answer {
	w.zxid++
	x.Zxid, x.Millis = w.zxid, w.NowMillis()
	if x.Request.Op == wire.OpCloseSession {
		x.Order = javaOrder(w.server.Owned(x.Session))
	}
	a, events := w.server.Apply(x)
	for _, ev := range events {
		for _, l := range w.lives {
			if l.link != nil && l.link.id == ev.Conn {
				l.link.tell(ev)
			}
		}
	}
	a.Zxid = w.zxid
	return a
}

// link is a connection to the world.
type link struct {
	world   *world
	id      int
	conn    *model.Conn
	session wire.SessionID
	out     [][]byte
	closed  bool
}

func (l *link) Write(p []byte) {
	for len(p) > 0 && !l.closed {
		n := binary.BigEndian.Uint32(p)
		if n > 1<<20-1 {
			l.hangUp()
			return
		}
		frame := p[4 : 4+n]
		p = p[4+n:]
		if l.conn == nil {
			l.handshake(frame)
		} else {
			l.request(frame)
		}
	}
}

func (l *link) Frame() ([]byte, conformance.Status) {
	switch {
	case len(l.out) > 0:
		frame := l.out[0]
		l.out = l.out[1:]
		return frame, conformance.Came
	case l.closed:
		return nil, conformance.Ended
	}
	return nil, conformance.Silent
}

func (l *link) Rest() []byte { panic("the model knows no four-letter words") }

func (l *link) Close() {
	l.closed = true
	l.world.server.Disconnect(l.id)
	if x := l.world.lives[l.session]; x != nil && x.link == l {
		x.link = nil
	}
}

// hangUp closes the connection behind what is on its way.
func (l *link) hangUp() {
	out := l.out
	l.Close()
	l.out = out
}

func (l *link) tell(ev model.Event) {
	var e wire.Encoder
	n := wire.Notification{Zxid: -1, Type: ev.Type, Path: wire.Path(ev.Path)}
	n.Encode(&e)
	l.out = append(l.out, e.Buf)
}

// handshake knows sessions by their password: it is made from the id.
func (l *link) handshake(frame []byte) {
	w := l.world
	req, err := wire.DecodeConnectRequest(frame)
	if err != nil || req.LastZxidSeen > w.zxid {
		l.hangUp()
		return
	}
	timeout := min(max(req.TimeoutMillis, 1000), 10000)
	resp := wire.ConnectResponse{TimeoutMillis: timeout, Session: req.Session, NoReadOnly: req.NoReadOnly}
	x := w.lives[req.Session]
	switch {
	case req.Session == 0:
		resp.Session = wire.SessionID(w.zxid + 1)
		x = &life{}
		w.lives[resp.Session] = x
		w.apply(model.Write{Session: resp.Session, Request: wire.Request{Op: wire.OpCreateSession, TimeoutMillis: timeout}})
	case x != nil && x.link != nil:
		x.link.hangUp()
	}
	resp.Password = fmt.Appendf(nil, "%016d", resp.Session)
	if x == nil || req.Session != 0 && string(req.Password) != string(resp.Password) {
		resp.Session, resp.TimeoutMillis, resp.Password = 0, 0, make([]byte, 16)
	}
	var e wire.Encoder
	resp.Encode(&e)
	l.out = append(l.out, e.Buf)
	if resp.Session == 0 {
		l.hangUp()
		return
	}
	x.timeout, x.heard, x.link = time.Duration(timeout)*time.Millisecond, w.now, l
	l.session, l.conn = resp.Session, w.server.Connect(l.id, resp.Session, "127.0.0.1")
}

func (l *link) request(frame []byte) {
	w := l.world
	req, err := wire.DecodeRequest(frame)
	if errors.Is(err, wire.ErrNoHeader) || err != nil && (req.Op == wire.OpAuth || req.Op == wire.OpSASL) {
		l.hangUp()
		return
	}
	w.lives[l.session].heard = w.now
	a := l.answer(req, err)
	a.Xid = req.Xid
	if req.Op == wire.OpPing {
		a.Xid = wire.XidPing
	}
	var e wire.Encoder
	a.Reply.Encode(&e, req.Op)
	l.out = append(l.out, e.Buf)
	if req.Op == wire.OpCloseSession {
		delete(w.lives, l.session)
	}
	if a.Hangup {
		l.hangUp()
	}
}

// answer is the model's, for what is a request; the rest is for the server around it.
func (l *link) answer(req wire.Request, malformed error) model.Answer {
	w := l.world
	refused := model.Answer{Reply: wire.Reply{Zxid: w.zxid}}
	switch {
	case !req.Op.Known():
		refused.Err, refused.Zxid, refused.Hangup = wire.Unimplemented, -1, true
		return refused
	case req.Op == wire.OpSASL: // nobody is asked for it: there is no next token
		return model.Answer{}
	case malformed != nil || req.Op == wire.OpReconfig:
		refused.Err = wire.MarshallingError
		if req.Op == wire.OpReconfig {
			refused.Err = wire.Unimplemented // without an ensemble
		}
		if req.Op.IsWrite() {
			w.zxid++
			refused.Zxid = w.zxid
		}
		return refused
	}
	if req.Op.IsWrite() {
		return l.world.apply(model.Write{Session: l.session, Who: l.conn.Who(), Request: req})
	}
	a, events := l.world.server.Read(l.conn, req)
	for _, ev := range events {
		l.tell(ev)
	}
	a.Zxid = l.world.zxid
	if req.Op == wire.OpAuth {
		a.Zxid = 0
	}
	return a
}

// within returns all steps but the four-letter words, which are no requests.
func within(steps []conformance.Step) (script, want []conformance.Step) {
	for _, s := range steps {
		if s.Kind != conformance.Word {
			script = append(script, s)
		}
	}
	return script, script
}
