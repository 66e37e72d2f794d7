package watch

import (
	"maps"
	"slices"

	"github.com/zoobreak/zoobreak/wire"
)

// Watched is a path and who watches it.
type Watched struct {
	Path     wire.Path
	Watchers []uint64 // ascending
}

// List returns the watches on data and existence, by path. ZooKeeper's four-letter words
// show these alone.
func (t *Table) List() (all []Watched) {
	for _, p := range slices.Sorted(maps.Keys(t.data.on)) {
		w := Watched{Path: p}
		for _, a := range t.data.on[p] {
			w.Watchers = append(w.Watchers, a.watcher)
		}
		slices.Sort(w.Watchers)
		all = append(all, w)
	}
	return all
}
