package tree

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/wire"
)

// machine applies random transactions to a tree and to the model.
type machine struct {
	tree  *Tree
	model *model
	seen  map[string]uint64 // digests of the states so far
	from  map[uint64]string
}

func (m *machine) apply(t *rapid.T, x Txn) {
	x.Zxid = m.model.last + 1
	if rapid.IntRange(0, 9).Draw(t, "epoch") == 0 {
		x.Zxid = wire.MakeZxid(m.model.last.Epoch()+1, 1)
	}
	x.Millis = int64(rapid.IntRange(0, 5).Draw(t, "millis")) // calendars step back
	want := m.changes(&x)
	got := m.tree.Apply(&x).Changes
	require.Len(t, got, len(want))
	for i := range got {
		require.Equal(t, want[i], Change{Type: got[i].Type, Path: got[i].Path, Ephemeral: got[i].Ephemeral})
	}
	m.model.apply(&x)
}

// changes is what the transaction is about to do.
func (m *machine) changes(x *Txn) []Change {
	owner := func() wire.SessionID { return m.model.nodes[string(x.Path)].owner }
	switch {
	case x.Op == wire.OpCreate && x.Ephemeral:
		return []Change{{Type: wire.NodeCreated, Path: x.Path, Ephemeral: x.Session}}
	case x.Op == wire.OpCreate:
		return []Change{{Type: wire.NodeCreated, Path: x.Path, Ephemeral: 0}}
	case x.Op == wire.OpDelete:
		return []Change{{Type: wire.NodeDeleted, Path: x.Path, Ephemeral: owner()}}
	case x.Op == wire.OpSetData:
		return []Change{{Type: wire.NodeDataChanged, Path: x.Path, Ephemeral: owner()}}
	}
	var all []Change
	for _, p := range x.Deletes {
		all = append(all, Change{Type: wire.NodeDeleted, Path: p, Ephemeral: x.Session})
	}
	return all
}

// path draws a node that is ok, or "" if none is.
func (m *machine) path(t *rapid.T, ok func(p string) bool) string {
	paths := slices.DeleteFunc(m.model.paths(), func(p string) bool { return !ok(p) })
	if len(paths) == 0 {
		return ""
	}
	return rapid.SampledFrom(paths).Draw(t, "path")
}

func (m *machine) session(t *rapid.T) wire.SessionID {
	return wire.SessionID(rapid.IntRange(1, 3).Draw(t, "session"))
}

func (m *machine) Create(t *rapid.T) {
	parent := m.path(t, func(p string) bool { return m.model.nodes[p].owner == 0 && len(p) < 8 })
	p := parent + "/" + rapid.StringMatching("[ab-]").Draw(t, "name")
	if parent == "/" {
		p = p[1:]
	}
	x := Txn{Op: wire.OpCreate, Path: wire.Path(p), ACL: wire.WorldACL(wire.PermAll), ParentCversion: m.model.nodes[parent].created + 1}
	x.Data = []byte(rapid.StringMatching("[xy]{0,9}").Draw(t, "data"))
	if x.Session = m.session(t); m.model.nodes[p] != nil {
		return
	}
	_, open := m.model.sessions[x.Session]
	x.Ephemeral = open && rapid.Bool().Draw(t, "ephemeral")
	m.apply(t, x)
}

func (m *machine) Delete(t *rapid.T) {
	p := m.path(t, func(p string) bool { return m.model.nodes[p].czxid > 0 && len(m.model.children(p)) == 0 })
	if p != "" {
		m.apply(t, Txn{Op: wire.OpDelete, Path: wire.Path(p)})
	}
}

func (m *machine) SetData(t *rapid.T) {
	p := m.path(t, func(string) bool { return true })
	m.apply(t, Txn{Op: wire.OpSetData, Path: wire.Path(p), Data: []byte(rapid.StringMatching("[xy]{0,9}").Draw(t, "data")), Version: m.model.nodes[p].version + 1})
}

func (m *machine) OpenSession(t *rapid.T) {
	s := m.session(t)
	if _, open := m.model.sessions[s]; !open {
		m.apply(t, Txn{Op: wire.OpCreateSession, Session: s, TimeoutMillis: int32(rapid.IntRange(1, 3).Draw(t, "timeout"))})
	}
}

func (m *machine) CloseSession(t *rapid.T) {
	s := m.session(t)
	m.apply(t, Txn{Op: wire.OpCloseSession, Session: s, Deletes: m.model.ephemerals(s)})
}

func (m *machine) Refuse(t *rapid.T) { m.apply(t, Txn{Op: wire.OpError, Code: wire.NoNode}) }

// SaveAndLoad goes on with a tree that went through its snapshot.
func (m *machine) SaveAndLoad(t *rapid.T) {
	b := m.tree.Snapshot()
	loaded, err := Load(b)
	require.NoError(t, err)
	require.Equal(t, m.tree.Digest(), loaded.Digest())
	require.Equal(t, b, loaded.Snapshot())
	m.tree = loaded
}

