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
			created("/a/b"), []Event{{1, wire.NodeCreated, "/a/b"}, {3, wire.NodeChildrenChanged, "/a"}},
		},
		{
			"change of data: data watches of the node alone",
			map[wire.Path][]uint64{"/a/b": {1, 2}, "/a": {3}}, map[wire.Path][]uint64{"/a": {4}, "/a/b": {5}},
			changed("/a/b"), []Event{{1, wire.NodeDataChanged, "/a/b"}, {2, wire.NodeDataChanged, "/a/b"}},
		},
		{
			"deletion: data and child watches of the node, child watches of its parent",
			map[wire.Path][]uint64{"/a/b": {1}}, map[wire.Path][]uint64{"/a/b": {2}, "/a": {3}},
			deleted("/a/b"), []Event{{1, wire.NodeDeleted, "/a/b"}, {2, wire.NodeDeleted, "/a/b"}, {3, wire.NodeChildrenChanged, "/a"}},
		},
		{
			"deletion: who has both kinds is told once",
			map[wire.Path][]uint64{"/a": {1}}, map[wire.Path][]uint64{"/a": {1, 2}},
			deleted("/a"), []Event{{1, wire.NodeDeleted, "/a"}, {2, wire.NodeDeleted, "/a"}},
		},
		{
			"deletion: who watches the parent's children too is told of both",
			map[wire.Path][]uint64{"/a": {1}}, map[wire.Path][]uint64{"/": {1}},
			deleted("/a"), []Event{{1, wire.NodeDeleted, "/a"}, {1, wire.NodeChildrenChanged, "/"}},
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
	require.Equal(t, []Event{{1, wire.NodeDataChanged, "/a"}}, w.Fire(changed("/a")))
	require.Equal(t, []Event{{1, wire.NodeChildrenChanged, "/a"}}, w.Fire(created("/a/b")))
}

func TestForget(t *testing.T) {
	w := New()
	for _, watcher := range []uint64{1, 2} {
		w.Data("/a", watcher)
		w.Child("/", watcher)
	}
	w.Data("/only-1", 1)
	w.Forget(1)
	require.Equal(t, []Event{{2, wire.NodeCreated, "/a"}, {2, wire.NodeChildrenChanged, "/"}}, w.Fire(created("/a")))
	require.Empty(t, w.Fire(created("/only-1")))
}
