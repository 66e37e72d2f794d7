package watch

import (
	"slices"

	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// Table is all watches of one server. A watcher is a connection: watches die with it.
type Table struct {
	data  map[wire.Path][]uint64
	child map[wire.Path][]uint64
}

// New returns a table without watches.
func New() *Table { return &Table{data: map[wire.Path][]uint64{}, child: map[wire.Path][]uint64{}} }

// Data registers a watcher for creation, deletion and data changes of a path. A watcher
// that is registered already stays registered once.
func (t *Table) Data(p wire.Path, watcher uint64) { add(t.data, p, watcher) }

// Child registers a watcher for deletion of a path and for changes of its children.
func (t *Table) Child(p wire.Path, watcher uint64) { add(t.child, p, watcher) }

func add(m map[wire.Path][]uint64, p wire.Path, w uint64) {
	if !slices.Contains(m[p], w) {
		m[p] = append(m[p], w)
	}
}

// Forget removes everything that a watcher registered.
func (t *Table) Forget(watcher uint64) {
	for _, m := range []map[wire.Path][]uint64{t.data, t.child} {
		for p, ws := range m { //tidy:order-free each path is treated alike and alone
			ws = slices.DeleteFunc(ws, func(w uint64) bool { return w == watcher })
			if m[p] = ws; len(ws) == 0 {
				delete(m, p)
			}
		}
	}
}

// Event is what one watcher is told.
type Event struct {
	Watcher uint64
	Type    wire.EventType
	Path    wire.Path
}

// Fire removes the watches that a change triggers and returns what their watchers are
// told, in ZooKeeper's order: data watches of the path, child watches of the path, child
// watches of the parent. A watcher with both kinds on a deleted path is told once.
func (t *Table) Fire(c tree.Change) []Event {
	var out []Event
	data := take(t.data, c.Path)
	for _, w := range data {
		out = append(out, Event{w, c.Type, c.Path})
	}
	if c.Type == wire.NodeDeleted {
		for _, w := range take(t.child, c.Path) {
			if !slices.Contains(data, w) {
				out = append(out, Event{w, c.Type, c.Path})
			}
		}
	}
	if c.Type != wire.NodeDataChanged {
		for _, w := range take(t.child, c.Path.Parent()) {
			out = append(out, Event{w, wire.NodeChildrenChanged, c.Path.Parent()})
		}
	}
	return out
}

func take(m map[wire.Path][]uint64, p wire.Path) []uint64 {
	ws := m[p]
	delete(m, p)
	return ws
}
