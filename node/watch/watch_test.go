package watch

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

func created(p wire.Path) tree.Change { return tree.Change{Type: wire.NodeCreated, Path: p} }
func deleted(p wire.Path) tree.Change { return tree.Change{Type: wire.NodeDeleted, Path: p} }
func changed(p wire.Path) tree.Change { return tree.Change{Type: wire.NodeDataChanged, Path: p} }

func TestWhoIsToldWhat(t *testing.T) {
	for _, c := range []struct {
		name        string
		data, child map[wire.Path][]uint64
		change      tree.Change
		want        []Event
	}{
		{
			"creation: data watches of the node, child watches of its parent",
			map[wire.Path][]uint64{"/a/b": {1}, "/a": {2}}, map[wire.Path][]uint64{"/a": {3}, "/a/b": {4}},
			created("/a/b"), []Event{{Watcher: 1, Type: wire.NodeCreated, Path: "/a/b"}, {Watcher: 3, Type: wire.NodeChildrenChanged, Path: "/a"}},
		},
		{
			"change of data: data watches of the node alone",
			map[wire.Path][]uint64{"/a/b": {1, 2}, "/a": {3}}, map[wire.Path][]uint64{"/a": {4}, "/a/b": {5}},
			changed("/a/b"), []Event{{Watcher: 1, Type: wire.NodeDataChanged, Path: "/a/b"}, {Watcher: 2, Type: wire.NodeDataChanged, Path: "/a/b"}},
		},
		{
			"deletion: data and child watches of the node, child watches of its parent",
			map[wire.Path][]uint64{"/a/b": {1}}, map[wire.Path][]uint64{"/a/b": {2}, "/a": {3}},
			deleted("/a/b"), []Event{{Watcher: 1, Type: wire.NodeDeleted, Path: "/a/b"}, {Watcher: 2, Type: wire.NodeDeleted, Path: "/a/b"}, {Watcher: 3, Type: wire.NodeChildrenChanged, Path: "/a"}},
		},
		{
			"deletion: who has both kinds is told once",
			map[wire.Path][]uint64{"/a": {1}}, map[wire.Path][]uint64{"/a": {1, 2}},
			deleted("/a"), []Event{{Watcher: 1, Type: wire.NodeDeleted, Path: "/a"}, {Watcher: 2, Type: wire.NodeDeleted, Path: "/a"}},
		},
		{
			"deletion: who watches the parent's children too is told of both",
			map[wire.Path][]uint64{"/a": {1}}, map[wire.Path][]uint64{"/": {1}},
			deleted("/a"), []Event{{Watcher: 1, Type: wire.NodeDeleted, Path: "/a"}, {Watcher: 1, Type: wire.NodeChildrenChanged, Path: "/"}},
		},
		{
			"nobody watches",
			map[wire.Path][]uint64{"/b": {1}}, map[wire.Path][]uint64{"/b": {1}},
			created("/a"), nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := New()
			for p, watchers := range c.data {
				for _, x := range watchers {
					w.Data(p, x)
				}
			}
			for p, watchers := range c.child {
				for _, x := range watchers {
					w.Child(p, x)
				}
			}
			require.Equal(t, c.want, w.Fire(c.change))
			require.Empty(t, w.Fire(c.change), "each registration is told once")
		})
	}
}

func TestRegisteringTwiceIsToldOnce(t *testing.T) {
	w := New()
	w.Data("/a", 1)
	w.Data("/a", 1)
	require.Len(t, w.Fire(created("/a")), 1)
	w.Data("/a", 1)
	require.Len(t, w.Fire(changed("/a")), 1, "and again after it was registered again")
}

func TestOtherWatchesStay(t *testing.T) {
	w := New()
	w.Data("/a", 1)
	w.Child("/a", 1)
	require.Equal(t, []Event{{Watcher: 1, Type: wire.NodeDataChanged, Path: "/a"}}, w.Fire(changed("/a")))
	require.Equal(t, []Event{{Watcher: 1, Type: wire.NodeChildrenChanged, Path: "/a"}}, w.Fire(created("/a/b")))
}

func TestForget(t *testing.T) {
	w := New()
	for _, watcher := range []uint64{1, 2} {
		w.Data("/a", watcher)
		w.Child("/", watcher)
	}
	w.Data("/only-1", 1)
	w.Forget(1)
	require.Equal(t, []Event{{Watcher: 2, Type: wire.NodeCreated, Path: "/a"}, {Watcher: 2, Type: wire.NodeChildrenChanged, Path: "/"}}, w.Fire(created("/a")))
	require.Empty(t, w.Fire(created("/only-1")))
}

// The modes of one watcher, told step by step what it sees of three changes.
func TestModes(t *testing.T) {
	below, at := changed("/a/b/c"), changed("/a")
	for _, c := range []struct {
		name string
		arm  func(*Table)
		want []int // events of: a change below, one of the path, the same again, a child made
	}{
		{"once", func(w *Table) { w.Data("/a", 1) }, []int{0, 1, 0, 0}},
		{"persistent", func(w *Table) { w.Add("/a", 1, Persistent) }, []int{0, 1, 1, 1}},
		{"recursive", func(w *Table) { w.Add("/a", 1, Recursive) }, []int{1, 1, 1, 1}},
		{"recursive, then once", func(w *Table) { w.Add("/a", 1, Recursive); w.Data("/a", 1) }, []int{0, 1, 0, 0}},
		{"once, then persistent", func(w *Table) { w.Data("/a", 1); w.Add("/a", 1, Persistent) }, []int{0, 1, 1, 1}},
		{"two recursive ones are told once", func(w *Table) { w.Add("/a", 1, Recursive); w.Add("/", 1, Recursive) }, []int{1, 1, 1, 1}},
	} {
		w := New()
		c.arm(w)
		var got []int
		for _, x := range []tree.Change{below, at, at, created("/a/new")} {
			got = append(got, len(w.Fire(x)))
		}
		require.Equal(t, c.want, got, c.name)
	}
}

func TestRemove(t *testing.T) {
	w := New()
	w.Add("/a", 1, Recursive)
	w.Data("/a", 2)
	require.True(t, w.Watches("/a", 1, wire.WatcherAny))
	require.False(t, w.Watches("/a", 2, wire.WatcherChildren))
	require.False(t, w.Watches("/b", 1, wire.WatcherAny))
	watchers, paths, total := w.Counts()
	require.Equal(t, []int{2, 2, 3}, []int{watchers, paths, total})
	w.Remove("/a", 1, wire.WatcherData)
	require.False(t, w.Watches("/a", 1, wire.WatcherData))
	require.True(t, w.Watches("/a", 1, wire.WatcherChildren))
	require.Equal(t, []Event{{Watcher: 2, Type: wire.NodeDataChanged, Path: "/a"}}, w.Fire(changed("/a")))
	require.Empty(t, w.Fire(changed("/a/below")))
}

// The ACL by which a watcher is judged is that of what the event is about.
func TestEventsCarryTheACL(t *testing.T) {
	w := New()
	w.Data("/a/b", 1)
	w.Child("/a", 1)
	own, above := wire.WorldACL(1), wire.WorldACL(2)
	events := w.Fire(tree.Change{Type: wire.NodeDeleted, Path: "/a/b", ACL: own, ParentACL: above})
	require.Equal(t, own, events[0].ACL)
	require.Equal(t, above, events[1].ACL)
}
