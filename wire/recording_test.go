package wire_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/wire"
)

// recorded is one step of a recording of Apache ZooKeeper 3.8; testdata/conformance has
// its format.
type recorded struct {
	N      int      `json:"n"`
	Kind   string   `json:"kind"`
	S      string   `json:"s"`
	Desc   string   `json:"desc"`
	Req    string   `json:"req"`
	Reqs   []string `json:"reqs"`
	Resp   string   `json:"resp"`
	Resps  []string `json:"resps"`
	Closed bool     `json:"closed"`
	NoConn bool     `json:"no_conn"`
	Events []struct {
		Hex string `json:"hex"`
	} `json:"events"`
}

// requests and replies are the frames of a step, in order.
func (r recorded) requests() []string {
	if r.Kind == "burst" {
		return r.Reqs
	}
	return []string{r.Req}
}

func (r recorded) replies() []string {
	switch {
	case r.Kind == "burst":
		return r.Resps
	case r.Resp == "":
		return nil
	}
	return []string{r.Resp}
}

func recordings(t *testing.T) (files []string) {
	files, err := filepath.Glob("../testdata/conformance/*.jsonl")
	require.NoError(t, err)
	require.Len(t, files, 3)
	return files
}

func readRecording(t testing.TB, file string) (steps []recorded) {
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	require.True(t, lines.Scan(), "the first line says how it was made")
	for lines.Scan() {
		var r recorded
		require.NoError(t, json.Unmarshal(lines.Bytes(), &r))
		steps = append(steps, r)
	}
	require.NoError(t, lines.Err())
	return steps
}

// fill makes bytes of template hex: what differed from run to run gets a value of its own.
func fill(t testing.TB, template string) (b []byte) {
	for template != "" {
		text, rest, found := strings.Cut(template, "<")
		fixed, err := hex.DecodeString(text)
		require.NoError(t, err, template)
		b = append(b, fixed...)
		if !found {
			break
		}
		token, after, closed := strings.Cut(rest, ">")
		require.True(t, closed, template)
		b, template = append(b, valueOf(token)...), after
	}
	return b
}

func valueOf(token string) []byte {
	kind, size, _ := strings.Cut(token, ":")
	switch kind {
	case "pw":
		return bytes.Repeat(keyed(token), 2)
	case "config":
		n, _ := strconv.Atoi(size)
		return append(binary.BigEndian.AppendUint32(nil, uint32(n)), make([]byte, n)...)
	case "zero", "z0", "t0":
		return make([]byte, 8)
	}
	return keyed(token)
}

// keyed is a positive value that no other token has.
func keyed(token string) []byte {
	h := fnv.New64a()
	h.Write([]byte(token))
	return binary.BigEndian.AppendUint64(nil, h.Sum64()>>1)
}

// anomalies are the recorded requests that ZooKeeper takes although no client of its own
// would send them, and that do not survive decoding and encoding byte for byte: what they
// become is what ZooKeeper makes of them. There are no others.
var anomalies = map[string]string{
	"trailing bytes after the request":                                       "nobody looks behind a record",
	"getData with trailing bytes":                                            "nobody looks behind a record",
	"create /bad\ufffd\ufffd data=\"data\" acl=[world:anyone:31] persistent": "what is not UTF-8 is U+FFFD from then on",
	"getData /bad\ufffd\ufffd watch=false":                                   "what is not UTF-8 is U+FFFD from then on",
}

// replay follows the connections of one recording.
type replay struct {
	t           *testing.T
	step        recorded
	pending     map[string][]wire.Request // by connection: sent and not answered
	frames      map[string]int            // by kind, how many were compared
	failed      []string
	odd         map[string]bool // anomalies met
	undecodable bool            // the last request did not decode
	ops         map[wire.OpCode]int
}

// compare notes a frame that is not what encoding gives.
func (p *replay) compare(kind string, frame, again []byte) {
	p.frames[kind]++
	if bytes.Equal(frame, again) {
		return
	}
	if _, known := anomalies[p.step.Desc]; known && kind != "reply" {
		p.odd[p.step.Desc] = true
		return
	}
	p.failed = append(p.failed, fmt.Sprintf("step %d (%s), %s:\n  recorded %x\n  encoded  %x", p.step.N, p.step.Desc, kind, frame, again))
}

