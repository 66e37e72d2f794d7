package prep

import (
	"cmp"
	"slices"
	"unicode/utf16"

	"github.com/zoobreak/zoobreak/wire"
)

// Ephemerals returns the ephemeral nodes that a session will have, in the order in which
// its end deletes them. It counts what is outstanding: a node that is created after the list
// was made, but before the close is applied, would outlive its session (ZOOKEEPER-3145).
func (v *View) Ephemerals(s wire.SessionID) []wire.Path {
	var found []owned
	for _, p := range v.tree.Ephemerals(s) {
		// The path may by then be somebody else's: deleted and created again behind us.
		if r := v.at(p); r.exists && r.ephemeral() == s {
			found = append(found, owned{p, r.made, hashOf(p)})
		}
	}
	for p, r := range v.records { //tidy:order-free sorted below
		if n := v.tree.Node(p); r.exists && r.ephemeral() == s && (n == nil || n.Owner() != s) {
			found = append(found, owned{p, r.made, hashOf(p)})
		}
	}
	slices.SortFunc(found, func(a, b owned) int { return cmp.Or(cmp.Compare(a.made, b.made), cmp.Compare(a.path, b.path)) })
	return inJavaOrder(found)
}

// owned is an ephemeral node of a session.
type owned struct {
	path wire.Path
	made wire.Zxid
	hash uint32
}

// inJavaOrder takes nodes in the order of their creation. ZooKeeper keeps them in a
// HashSet, of which it deletes a copy: the order is that of the buckets of the copy, and
// within one of them that of the buckets of the set, which has grown with its nodes. Clients
// see the order in their events.
func inJavaOrder(nodes []owned) []wire.Path {
	byBucket := func(size uint32) {
		slices.SortStableFunc(nodes, func(a, b owned) int { return cmp.Compare(a.hash&(size-1), b.hash&(size-1)) })
	}
	n := len(nodes)
	grown := uint32(16) // doubles when more than three quarters full
	for ; n > int(grown)*3/4; grown *= 2 {
	}
	byBucket(grown)
	copied := uint32(1) // made to hold n at three quarters
	for ; int(copied) < n*4/3+1; copied *= 2 {
	}
	byBucket(copied)
	var paths []wire.Path
	for i := range nodes {
		paths = append(paths, nodes[i].path)
	}
	return paths
}

// hashOf is that of a HashMap for a String.
func hashOf(p wire.Path) (h uint32) {
	for _, unit := range utf16.Encode([]rune(string(p))) {
		h = 31*h + uint32(unit)
	}
	return h ^ h>>16
}
