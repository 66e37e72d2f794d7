package node

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/node/prep"
	"github.com/zoobreak/zoobreak/node/quorum"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// leaderOf returns a leader on a small state, without any network: /a has one child and
// data version 2, /e is an ephemeral node of session 7.
func leaderOf(t *testing.T) *Node {
	state := tree.New()
	world := wire.WorldACL(wire.PermAll)
	for i, x := range []tree.Txn{
		{Op: wire.OpCreateSession, Session: 7, TimeoutMillis: 4000},
		{Op: wire.OpCreate, Path: "/a", ACL: world, ParentCversion: 1},
		{Op: wire.OpCreate, Path: "/a/b", ACL: world, ParentCversion: 1},
		{Op: wire.OpSetData, Path: "/a", Version: 1},
		{Op: wire.OpSetData, Path: "/a", Version: 2},
		{Op: wire.OpCreate, Path: "/e", ACL: world, Ephemeral: true, Session: 7, ParentCversion: 2},
	} {
		x.Zxid = wire.MakeZxid(1, uint32(i+1))
		state.Apply(&x)
	}
	n := New(Config{ID: 1, Ensemble: quorum.Simple(1), Tick: time.Second}, Image{Tree: state})
	n.leader = &leader{epoch: 2, active: true, changes: prep.NewView(prep.Config{}, state), accepted: map[ID]wire.Epoch{}}
	n.leader.sessions = newSessions(n)
	return n
}

// Requests that break several rules at once show which rule is asked first.
func TestOrderOfErrors(t *testing.T) {
	world := wire.WorldACL(wire.PermAll)
	nobody := []wire.ACL{{Perms: wire.PermAll, Scheme: "world", ID: "me"}}
	create := func(p wire.Path, flags int32, acl []wire.ACL) wire.Request {
		return wire.Request{Op: wire.OpCreate, Path: p, Flags: flags, ACL: acl}
	}
	for _, c := range []struct {
		name string
		req  wire.Request
		want wire.Code
	}{
		{"create: fine", create("/new", 0, world), wire.OK},
		{"create: sequential below a prefix without a name", create("/a/", wire.FlagSequential, world), wire.OK},
		{"create: flags before ACL", create("/new", 7, nobody), wire.BadArguments},
		{"create: negative flags", create("/new", -1, world), wire.BadArguments},
		{"create: relative path before ACL", create("new", 0, nil), wire.BadArguments},
		{"create: ACL before parent", create("/missing/new", 0, nobody), wire.InvalidACL},
		{"create: no ACL", create("/new", 0, nil), wire.InvalidACL},
		{"create: ACL of one user", create("/new", 0, []wire.ACL{{Perms: wire.PermAll, Scheme: "digest", ID: "me:x"}}), wire.OK},
		{"create: ACL of whoever asks, who is nobody", create("/new", 0, []wire.ACL{{Perms: wire.PermAll, Scheme: "auth"}}), wire.InvalidACL},
		{"create: a TTL where there are none", wire.Request{Op: wire.OpCreateTTL, Path: "new", Flags: wire.FlagTTL, TTLMillis: 5}, wire.Unimplemented},
		{"create: parent before path", create("/missing/../new", 0, world), wire.NoNode},
		{"create: path before existence", create("/a/.", 0, world), wire.BadArguments},
		{"create: the root", create("/", 0, world), wire.NodeExists},
		{"create: existence", create("/a", 0, world), wire.NodeExists},
		{"create: below an ephemeral node", create("/e/new", 0, world), wire.NoChildrenForEphemerals},
		{"delete: fine", wire.Request{Op: wire.OpDelete, Path: "/a/b", Version: 0}, wire.OK},
		{"delete: the root", wire.Request{Op: wire.OpDelete, Path: "/", Version: 9}, wire.BadArguments},
		{"delete: ZooKeeper's own", wire.Request{Op: wire.OpDelete, Path: "/zookeeper/quota", Version: -1}, wire.BadArguments},
		{"delete: relative", wire.Request{Op: wire.OpDelete, Path: "a", Version: -1}, wire.BadArguments},
		{"delete: existence before version", wire.Request{Op: wire.OpDelete, Path: "/missing", Version: 9}, wire.NoNode},
		{"delete: version before children", wire.Request{Op: wire.OpDelete, Path: "/a", Version: 1}, wire.BadVersion},
		{"delete: children", wire.Request{Op: wire.OpDelete, Path: "/a", Version: 2}, wire.NotEmpty},
		{"setData: fine", wire.Request{Op: wire.OpSetData, Path: "/a", Version: 2}, wire.OK},
		{"setData: any version", wire.Request{Op: wire.OpSetData, Path: "/", Version: -1}, wire.OK},
		{"setData: path before existence", wire.Request{Op: wire.OpSetData, Path: "/missing/", Version: 9}, wire.BadArguments},
		{"setData: existence before version", wire.Request{Op: wire.OpSetData, Path: "/missing", Version: 9}, wire.NoNode},
		{"setData: version", wire.Request{Op: wire.OpSetData, Path: "/a", Version: 1}, wire.BadVersion},
		{"an operation that is none", wire.Request{Op: 77}, wire.Unimplemented},
	} {
		n := leaderOf(t)
		got := n.validate(prep.Request{Request: &c.req, Session: 7})
		require.Equal(t, c.want.String(), got.Code.String(), c.name)
		require.Equal(t, c.want == wire.OK, got.Op != wire.OpError, c.name)
	}
}

