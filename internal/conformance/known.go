package conformance

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zoobreak/zoobreak/wire"
)

// known is what the player knows of the values that differ from run to run.
type known struct {
	started  int64 // calendar time, milliseconds
	now      func() int64
	base     int64 // the zxid that others are told relative to: of the first ping
	hasBase  bool
	sessions map[int64]string  // who was the first with a session id
	secrets  map[string]string // or a password
	last     map[string]int64  // by connection: the greatest zxid in a reply's header
	at       map[int]int64     // by step: the zxid in its reply's header
	session  map[string]int64
	secret   map[string][]byte
}

func newKnown(now func() int64) *known {
	return &known{
		started: now(), now: now, sessions: map[int64]string{}, secrets: map[string]string{}, last: map[string]int64{},
		at: map[int]int64{}, session: map[string]int64{}, secret: map[string][]byte{},
	}
}

// value gives the bytes of a token in a request: <sid:A>, <pw:A>, <last:A+5>, <at:17>, <zero>.
func (k *known) value(token string) ([]byte, error) {
	kind, arg, _ := strings.Cut(token, ":")
	name, offset, _ := strings.Cut(arg, "+")
	plus := int64(0)
	if offset != "" {
		n, err := strconv.ParseInt(offset, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("token <%s>: %w", token, err)
		}
		plus = n
	}
	v := int64(0)
	switch kind {
	case "zero":
	case "sid":
		v = k.session[name]
	case "last":
		v = k.last[name] + plus
	case "at":
		n, err := strconv.Atoi(name)
		if err != nil {
			return nil, fmt.Errorf("token <%s>: %w", token, err)
		}
		v = k.at[n] + plus
	case "pw":
		p := make([]byte, 16)
		copy(p, k.secret[name])
		return p, nil
	default:
		return nil, fmt.Errorf("no request has a token <%s>", token)
	}
	return binary.BigEndian.AppendUint64(nil, uint64(v)), nil
}

func (k *known) zxid(t *template, prefix string, v int64) {
	switch {
	case v == 0 && prefix == "z":
		t.token("z0")
	case v < 0:
		t.int64(v)
	default:
		t.token(fmt.Sprintf("%s%+d", prefix, v-k.base))
	}
}

// slackMillis is how far a time in a Stat may lie outside of the run.
const slackMillis = 5000

func (k *known) time(t *template, v int64) {
	switch {
	case v == 0:
		t.token("t0")
	case v < k.started-slackMillis || v > k.now()+slackMillis:
		t.token("t!")
	default:
		t.token("t")
	}
}

func (k *known) stat(t *template, r *reader) {
	if len(r.rest) < 68 {
		r.short = true
		return
	}
	k.zxid(t, "z", r.int64())
	k.zxid(t, "z", r.int64())
	k.time(t, r.int64())
	k.time(t, r.int64())
	t.raw(r.take(12)) // version, cversion, aversion
	if owner := r.int64(); owner != 0 && k.sessions[owner] != "" {
		t.token("sid:" + k.sessions[owner])
	} else {
		t.int64(owner)
	}
	t.raw(r.take(8)) // data length, number of children
	k.zxid(t, "z", r.int64())
}

func copyBuffer(t *template, r *reader) {
	if len(r.rest) < 4 {
		r.short = true
		return
	}
	t.buffer(r.buffer())
}

// list copies a vector. The order of most is not promised: those are sorted.
func list(t *template, r *reader, sorted bool, one func(*template, *reader)) {
	n := r.int32()
	t.int32(n)
	var items []string
	for i := int32(0); i < n && !r.short; i++ {
		var x template
		one(&x, r)
		items = append(items, x.String())
	}
	if sorted {
		slices.Sort(items)
	}
	t.WriteString(strings.Join(items, ""))
}

