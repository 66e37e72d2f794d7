package watch

import (
	"slices"

	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// Mode is how long and how far a watch sees.
type Mode uint8

// The modes. A watcher has one in each table for a path: what is registered last counts,
// as in ZooKeeper 3.8, where a getData with a watch makes a persistent watch one that sees
// once (ZOOKEEPER-4466 and 4475 changed it later).
const (
	Once Mode = iota
	Persistent
	Recursive // persistent, and sees what happens below the path too
)

// Table is all watches of one server. A watcher is a connection: watches die with it.
type Table struct {
	data  watches
	child watches
}

// watches is one of the two tables.
type watches struct {
	on        map[wire.Path][]armed
	paths     map[uint64]map[wire.Path]struct{} // of each watcher
	recursive int                               // while there are none, nobody looks further up
}

type armed struct {
	watcher uint64
	mode    Mode
}

// New returns a table without watches.
func New() *Table { return &Table{newWatches(), newWatches()} }

func newWatches() watches {
	return watches{on: map[wire.Path][]armed{}, paths: map[uint64]map[wire.Path]struct{}{}}
}

// Data registers a watcher for creation, deletion and data changes of a path, once.
func (t *Table) Data(p wire.Path, watcher uint64) { t.data.add(p, watcher, Once) }

// Child registers a watcher for deletion of a path and for changes of its children, once.
func (t *Table) Child(p wire.Path, watcher uint64) { t.child.add(p, watcher, Once) }

// Add registers a watcher for all that happens to a path, in both tables.
func (t *Table) Add(p wire.Path, watcher uint64, m Mode) {
	t.data.add(p, watcher, m)
	t.child.add(p, watcher, m)
}

// Watches reports whether a watcher has a watch of the type. Only the two tables can be
// asked for: that is what there was before persistent watches.
func (t *Table) Watches(p wire.Path, watcher uint64, typ wire.WatcherType) bool {
	return typ != wire.WatcherData && t.child.find(p, watcher) >= 0 ||
		typ != wire.WatcherChildren && t.data.find(p, watcher) >= 0
}

// Remove removes the watches of the type, whatever their mode.
func (t *Table) Remove(p wire.Path, watcher uint64, typ wire.WatcherType) {
	if typ != wire.WatcherData {
		t.child.remove(p, watcher)
	}
	if typ != wire.WatcherChildren {
		t.data.remove(p, watcher)
	}
}

// Forget removes everything that a watcher registered.
func (t *Table) Forget(watcher uint64) {
	t.data.forget(watcher)
	t.child.forget(watcher)
}

// Counts returns how many watchers watch something, how many paths are watched, and how
// many watches there are, for those who look after a server. A path in both tables counts
// twice, as in ZooKeeper.
func (t *Table) Counts() (watchers, paths, total int) {
	watchers = len(t.data.paths)
	for w := range t.child.paths { //tidy:order-free counting
		if t.data.paths[w] == nil {
			watchers++
		}
	}
	for _, m := range []*watches{&t.data, &t.child} {
		paths += len(m.on)
		for _, ps := range m.paths { //tidy:order-free counting
			total += len(ps)
		}
	}
	return watchers, paths, total
}

// Event is what one watcher is told, if it may read what has this ACL.
type Event struct {
	Watcher uint64
	Type    wire.EventType
	Path    wire.Path
	ACL     []wire.ACL
}

// Fire removes the watches that a change triggers and returns what their watchers are
// told, in ZooKeeper's order: data watches of the path, child watches of the path, child
// watches of the parent. A watcher is told of a change of a node once.
func (t *Table) Fire(c tree.Change) []Event {
	var out []Event
	tell := func(typ wire.EventType, p wire.Path, list []wire.ACL, watchers []uint64) {
		for i, w := range watchers {
			if !slices.Contains(watchers[:i], w) {
				out = append(out, Event{w, typ, p, list})
			}
		}
	}
	told := t.data.trigger(c.Path, c.Type)
	if c.Type == wire.NodeDeleted {
		told = append(told, t.child.trigger(c.Path, c.Type)...)
	}
	tell(c.Type, c.Path, c.ACL, told)
	if c.Type != wire.NodeDataChanged {
		above := c.Path.Parent()
		tell(wire.NodeChildrenChanged, above, c.ParentACL, t.child.trigger(above, wire.NodeChildrenChanged))
	}
	return out
}

// trigger returns who sees an event of a path, and removes the watches that see once. A
// recursive watch does not see ChildrenChanged: it sees the child itself.
func (m *watches) trigger(p wire.Path, typ wire.EventType) (seen []uint64) {
	children := typ == wire.NodeChildrenChanged
	for _, a := range slices.Clone(m.on[p]) {
		if a.mode == Once {
			m.remove(p, a.watcher)
		}
		if a.mode != Recursive || !children {
			seen = append(seen, a.watcher)
		}
	}
	for above := p; m.recursive > 0 && !children && above != "/"; {
		above = above.Parent()
		for _, a := range m.on[above] {
			if a.mode == Recursive {
				seen = append(seen, a.watcher)
			}
		}
	}
	return seen
}

func (m *watches) find(p wire.Path, watcher uint64) int {
	return slices.IndexFunc(m.on[p], func(a armed) bool { return a.watcher == watcher })
}

func (m *watches) add(p wire.Path, watcher uint64, mode Mode) {
	if i := m.find(p, watcher); i >= 0 {
		m.recursive += count(mode) - count(m.on[p][i].mode)
		m.on[p][i].mode = mode
		return
	}
	m.on[p] = append(m.on[p], armed{watcher, mode})
	m.recursive += count(mode)
	if m.paths[watcher] == nil {
		m.paths[watcher] = map[wire.Path]struct{}{}
	}
	m.paths[watcher][p] = struct{}{}
}

func count(m Mode) int {
	if m == Recursive {
		return 1
	}
	return 0
}

func (m *watches) remove(p wire.Path, watcher uint64) {
	i := m.find(p, watcher)
	if i < 0 {
		return
	}
	m.recursive -= count(m.on[p][i].mode)
	if m.on[p] = slices.Delete(m.on[p], i, i+1); len(m.on[p]) == 0 {
		delete(m.on, p)
	}
	if delete(m.paths[watcher], p); len(m.paths[watcher]) == 0 {
		delete(m.paths, watcher)
	}
}

func (m *watches) forget(watcher uint64) {
	for p := range m.paths[watcher] { //tidy:order-free each path is treated alike and alone
		m.remove(p, watcher)
	}
}
