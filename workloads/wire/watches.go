package wire

import (
	"maps"
	"slices"

	"github.com/zoobreak/zoobreak/wire"
)

// watches are those that a session believes it has, to arm them at another server.
type watches struct{ data, exist, child, persistent, recursive map[string]bool }

func newWatches() watches {
	return watches{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
}

// request returns the one that arms them all, if there are any. Without persistent ones it
// is the older of the two requests for it.
func (w *watches) request(seen wire.Zxid) (r wire.Request, any bool) {
	list := func(m map[string]bool) []string { return slices.Sorted(maps.Keys(m)) }
	r = wire.Request{
		Xid: wire.XidSetWatches, Op: wire.OpSetWatches, RelativeZxid: seen,
		DataWatches: list(w.data), ExistWatches: list(w.exist), ChildWatches: list(w.child),
		PersistentWatches: list(w.persistent), RecursiveWatches: list(w.recursive),
	}
	lasting := len(w.persistent) + len(w.recursive)
	if lasting > 0 {
		r.Op = wire.OpSetWatches2
	}
	return r, lasting+len(w.data)+len(w.exist)+len(w.child) > 0
}

// answered takes in what a request has left.
func (w *watches) answered(r *wire.Request, code wire.Code) {
	p := string(r.Path)
	switch {
	case r.Op == wire.OpExists && r.Watch && code == wire.NoNode:
		w.exist[p] = true
	case code != wire.OK:
	case r.Watch && (r.Op == wire.OpGetData || r.Op == wire.OpExists):
		w.data[p] = true
	case r.Watch && (r.Op == wire.OpGetChildren || r.Op == wire.OpGetChildren2):
		w.child[p] = true
	case r.Op == wire.OpAddWatch && r.Mode == wire.AddPersistent:
		w.persistent[p] = true
	case r.Op == wire.OpAddWatch:
		w.recursive[p] = true
	case r.Op == wire.OpRemoveWatches:
		w.removed(p, r.WatcherType)
	}
}

func (w *watches) removed(p string, t wire.WatcherType) {
	if t != wire.WatcherData {
		delete(w.child, p)
	}
	if t != wire.WatcherChildren {
		delete(w.data, p)
		delete(w.exist, p)
	}
	delete(w.persistent, p)
	delete(w.recursive, p)
}

// told takes in an event: what sees once has seen.
func (w *watches) told(ev wire.Notification) {
	p := string(ev.Path)
	if ev.Type != wire.NodeChildrenChanged {
		delete(w.data, p)
		delete(w.exist, p)
	}
	if ev.Type == wire.NodeChildrenChanged || ev.Type == wire.NodeDeleted {
		delete(w.child, p)
	}
}
