package prep_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/checkers/model"
	"github.com/zoobreak/zoobreak/node/acl"
	"github.com/zoobreak/zoobreak/node/prep"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// The view and the tree together answer as the reference model does, which shares no code
// with them: every code, path and Stat, every change and its order, and in the end every
// node. Requests are judged while others are outstanding, up to a few at a time.
func TestPrepAndTreeAreTheModel(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t, seen)
		t.Repeat(map[string]func(*rapid.T){
			"": m.compare, "requests": m.requests, "more requests": m.requests, "open": m.open, "close": m.close, "quota": m.quota, "reap": m.reap,
			"apply": func(t *rapid.T) { m.catchUp(t, rapid.IntRange(0, 3).Draw(t, "left")) }, "reload": m.reload,
		})
		m.catchUp(t, 0)
		m.compare(t)
	})
	if testing.Short() {
		return // the few runs that are made then may miss what is rare
	}
	for _, what := range []string{
		"create ok", "createTTL ok", "createContainer ok", "delete ok", "setData ok", "setACL ok", "check ok", "multi ok", "multi failed",
		"deleteContainer ok", "node exists", "no permission", "quota exceeded", "not empty", "judged with others outstanding",
	} {
		require.Positive(t, seen[what], "%s never happened; there were %v", what, seen)
	}
}

// machine is both, and what is outstanding between the view and the tree.
type machine struct {
	tree    *tree.Tree
	view    *prep.View
	cfg     prep.Config
	model   *model.State
	last    wire.Zxid
	millis  int64
	waiting []proposal
	seen    map[string]int
}

// proposal is a transaction that is not applied, and what the model says of it.
type proposal struct {
	txn     tree.Txn
	req     wire.Request
	answer  model.Answer
	changes []model.Change
}

const super = "super:D/InIHSb7yEEbrWz8b9l71RjZJU=" // of the password test

func newMachine(t *rapid.T, seen map[string]int) *machine {
	cfg := prep.Config{
		ACL:           acl.Policy{SuperDigest: super, Skip: rapid.IntRange(0, 9).Draw(t, "skipACL") == 0},
		ExtendedTypes: rapid.IntRange(0, 3).Draw(t, "extended") > 0, EnforceQuota: rapid.Bool().Draw(t, "enforceQuota"),
	}
	m := &machine{tree: tree.New(), cfg: cfg, millis: 1000, seen: seen, model: model.New(model.Config{
		ExtendedTypes: cfg.ExtendedTypes, EnforceQuota: cfg.EnforceQuota, SkipACL: cfg.ACL.Skip, SuperDigest: super,
	})}
	m.view = prep.NewView(cfg, m.tree)
	for _, p := range []wire.Path{"/a", "/a/b", "/zookeeper/quota/a"} {
		m.ask(t, wire.Request{Op: wire.OpCreate, Path: p, ACL: wire.WorldACL(wire.PermAll)}, 1, users[3])
	}
	m.ask(t, wire.Request{Op: wire.OpCreate, Path: "/e", ACL: []wire.ACL{{Perms: wire.PermAll, Scheme: "digest", ID: acl.Digest("alice:a")}}}, 1, users[3])
	for _, name := range []wire.Path{"/zookeeper_limits", "/zookeeper_stats"} {
		limits := []byte("count=-1,bytes=-1=;byteHardLimit=8;countHardLimit=4")
		m.ask(t, wire.Request{Op: wire.OpCreate, Path: "/zookeeper/quota/a" + name, Data: limits, ACL: wire.WorldACL(wire.PermAll)}, 1, users[3])
	}
	return m
}

var users = [][]acl.Identity{
	{acl.FromAddress("10.0.0.1")},
	{acl.FromAddress("10.0.0.1"), {Scheme: "digest", ID: acl.Digest("alice:a")}},
	{acl.FromAddress("10.0.0.2"), {Scheme: "digest", ID: acl.Digest("bob:b")}, {Scheme: "digest", ID: acl.Digest("alice:a")}},
	{acl.FromAddress("10.0.0.3"), {Scheme: "super", ID: ""}, {Scheme: "digest", ID: super}},
}