func (m *machine) Check(t *rapid.T) {
	require.Equal(t, m.model.last, m.tree.Last())
	require.Nil(t, m.tree.Node("/no/such/node"))
	for _, p := range m.model.paths() {
		n := m.tree.Node(wire.Path(p))
		require.NotNil(t, n, p)
		require.Equal(t, m.model.stat(p), n.Stat(), p)
		require.Equal(t, m.model.nodes[p].data, n.Data, p)
		require.ElementsMatch(t, m.model.children(p), n.Children(), p)
		require.Equal(t, m.model.nodes[p].created, n.Cversion(), "%s: deletions use no sequence numbers", p)
	}
	m.checkSessions(t)
	m.checkDigest(t)
}

func (m *machine) checkSessions(t *rapid.T) {
	require.Len(t, m.tree.Sessions(), len(m.model.sessions))
	for s := wire.SessionID(1); s <= 3; s++ {
		want, open := m.model.sessions[s]
		got, found := m.tree.SessionTimeout(s)
		require.Equal(t, open, found)
		require.Equal(t, want, got)
		require.Equal(t, m.model.ephemerals(s), m.tree.Ephemerals(s))
	}
}

// checkDigest compares with every state seen so far in this run.
func (m *machine) checkDigest(t *rapid.T) {
	state, digest := m.model.String(), m.tree.Digest()
	if before, ok := m.seen[state]; ok {
		require.Equal(t, before, digest, "equal states have equal digests")
	}
	if before, ok := m.from[digest]; ok {
		require.Equal(t, before, state, "different states have different digests")
	}
	m.seen[state], m.from[digest] = digest, state
}

func TestTreeIsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{New(), newModel(), map[string]uint64{}, map[uint64]string{}}
		t.Repeat(map[string]func(*rapid.T){
			"": m.Check, "create": m.Create, "delete": m.Delete, "setData": m.SetData, "openSession": m.OpenSession,
			"closeSession": m.CloseSession, "refuse": m.Refuse, "saveAndLoad": m.SaveAndLoad,
		})
	})
}

// Two short histories that differ in one choice, or in none.
func TestDigestsAreEqualIffStatesAre(t *testing.T) {
	equal, different := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		choices := rapid.SliceOfN(rapid.IntRange(0, 1), 8, 8).Draw(t, "choices")
		state, digest := tinyHistory(choices)
		if i := rapid.IntRange(0, 11).Draw(t, "changed"); i < len(choices) {
			choices[i] ^= 1
		}
		otherState, otherDigest := tinyHistory(choices)
		require.Equal(t, state == otherState, digest == otherDigest)
		if state == otherState {
			equal++
		} else {
			different++
		}
	})
	require.Positive(t, equal)
	require.Positive(t, different)
}

// tinyHistory opens a session and creates a node, with two choices for each field.
func tinyHistory(c []int) (state string, digest uint64) {
	session := Txn{Zxid: 1, Op: wire.OpCreateSession, Session: wire.SessionID(5 + c[0]), TimeoutMillis: int32(1 + c[1])}
	create := Txn{
		Zxid: wire.Zxid(2 + c[2]), Op: wire.OpCreate, Path: []wire.Path{"/a", "/b"}[c[3]], Data: []byte{byte(c[4])},
		Millis: int64(c[5]), Session: session.Session, Ephemeral: c[6] == 1, ParentCversion: int32(1 + c[7]),
	}
	tr, mo := New(), newModel()
	for _, x := range []Txn{session, create} {
		tr.Apply(&x)
		mo.apply(&x)
	}
	mo.nodes["/"].created = create.ParentCversion
	return mo.String(), tr.Digest()
}

// A transaction that does not fit is a bug of whoever prepared it.
func TestApplyPanicsOnWhatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		sentence string
		x        Txn
	}{
		{"invariant violated: transactions are applied in order: 0x3 after 0x3", Txn{Zxid: 3, Op: wire.OpError}},
		{"invariant violated: create /no/a: the parent exists", Txn{Zxid: 4, Op: wire.OpCreate, Path: "/no/a"}},
		{"invariant violated: create /a: the node does not exist", Txn{Zxid: 4, Op: wire.OpCreate, Path: "/a"}},
		{"invariant violated: delete /no: the node exists", Txn{Zxid: 4, Op: wire.OpDelete, Path: "/no"}},
		{"invariant violated: delete /a: the node has no children", Txn{Zxid: 4, Op: wire.OpDelete, Path: "/a"}},
		{"invariant violated: setData /no: the node exists", Txn{Zxid: 4, Op: wire.OpSetData, Path: "/no"}},
		{"invariant violated: closing session 0x7 leaves no ephemeral node, but [/a/b]", Txn{Zxid: 4, Op: wire.OpCloseSession, Session: 7}},
	} {
		tr := New()
		tr.Apply(&Txn{Zxid: 1, Op: wire.OpCreate, Path: "/a", ParentCversion: 1})
		tr.Apply(&Txn{Zxid: 2, Op: wire.OpCreateSession, Session: 7})
		tr.Apply(&Txn{Zxid: 3, Op: wire.OpCreate, Path: "/a/b", ParentCversion: 1, Session: 7, Ephemeral: true})
		require.PanicsWithValue(t, violation(c.sentence), func() { tr.Apply(&c.x) }, c.sentence)
	}
}

func violation(s string) invariant.Violation {
	return invariant.Violation{Sentence: s[len("invariant violated: "):]}
}