// response renders a reply to a request, and returns its error and the zxid in its header.
func (k *known) response(req, p []byte) (text string, code int32, zxid int64, ok bool) {
	var t template
	r := &reader{rest: p}
	xid, z, code := r.int32(), r.int64(), r.int32()
	if r.short {
		t.raw(p)
		return t.String(), 0, 0, false
	}
	t.int32(xid)
	k.zxid(&t, "hz", z)
	t.int32(code)
	if len(r.rest) > 0 {
		var body template
		whole := r.rest
		k.body(&body, opOf(req), req, r)
		if r.short {
			t.raw(whole) // not what the operation answers: as it is
		} else {
			t.WriteString(body.String())
			t.raw(r.rest)
		}
	}
	return t.String(), code, z, true
}

func opOf(req []byte) wire.OpCode {
	if len(req) < 8 {
		return 0
	}
	return wire.OpCode(int32(binary.BigEndian.Uint32(req[4:])))
}

func (k *known) body(t *template, op wire.OpCode, req []byte, r *reader) {
	switch op {
	case wire.OpCreate, wire.OpSync:
		copyBuffer(t, r)
	case wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		copyBuffer(t, r)
		k.stat(t, r)
	case wire.OpExists, wire.OpSetData, wire.OpSetACL:
		k.stat(t, r)
	case wire.OpGetData, wire.OpReconfig:
		k.data(t, op, req, r)
		k.stat(t, r)
	case wire.OpGetACL:
		list(t, r, false, copyACL)
		k.stat(t, r)
	case wire.OpGetChildren, wire.OpGetEphemerals:
		list(t, r, true, copyBuffer)
	case wire.OpGetChildren2:
		list(t, r, true, copyBuffer)
		k.stat(t, r)
	case wire.OpWhoAmI:
		list(t, r, true, func(t *template, r *reader) { copyBuffer(t, r); copyBuffer(t, r) })
	case wire.OpMulti, wire.OpMultiRead:
		k.results(t, req, r)
	}
}

// data copies a node's data; of the configuration, which names ports, the length alone.
func (k *known) data(t *template, op wire.OpCode, req []byte, r *reader) {
	if op != wire.OpReconfig && !bytes.Contains(req, []byte("/zookeeper/config")) {
		copyBuffer(t, r)
		return
	}
	if b := r.buffer(); len(b) > 0 {
		t.token(fmt.Sprintf("config:%d", len(b)))
	} else {
		t.buffer(b)
	}
}

func copyACL(t *template, r *reader) {
	t.raw(r.take(4))
	copyBuffer(t, r)
	copyBuffer(t, r)
}

func (k *known) results(t *template, req []byte, r *reader) {
	for !r.short {
		h := r.take(9) // type, done, error
		if r.short {
			return
		}
		t.raw(h)
		if h[4] != 0 {
			return
		}
		switch op := wire.OpCode(int32(binary.BigEndian.Uint32(h))); op {
		case wire.OpDelete, wire.OpCheck:
		case wire.OpError:
			t.raw(r.take(4))
		default:
			k.body(t, op, req, r)
		}
	}
}

// connected learns the session of a connection, and renders the ConnectResponse.
func (k *known) connected(name string, p []byte) string {
	var t template
	r := &reader{rest: p}
	t.int32(r.int32())
	t.int32(r.int32())
	id := r.int64()
	secret := append([]byte{}, r.buffer()...)
	if r.short {
		var whole template
		whole.raw(p)
		return whole.String()
	}
	if id == 0 {
		t.int64(0)
		t.buffer(secret)
		t.raw(r.rest)
		return t.String()
	}
	if k.sessions[id] == "" {
		k.sessions[id] = name
	}
	if k.secrets[string(secret)] == "" {
		k.secrets[string(secret)] = name
	}
	k.session[name], k.secret[name] = id, secret
	t.token("sid:" + k.sessions[id])
	t.int32(int32(len(secret)))
	t.token("pw:" + k.secrets[string(secret)])
	t.raw(r.rest)
	return t.String()
}