// ask has a request judged by both.
func (m *machine) ask(t *rapid.T, req wire.Request, session wire.SessionID, who []acl.Identity) {
	m.last++
	m.millis += int64(rapid.IntRange(0, 3).Draw(t, "millis"))
	txn := m.view.Prepare(prep.Request{Request: &req, Session: session, Who: who})
	if req.Op == wire.OpCreateSession {
		txn = tree.Txn{Op: req.Op, Session: session, TimeoutMillis: req.TimeoutMillis}
	}
	txn.Zxid, txn.Millis = m.last, m.millis
	if len(m.waiting) > 0 {
		m.seen["judged with others outstanding"]++
	}
	m.view.Note(&txn)
	w := model.Write{Zxid: m.last, Millis: m.millis, Session: session, Request: req}
	for _, id := range who {
		w.Who = append(w.Who, model.Identity{Scheme: id.Scheme, ID: id.ID})
	}
	if req.Op == wire.OpCloseSession {
		w.Order = []string{}
		for _, p := range txn.Deletes {
			w.Order = append(w.Order, string(p)) // the model insists that these are all
		}
	}
	answer, changes := m.model.Write(w)
	m.waiting = append(m.waiting, proposal{txn, req, answer, changes})
	m.count(req.Op, answer)
}

func (m *machine) count(op wire.OpCode, a model.Answer) {
	code := a.Err.String()
	for _, r := range a.Results {
		if r.Err != wire.OK {
			code = "failed"
		}
	}
	m.seen[op.String()+" "+code]++
	m.seen[code]++
}

// catchUp applies what is outstanding but for a few, and compares what came of it.
func (m *machine) catchUp(t *rapid.T, left int) {
	for len(m.waiting) > left {
		p := m.waiting[0]
		m.waiting = m.waiting[1:]
		var e wire.Encoder
		p.txn.Encode(&e) // as it comes to another server
		txn := tree.DecodeTxn(wire.NewDecoder(e.Buf))
		done := m.tree.Apply(&txn)
		m.view.Forget(txn.Zxid)
		m.compareAnswer(t, p, done)
		require.Len(t, done.Changes, len(p.changes), "%+v", p.req)
		for i, c := range done.Changes {
			require.Equal(t, p.changes[i].Type, c.Type)
			require.Equal(t, p.changes[i].Path, string(c.Path))
		}
	}
}

func (m *machine) compareAnswer(t *rapid.T, p proposal, done tree.Result) {
	if p.txn.Op == wire.OpError {
		require.Equal(t, p.answer.Err.String(), p.txn.Code.String(), "%+v", p.req)
		return
	}
	require.Equal(t, wire.OK, p.answer.Err, "%+v", p.req)
	if p.txn.Op != wire.OpMulti {
		m.compareResult(t, wire.Result{Type: p.req.Op, Path: p.answer.Path, Stat: p.answer.Stat}, p.txn.Path, m.statOf(p.txn.Path))
		return
	}
	require.Len(t, p.txn.Ops, len(p.answer.Results))
	for i, r := range p.answer.Results {
		op := &p.txn.Ops[i]
		require.Equal(t, r.Err.String(), op.Code.String(), "operation %d of %+v", i, p.req)
		if r.Type != wire.OpError {
			m.compareResult(t, r, op.Path, done.Stats[i])
		}
	}
}

func (m *machine) statOf(p wire.Path) (s wire.Stat) {
	if n := m.tree.Node(p); n != nil {
		s = n.Stat()
	}
	return s
}

func (m *machine) compareResult(t *rapid.T, want wire.Result, path wire.Path, stat wire.Stat) {
	switch want.Type {
	case wire.OpCreate:
		require.Equal(t, want.Path, path)
	case wire.OpCreate2, wire.OpCreateTTL, wire.OpCreateContainer:
		require.Equal(t, want.Path, path)
		require.Equal(t, want.Stat, stat)
	case wire.OpSetData, wire.OpSetACL:
		require.Equal(t, want.Stat, stat)
	}
}