func (p *replay) run(step recorded) {
	p.step = step
	for _, e := range step.Events {
		frame := fill(p.t, e.Hex)
		n, err := wire.DecodeNotification(frame)
		require.NoError(p.t, err, step.N)
		p.compare("event", frame, encoded(n.Encode))
	}
	switch {
	case step.NoConn:
	case step.Kind == "connect":
		p.connect()
	case step.Kind == "raw":
		p.raw()
	case step.Kind == "req" || step.Kind == "burst":
		for _, s := range step.requests() {
			p.request(fill(p.t, s))
		}
		for _, s := range step.replies() {
			p.reply(fill(p.t, s))
		}
		p.unanswered()
	}
}

func (p *replay) connect() {
	frame := fill(p.t, p.step.Req)
	p.pending[p.step.S] = nil
	r, err := wire.DecodeConnectRequest(frame)
	if err != nil {
		require.True(p.t, p.step.Closed && p.step.Resp == "", "step %d: a bad handshake closes the connection: %v", p.step.N, err)
		p.frames["malformed"]++
		return
	}
	p.compare("connect", frame, encoded(r.Encode))
	for _, s := range p.step.replies() {
		frame := fill(p.t, s)
		answer, err := wire.DecodeConnectResponse(frame)
		require.NoError(p.t, err, p.step.N)
		require.Equal(p.t, r.NoReadOnly, answer.NoReadOnly, "step %d: the answer has a last byte if the request has", p.step.N)
		p.compare("connect reply", frame, encoded(answer.Encode))
	}
}

// raw handles bytes that are no frame: the connection was closed.
func (p *replay) raw() {
	require.True(p.t, p.step.Closed, p.step.N)
	var f wire.Framer
	f.Feed(fill(p.t, p.step.Req))
	frame, ok, err := f.Next()
	if ok {
		_, err = wire.DecodeRequest(frame)
		require.ErrorIs(p.t, err, wire.ErrNoHeader, p.step.N)
	}
	require.ErrorIs(p.t, err, wire.ErrMalformed, p.step.N)
	p.frames["malformed"]++
}

func (p *replay) request(frame []byte) {
	r, err := wire.DecodeRequest(frame)
	p.pending[p.step.S] = append(p.pending[p.step.S], r)
	p.undecodable = err != nil
	switch {
	case err != nil:
		require.NotErrorIs(p.t, err, wire.ErrNoHeader, p.step.N)
		p.refused(r, err)
	case !r.Op.Known():
		p.frames["unknown"]++
	default:
		p.compare("request", frame, encoded(r.Encode))
	}
}

// refused checks that the server could not read a request either.
func (p *replay) refused(r wire.Request, err error) {
	p.frames["malformed"]++
	if r.Op == wire.OpAuth || r.Op == wire.OpSASL {
		require.True(p.t, p.step.Closed && p.step.Resp == "", "step %d: closed without an answer: %v", p.step.N, err)
		return
	}
	reply, decodeErr := wire.DecodeReply(fill(p.t, p.step.Resp), r.Op)
	require.NoError(p.t, decodeErr)
	require.Equal(p.t, wire.MarshallingError, reply.Err, "step %d: %v", p.step.N, err)
	require.False(p.t, p.step.Closed, p.step.N)
}

func (p *replay) reply(frame []byte) {
	require.NotEmpty(p.t, p.pending[p.step.S], "step %d: a reply to nothing", p.step.N)
	q := p.pending[p.step.S][0]
	p.pending[p.step.S] = p.pending[p.step.S][1:]
	r, err := wire.DecodeReply(frame, q.Op)
	require.NoError(p.t, err, p.step.N)
	p.compare("reply", frame, encoded(func(e *wire.Encoder) { r.Encode(e, q.Op) }))
	if r.Err == wire.OK {
		p.ops[q.Op]++
	}

	if r.Err == wire.MarshallingError {
		require.True(p.t, p.undecodable || refusedValue(&q), "step %d: nothing was wrong with it", p.step.N)
	}
	want := q.Xid
	if q.Op == wire.OpPing {
		want = wire.XidPing
	}
	require.Equal(p.t, want, r.Xid, "step %d", p.step.N)
	require.Equal(p.t, q.Op.Known(), r.Err != wire.Unimplemented || q.Op == wire.OpReconfig, "step %d: %s", p.step.N, q.Op)
	if !q.Op.Known() {
		require.Equal(p.t, wire.Zxid(-1), r.Zxid, "step %d", p.step.N)
		require.True(p.t, p.step.Closed, p.step.N)
	}
}

