package tree

import (
	"slices"

	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/wire"
)

// aclID names a list in the table of lists: nodes have few different ones.
type aclID uint32

// acls is the table. A list is there as long as a node has it.
type acls struct {
	lists []sharedACL      // by aclID
	ids   map[string]aclID // by encoding
	free  []aclID
	last  aclID // the list asked for last, which is mostly the next one too
}

type sharedACL struct {
	list  []wire.ACL
	key   string
	hash  uint64
	nodes int
}

// take counts one more node with a list.
func (t *acls) take(list []wire.ACL) aclID {
	if int(t.last) < len(t.lists) && t.lists[t.last].nodes > 0 && slices.Equal(t.lists[t.last].list, list) {
		t.lists[t.last].nodes++
		return t.last
	}
	var e wire.Encoder
	e.ACLs(list)
	id, known := t.ids[string(e.Buf)]
	if !known {
		id = t.insert(sharedACL{list: slices.Clone(list), key: string(e.Buf), hash: rng.HashBytes(e.Buf)})
	}
	t.lists[id].nodes++
	t.last = id
	return id
}

func (t *acls) insert(x sharedACL) (id aclID) {
	if t.ids == nil {
		t.ids = map[string]aclID{}
	}
	if n := len(t.free); n > 0 {
		id, t.free = t.free[n-1], t.free[:n-1]
	} else {
		id, t.lists = aclID(len(t.lists)), append(t.lists, sharedACL{})
	}
	t.lists[id], t.ids[x.key] = x, id
	return id
}

// drop counts one node less.
func (t *acls) drop(id aclID) {
	x := &t.lists[id]
	if x.nodes--; x.nodes == 0 {
		delete(t.ids, x.key)
		*x = sharedACL{}
		t.free = append(t.free, id)
	}
}