// compare looks at all nodes, by way of the model's reads, while nothing is outstanding.
func (m *machine) compare(t *rapid.T) {
	if len(m.waiting) > 0 {
		return
	}
	reads := model.NewServer(m.model)
	all := reads.Connect(1, 0, "10.0.0.3")
	reads.Read(all, wire.Request{Op: wire.OpAuth, Scheme: "digest", Data: []byte("super:test")})
	paths := m.model.Paths()
	require.Equal(t, len(paths), m.tree.Len())
	bytes := 0
	for _, p := range paths {
		n := m.tree.Node(wire.Path(p))
		require.NotNil(t, n, p)
		data, _ := reads.Read(all, wire.Request{Op: wire.OpGetData, Path: wire.Path(p)})
		require.Equal(t, data.Data, n.Data, p)
		require.Equal(t, data.Stat, n.Stat(), p)
		list, _ := reads.Read(all, wire.Request{Op: wire.OpGetACL, Path: wire.Path(p)})
		require.Equal(t, list.ACL, m.tree.ACL(n), p)
		children, _ := reads.Read(all, wire.Request{Op: wire.OpGetChildren, Path: wire.Path(p)})
		require.Equal(t, children.Children, n.Children(), p)
		below, _ := reads.Read(all, wire.Request{Op: wire.OpGetAllChildrenNumber, Path: wire.Path(p)})
		require.EqualValues(t, below.Count, n.Descendants(), p)
		bytes += len(n.Data)
	}
	require.Equal(t, bytes, m.tree.Bytes())
	require.Equal(t, m.model.Due(m.millis), textOf(m.tree.Due(m.millis)))
}

func textOf(paths []wire.Path) (out []string) {
	for _, p := range paths {
		out = append(out, string(p))
	}
	return out
}

// reload goes on from a snapshot, as a server does that restarts.
func (m *machine) reload(t *rapid.T) {
	m.catchUp(t, 0)
	loaded, err := tree.Load(m.tree.Snapshot())
	require.NoError(t, err)
	require.Equal(t, m.tree.Digest(), loaded.Digest())
	m.tree = loaded
	m.view = prep.NewView(m.cfg, loaded)
}

func (m *machine) open(t *rapid.T) {
	m.ask(t, wire.Request{Op: wire.OpCreateSession, TimeoutMillis: int32(rapid.IntRange(1, 9).Draw(t, "timeout"))}, m.session(t), nil)
}

func (m *machine) session(t *rapid.T) wire.SessionID {
	return wire.SessionID(rapid.IntRange(1, 3).Draw(t, "session"))
}

func (m *machine) close(t *rapid.T) {
	m.ask(t, wire.Request{Op: wire.OpCloseSession}, m.session(t), nil)
}

// reap asks as the server asks itself.
func (m *machine) reap(t *rapid.T) {
	m.millis += int64(rapid.IntRange(0, 5).Draw(t, "later"))
	for _, p := range m.tree.Due(m.millis) {
		m.ask(t, wire.Request{Op: wire.OpDeleteContainer, Path: p}, 0, nil)
	}
}

// requests asks for several things, mostly one by one.
func (m *machine) requests(t *rapid.T) {
	for range rapid.IntRange(1, 20).Draw(t, "requests") {
		if rapid.IntRange(0, 4).Draw(t, "in one") == 0 {
			m.multi(t)
		} else {
			m.one(t)
		}
	}
}

func (m *machine) one(t *rapid.T) {
	op := drawOp(t, []wire.OpCode{
		wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL, wire.OpDelete, wire.OpSetData, wire.OpCheck, wire.OpSetACL,
		wire.OpDeleteContainer,
	})
	req := op.Request(1)
	req.Op = op.Type // alone, an operation is what it says
	m.ask(t, req, m.session(t), rapid.SampledFrom(users).Draw(t, "who"))
}

func (m *machine) multi(t *rapid.T) {
	req := wire.Request{Op: wire.OpMulti}
	for range rapid.IntRange(0, 5).Draw(t, "ops") {
		req.Ops = append(req.Ops, drawOp(t, []wire.OpCode{
			wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL, wire.OpDelete, wire.OpSetData, wire.OpCheck,
		}))
	}
	m.ask(t, req, m.session(t), rapid.SampledFrom(users).Draw(t, "who"))
}