// refusedValue reports whether a request that decodes has a value at which ZooKeeper's
// handler throws: it answers that like bytes that it cannot read.
func refusedValue(r *wire.Request) bool {
	switch r.Op {
	case wire.OpAddWatch:
		return r.Mode != wire.AddPersistent && r.Mode != wire.AddPersistentRecursive
	case wire.OpCheckWatches, wire.OpRemoveWatches:
		return r.WatcherType < wire.WatcherChildren || r.WatcherType > wire.WatcherAny
	case wire.OpMulti, wire.OpMultiRead:
		reads := len(r.Ops) > 0 && (r.Ops[0].Type == wire.OpGetData || r.Ops[0].Type == wire.OpGetChildren)
		return reads == (r.Op == wire.OpMulti)
	}
	return r.Path == wire.NullString
}

// unanswered requests end with their connection.
func (p *replay) unanswered() {
	if len(p.pending[p.step.S]) > 0 {
		require.True(p.t, p.step.Closed, "step %d: no answer", p.step.N)
		p.pending[p.step.S] = nil
	}
}

// Every frame that was exchanged with Apache ZooKeeper decodes, and encodes to the same
// bytes; what does not decode is what ZooKeeper could not read.
func TestRecordingsRoundTrip(t *testing.T) {
	answered := map[wire.OpCode]int{}
	for _, file := range recordings(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			p := replay{t: t, pending: map[string][]wire.Request{}, frames: map[string]int{}, odd: map[string]bool{}, ops: answered}
			for _, step := range readRecording(t, file) {
				p.run(step)
			}
			require.Empty(t, p.failed)
			require.Greater(t, p.frames["request"], 400)
			require.Greater(t, p.frames["reply"], 400)
			if strings.HasPrefix(filepath.Base(file), "hand") {
				require.Len(t, p.odd, len(anomalies), "each anomaly is in the script: %v", p.odd)
				require.Equal(t, 65, p.frames["malformed"])
				require.Equal(t, 10, p.frames["unknown"])
			}
			t.Log(p.frames)
		})
	}
	for _, op := range operations {
		switch op {
		case wire.OpCreateSession, wire.OpDeleteContainer, wire.OpCheck, wire.OpReconfig: // never answered with OK there
			require.Zero(t, answered[op], op)
		default:
			require.Equal(t, op.Known(), answered[op] > 0, op)
		}
	}
}

// The comparison looks: a frame that does not come back, and an answer that no malformed
// request explains, are noticed.
func TestRecordingsWouldNotice(t *testing.T) {
	p := &replay{t: t, pending: map[string][]wire.Request{}, frames: map[string]int{}, odd: map[string]bool{}, ops: map[wire.OpCode]int{}}
	p.run(recorded{N: 1, Kind: "req", S: "A", Desc: "exists, and more", Req: "0000000100000003000000012f0009", Resp: "00000001<hz+1>ffffff9b"})
	require.Equal(t, []string{"step 1 (exists, and more), request:\n  recorded 0000000100000003000000012f0009\n  encoded  0000000100000003000000012f00"}, p.failed)
	p.run(recorded{N: 2, Kind: "req", S: "A", Desc: "whoAmI, and more", Req: "000000020000006b", Resp: "00000002<hz+1>000000000000000000"})
	require.Len(t, p.failed, 2)
	require.False(t, refusedValue(&wire.Request{Op: wire.OpAddWatch, Mode: wire.AddPersistentRecursive}))
	require.False(t, refusedValue(&wire.Request{Op: wire.OpGetData, Path: "/"}))
}