// Requests are validated against everything proposed, not only against what is applied.
func TestValidatesAgainstWhatIsOutstanding(t *testing.T) {
	n := leaderOf(t)
	ask := func(req wire.Request) tree.Txn {
		req.ACL = wire.WorldACL(wire.PermAll)
		n.prepare(prep.Request{Request: &req, Session: 7}, source{client: 1})
		return n.log[len(n.log)-1]
	}
	require.Equal(t, wire.Path("/s0000000002"), ask(wire.Request{Op: wire.OpCreate, Path: "/s", Flags: wire.FlagSequential}).Path)
	require.Equal(t, wire.OpDelete, ask(wire.Request{Op: wire.OpDelete, Path: "/s0000000002", Version: 0}).Op)
	require.Equal(t, wire.Path("/s0000000003"), ask(wire.Request{Op: wire.OpCreate, Path: "/s", Flags: wire.FlagSequential}).Path, "deletions use no numbers")
	require.Equal(t, wire.NoNode, ask(wire.Request{Op: wire.OpDelete, Path: "/s0000000002", Version: -1}).Code)
	require.EqualValues(t, 3, ask(wire.Request{Op: wire.OpSetData, Path: "/a", Version: 2}).Version)
	require.Equal(t, wire.BadVersion, ask(wire.Request{Op: wire.OpSetData, Path: "/a", Version: 2}).Code)
	require.Equal(t, wire.NoChildrenForEphemerals, ask(wire.Request{Op: wire.OpCreate, Path: "/e/x"}).Code)
	ask(wire.Request{Op: wire.OpCreate, Path: "/e2", Flags: wire.FlagEphemeral})
	ask(wire.Request{Op: wire.OpDelete, Path: "/e", Version: -1})
	require.Equal(t, []wire.Path{"/e2"}, ask(wire.Request{Op: wire.OpCloseSession}).Deletes)
	require.Equal(t, wire.NoNode, n.validate(prep.Request{Request: &wire.Request{Op: wire.OpDelete, Path: "/e2", Version: -1}}).Code)
	require.Equal(t, wire.SessionExpired, ask(wire.Request{Op: wire.OpCreate, Path: "/too-late"}).Code)
}

func TestSessionCheck(t *testing.T) {
	n := leaderOf(t)
	s := n.leader.sessions
	here, there := source{client: 1}, source{learner: 2}
	write := &wire.Request{Op: wire.OpSetData}
	require.Equal(t, wire.SessionExpired, s.check(8, write, here), "nobody knows it")
	require.Equal(t, wire.OK, s.check(8, &wire.Request{Op: wire.OpCreateSession}, here), "it is about to be known")
	require.Equal(t, wire.OK, s.check(7, write, here), "the first to write owns it")
	require.Equal(t, wire.SessionMoved, s.check(7, write, there))
	require.True(t, s.attach(n, 7, 4000, there))
	require.Equal(t, wire.SessionMoved, s.check(7, write, here))
	s.close(7)
	require.Equal(t, wire.SessionExpired, s.check(7, write, there))
	require.False(t, s.attach(n, 7, 4000, there))
}

func TestSessionIDsAreUniqueAcrossServersAndTime(t *testing.T) {
	one, two := sessionIDs{server: 1}, sessionIDs{server: 2}
	seen := map[wire.SessionID]bool{}
	for _, s := range []*sessionIDs{&one, &two} {
		for range 3 {
			id := s.next(1e18)
			require.False(t, seen[id])
			require.Equal(t, s.server, ID(id>>56))
			seen[id] = true
		}
	}
	again := sessionIDs{server: 1} // a later life
	require.False(t, seen[again.next(1e18+2e6)])
}

// A calendar that was set back makes a later life of a server come to the same ids.
func TestSessionIDsOfLivingSessionsAreNotGivenOutAgain(t *testing.T) {
	const then clock.Wall = 1e18
	n := leaderOf(t)
	early := sessionIDs{server: 1} // of the life before
	for i := range 3 {
		n.tree.Apply(&tree.Txn{Op: wire.OpCreateSession, Session: early.next(then), TimeoutMillis: 4000, Zxid: wire.MakeZxid(1, uint32(20+i))})
	}
	n.now.Wall = then
	seen := map[wire.SessionID]bool{}
	for range 3 {
		id := n.freshSession()
		require.NotContains(t, n.tree.Sessions(), id)
		require.False(t, seen[id])
		seen[id] = true
	}
}