// quota makes or changes a quota, one node at a time, as an administrator does.
func (m *machine) quota(t *rapid.T) {
	base := wire.Path("/zookeeper/quota" + rapid.SampledFrom([]string{"/a", "/a/b"}).Draw(t, "of"))
	limits := []byte(rapid.SampledFrom([]string{
		"count=1,bytes=1", "count=-1,bytes=-1=;byteHardLimit=6;countHardLimit=3", "count=9,bytes=-1=;byteHardLimit=-1;countHardLimit=2", "nonsense",
	}).Draw(t, "limits"))
	open := wire.WorldACL(wire.PermAll)
	req := rapid.SampledFrom([]wire.Request{
		{Op: wire.OpCreate, Path: "/zookeeper/quota/a", ACL: open},
		{Op: wire.OpCreate, Path: base, ACL: open},
		{Op: wire.OpCreate, Path: base + "/zookeeper_limits", Data: limits, ACL: open},
		{Op: wire.OpCreate, Path: base + "/zookeeper_stats", Data: []byte("count=0,bytes=0"), ACL: open},
		{Op: wire.OpSetData, Path: base + "/zookeeper_limits", Data: limits, Version: -1},
		{Op: wire.OpDelete, Path: base + "/zookeeper_limits", Version: -1},
		{Op: wire.OpDelete, Path: base + "/zookeeper_stats", Version: -1},
	}).Draw(t, "quota")
	m.ask(t, req, 1, users[3])
}

var paths = []wire.Path{
	"/a", "/a/b", "/a/b/c", "/a/d", "/e", "/", "/a/", "a", "", "/a/b/../c", "/no/where", "/zookeeper/config", "/a\x00", wire.NullString, "/a/b/zookeeper_stats",
}

func drawOp(t *rapid.T, types []wire.OpCode) (o wire.Op) {
	o.Type = rapid.SampledFrom(types).Draw(t, "type")
	if o.Path = paths[rapid.IntRange(0, 4).Draw(t, "path")]; rapid.IntRange(0, 5).Draw(t, "odd") == 0 {
		o.Path = rapid.SampledFrom(paths).Draw(t, "odd path")
	}
	o.Version = int32(rapid.IntRange(-1, 2).Draw(t, "version"))
	o.Data = []byte(rapid.StringMatching("[xy]{0,4}").Draw(t, "data"))
	if rapid.IntRange(0, 5).Draw(t, "null") == 0 {
		o.Data = nil
	}
	o.ACL = drawACL(t)
	if o.Flags = int32(rapid.IntRange(0, 3).Draw(t, "flags")); rapid.IntRange(0, 7).Draw(t, "odd flags") == 0 {
		o.Flags = int32(rapid.IntRange(-1, 8).Draw(t, "any flags"))
	}
	if o.Type == wire.OpCreateTTL {
		o.Flags = rapid.SampledFrom([]int32{wire.FlagTTL, wire.FlagTTLSequential, wire.FlagTTL, 0}).Draw(t, "ttl flags")
		o.TTLMillis = rapid.SampledFrom([]int64{1, 3, 5, 0, wire.MaxTTLMillis + 1}).Draw(t, "ttl")
	}
	if o.Type == wire.OpCreateContainer && rapid.Bool().Draw(t, "container flag") {
		o.Flags = wire.FlagContainer
	}
	return o
}

func drawACL(t *rapid.T) []wire.ACL {
	if rapid.IntRange(0, 3).Draw(t, "open") > 0 {
		return wire.WorldACL(wire.PermAll)
	}
	entries := []wire.ACL{
		{Perms: wire.PermAll, Scheme: "world", ID: "anyone"}, {Perms: wire.PermRead, Scheme: "world", ID: "anyone"},
		{Perms: wire.PermAll, Scheme: "auth", ID: ""}, {Perms: wire.PermAll, Scheme: "digest", ID: acl.Digest("alice:a")},
		{Perms: wire.PermWrite | wire.PermCreate, Scheme: "digest", ID: acl.Digest("bob:b")}, {Perms: wire.PermAll, Scheme: "ip", ID: "10.0.0.0/30"},
		{Perms: wire.PermDelete, Scheme: "ip", ID: "10.0.0.2"}, {Perms: 1, Scheme: "ip", ID: "10.0.0.0/99"}, {Perms: 1, Scheme: "digest", ID: "x"},
		{Perms: 1, Scheme: "none", ID: "x"},
	}
	list := rapid.SliceOfN(rapid.SampledFrom(entries), 0, 3).Draw(t, "acl")
	return slices.Clone(list)
}

func (p proposal) String() string { return fmt.Sprintf("%v %+v", p.txn.Zxid, p.req) }
