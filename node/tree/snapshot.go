package tree

import (
	"maps"
	"slices"

	"github.com/zoobreak/zoobreak/wire"
)

// Snapshot encodes the whole state.
func (t *Tree) Snapshot() []byte {
	var e wire.Encoder
	e.Int64(int64(t.last))
	e.Int32(int32(len(t.sessions)))
	for _, s := range t.Sessions() {
		e.Int64(int64(s))
		e.Int32(t.sessions[s])
	}
	e.Int32(int32(len(t.nodes)))
	for _, p := range slices.Sorted(maps.Keys(t.nodes)) { // parents sort before children
		n := t.nodes[p]
		e.String(string(p))
		e.Bytes(n.Data)
		e.ACLs(n.ACL)
		e.Stat(&n.stat)
	}
	e.Int64(int64(t.Digest()))
	return e.Buf
}

// Load decodes a snapshot. It fails if the bytes are not one, or if the state they give
// does not have the digest that they carry.
func Load(b []byte) (*Tree, error) {
	d := wire.NewDecoder(b)
	t := &Tree{nodes: map[wire.Path]*Node{}, sessions: map[wire.SessionID]int32{}, ephemerals: map[wire.SessionID]map[wire.Path]struct{}{}}
	t.last = wire.Zxid(d.Int64())
	for range d.Int32() {
		if d.Err() != nil {
			return nil, d.Err()
		}
		t.setSession(wire.SessionID(d.Int64()), d.Int32())
	}
	for range d.Int32() {
		if err := t.loadNode(d); err != nil {
			return nil, err
		}
	}
	digest := uint64(d.Int64())
	if d.Err() != nil || len(d.Rest()) > 0 || digest != t.Digest() || t.nodes["/"] == nil {
		return nil, wire.ErrMalformed
	}
	return t, nil
}

func (t *Tree) loadNode(d *wire.Decoder) error {
	p := wire.Path(d.String())
	n := &Node{Data: d.Bytes(), ACL: d.ACLs(), stat: d.Stat(), children: map[string]struct{}{}}
	parent := t.nodes[p.Parent()]
	if d.Err() != nil || p != "/" && parent == nil {
		return wire.ErrMalformed
	}
	if p != "/" {
		parent.children[p.Base()] = struct{}{}
	}
	if n.Owner() != 0 {
		t.own(n.Owner(), p)
	}
	t.nodes[p] = n
	if n.stat != (wire.Stat{}) { // what New makes is not part of the digest
		t.rehash(p, n)
	}
	return nil
}
