package status

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zoobreak/zoobreak/wire"
)

// watching is who watches what, by session: a watcher is a connection, and has one.
func (r *Report) watching() map[wire.SessionID][]wire.Path {
	sessions := map[uint64]wire.SessionID{}
	for _, c := range r.Clients() {
		sessions[uint64(c.Conn)] = c.Session
	}
	paths := map[wire.SessionID][]wire.Path{}
	for _, w := range r.Watches.List() {
		for _, watcher := range w.Watchers {
			paths[sessions[watcher]] = append(paths[sessions[watcher]], w.Path)
		}
	}
	return paths
}

func (r *Report) wchs(b *strings.Builder) {
	total, by := 0, r.watching()
	for _, s := range slices.Sorted(maps.Keys(by)) {
		total += len(by[s])
	}
	fmt.Fprintf(b, "%d connections watching %d paths\nTotal watches:%d\n", len(by), len(r.Watches.List()), total)
}

func (r *Report) wchc(b *strings.Builder) {
	by := r.watching()
	for _, s := range slices.Sorted(maps.Keys(by)) {
		fmt.Fprintf(b, "0x%x\n", uint64(s))
		for _, p := range by[s] {
			fmt.Fprintf(b, "\t%s\n", p)
		}
	}
	b.WriteString("\n")
}

func (r *Report) wchp(b *strings.Builder) {
	by := r.watching()
	for _, w := range r.Watches.List() {
		fmt.Fprintf(b, "%s\n", w.Path)
		for _, s := range slices.Sorted(maps.Keys(by)) {
			if slices.Contains(by[s], w.Path) {
				fmt.Fprintf(b, "\t0x%x\n", uint64(s))
			}
		}
	}
	b.WriteString("\n")
}
