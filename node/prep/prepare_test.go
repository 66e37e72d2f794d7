package prep_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/node/prep"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

var open = wire.WorldACL(wire.PermAll)

// desk is a view and its tree; what is asked is outstanding until it is applied.
type desk struct {
	view *prep.View
	tree *tree.Tree
	last wire.Zxid
}

func newDesk(cfg prep.Config) *desk {
	d := &desk{tree: tree.New()}
	d.view = prep.NewView(cfg, d.tree)
	return d
}

func (d *desk) ask(req wire.Request) tree.Txn {
	if req.ACL == nil {
		req.ACL = open
	}
	d.last++
	x := d.view.Prepare(prep.Request{Request: &req, Session: 7})
	x.Zxid = d.last
	d.view.Note(&x)
	return x
}

func (d *desk) apply(x tree.Txn) {
	d.tree.Apply(&x)
	d.view.Forget(x.Zxid)
}

func create(p wire.Path, flags int32) wire.Op {
	return wire.Op{Type: wire.OpCreate, Path: p, Flags: flags, ACL: open, Version: -1}
}

func remove(p wire.Path) wire.Op { return wire.Op{Type: wire.OpDelete, Path: p, Version: -1} }

func multi(ops ...wire.Op) wire.Request { return wire.Request{Op: wire.OpMulti, Ops: ops} }

// A failed multi leaves nothing in the view: neither its nodes nor the counters of their
// parents, by which the next sequential node is numbered (Z55, ZOOKEEPER-1624).
func TestAFailedMultiLeavesNoTrace(t *testing.T) {
	d := newDesk(prep.Config{})
	x := d.ask(multi(create("/s-", wire.FlagSequential), create("/t", 0), remove("/no")))
	require.Equal(t, []wire.Code{wire.OK, wire.OK, wire.NoNode}, codes(x))
	require.Equal(t, wire.Path("/s-0000000000"), d.ask(wire.Request{Op: wire.OpCreate, Path: "/s-", Flags: wire.FlagSequential}).Path)
	require.Equal(t, wire.OpCreate, d.ask(wire.Request{Op: wire.OpCreate, Path: "/t"}).Op)
	x = d.ask(multi(remove("/t"), create("/t/below", 0)))
	require.Equal(t, []wire.Code{wire.OK, wire.NoNode}, codes(x))
	require.Equal(t, wire.NodeExists, d.ask(wire.Request{Op: wire.OpCreate, Path: "/t"}).Code, "what was outstanding before is so again")
}

func codes(x tree.Txn) (all []wire.Code) {
	for _, op := range x.Ops {
		all = append(all, op.Code)
	}
	return all
}

// Operations of a multi see those before them; those behind the first that fails were not
// looked at.
func TestAMultiIsJudgedInOrder(t *testing.T) {
	d := newDesk(prep.Config{})
	x := d.ask(multi(create("/a", 0), create("/a/b", 0), remove("/a/b"), remove("/a")))
	require.Equal(t, []wire.Code{0, 0, 0, 0}, codes(x))
	x = d.ask(multi(create("/a", 0), create("/a", 0), remove("/no")))
	require.Equal(t, []wire.Code{wire.OK, wire.NodeExists, wire.RuntimeInconsistency}, codes(x))
	require.Equal(t, wire.OpError, x.Ops[0].Op, "all or none")
	require.Equal(t, wire.MarshallingError, d.ask(multi(wire.Op{Type: wire.OpGetData, Path: "/"})).Code)
}

// The usage of a quota counts what the same multi makes, and what is outstanding (Z56,
// ZOOKEEPER-4219).
func TestQuotasSeeWhatIsOutstanding(t *testing.T) {
	d := newDesk(prep.Config{EnforceQuota: true})
	for _, p := range []wire.Path{"/a", "/zookeeper/quota/a", "/zookeeper/quota/a/zookeeper_limits", "/zookeeper/quota/a/zookeeper_stats"} {
		d.apply(d.ask(wire.Request{Op: wire.OpCreate, Path: p, Data: []byte("count=-1,bytes=-1=;byteHardLimit=4;countHardLimit=3")}))
	}
	require.Equal(t, "count=1,bytes=51", string(d.tree.Node("/zookeeper/quota/a/zookeeper_stats").Data), "what there is when it is made")
	d.apply(d.ask(wire.Request{Op: wire.OpSetData, Path: "/a", Version: -1}))
	require.Equal(t, []wire.Code{0, 0}, codes(d.ask(multi(create("/a/1", 0), wire.Op{Type: wire.OpSetData, Path: "/a/1", Data: []byte("four"), Version: -1}))))
	require.Equal(t, wire.QuotaExceeded, d.ask(wire.Request{Op: wire.OpSetData, Path: "/a", Data: []byte("x"), Version: -1}).Code)
	require.Equal(t, wire.OK, d.ask(wire.Request{Op: wire.OpCreate, Path: "/a/2"}).Code)
	require.Equal(t, wire.QuotaExceeded, d.ask(wire.Request{Op: wire.OpCreate, Path: "/a/3"}).Code)
	require.Equal(t, wire.OK, d.ask(wire.Request{Op: wire.OpDelete, Path: "/a/2", Version: -1}).Code)
	require.Equal(t, wire.OK, d.ask(wire.Request{Op: wire.OpCreate, Path: "/a/3"}).Code)
}

// The number of a sequential node is an int32 that goes on below zero.
func TestSequenceNumbersOverflow(t *testing.T) {
	d := newDesk(prep.Config{})
	d.apply(d.ask(wire.Request{Op: wire.OpCreate, Path: "/q"}))
	d.last++
	d.apply(tree.Txn{Zxid: d.last, Op: wire.OpCreate, Path: "/q/x", ACL: open, ParentCversion: math.MaxInt32})
	next := func() wire.Path {
		return d.ask(wire.Request{Op: wire.OpCreate, Path: "/q/n", Flags: wire.FlagSequential}).Path
	}
	require.Equal(t, wire.Path("/q/n2147483647"), next())
	require.Equal(t, wire.Path("/q/n-2147483648"), next())
	d.apply(tree.Txn{Zxid: d.last + 1, Op: wire.OpCreate, Path: "/q/y", ACL: open, ParentCversion: math.MinInt32})
	require.EqualValues(t, math.MinInt32, d.tree.Node("/q").Cversion(), "in the tree as well")
}

// A client may not ask for what the server asks of itself.
func TestReconfigAndContainers(t *testing.T) {
	for _, c := range []struct {
		cfg  prep.Config
		want wire.Code
	}{
		{prep.Config{}, wire.ReconfigDisabled},
		{prep.Config{Reconfig: true, Standalone: true}, wire.Unimplemented},
		{prep.Config{Reconfig: true}, wire.NoAuth},
	} {
		require.Equal(t, c.want, newDesk(c.cfg).ask(wire.Request{Op: wire.OpReconfig, Reconfig: &wire.Reconfig{Config: -1}}).Code)
	}
	d := newDesk(prep.Config{})
	d.ask(wire.Request{Op: wire.OpCreateContainer, Path: "/c", Flags: wire.FlagContainer})
	require.Equal(t, wire.BadArguments, d.ask(wire.Request{Op: wire.OpDeleteContainer, Path: "/c"}).Code)
	x := d.view.Prepare(prep.Request{Request: &wire.Request{Op: wire.OpDeleteContainer, Path: "/c"}})
	require.Equal(t, wire.OpDeleteContainer, x.Op)
}
