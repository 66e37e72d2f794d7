package tree

import (
	"github.com/zoobreak/zoobreak/wire"
)

// Snapshot encodes the whole state.
func (t *Tree) Snapshot() []byte {
	e := wire.Encoder{Buf: make([]byte, 0, t.bytes+160*t.count)}
	e.Int64(int64(t.last))
	e.Int32(int32(len(t.sessions)))
	for _, s := range t.Sessions() {
		e.Int64(int64(s))
		e.Int32(t.sessions[s])
	}
	e.Int32(int32(t.count))
	w := writer{Tree: t, e: &e, numbers: map[aclID]int32{}}
	w.node(Root, t.root)
	e.Int64(int64(t.Digest()))
	return e.Buf
}

// writer encodes nodes, each behind its parent. An ACL is written where it is first met,
// and has a number from then on: equal states have equal snapshots.
type writer struct {
	*Tree
	e       *wire.Encoder
	numbers map[aclID]int32
}

func (w *writer) node(p wire.Path, n *Node) {
	w.e.String(string(p))
	w.e.Bytes(n.Data)
	number, met := w.numbers[n.acl]
	if !met {
		number = int32(len(w.numbers))
		w.numbers[n.acl] = number
	}
	w.e.Int32(number)
	if !met {
		w.e.ACLs(w.ACL(n))
	}
	for _, v := range [...]int64{int64(n.czxid), int64(n.mzxid), int64(n.pzxid), n.ctime, n.mtime, n.owner} {
		w.e.Int64(v)
	}
	for _, v := range [...]int32{n.version, n.created, n.aversion} {
		w.e.Int32(v)
	}
	if p == Root {
		p = ""
	}
	for _, name := range n.Children() {
		w.node(p+"/"+wire.Path(name), n.Child(name))
	}
}

// Load decodes a snapshot. It fails if the bytes are not one, or if the state they give
// does not have the digest that they carry.
func Load(b []byte) (*Tree, error) {
	d := wire.NewDecoder(b)
	t := empty()
	t.last = wire.Zxid(d.Int64())
	for range d.Int32() {
		if d.Err() != nil {
			return nil, d.Err()
		}
		t.setSession(wire.SessionID(d.Int64()), d.Int32())
	}
	r := reader{Tree: t, d: d}
	for range d.Int32() {
		if err := r.node(); err != nil {
			return nil, err
		}
	}
	digest := uint64(d.Int64())
	whole := t.root != nil && t.config != nil && t.quota != nil
	if d.Err() != nil || len(d.Rest()) > 0 || !whole || digest != t.Digest() {
		return nil, wire.ErrMalformed
	}
	return t, nil
}

// reader decodes nodes.
type reader struct {
	*Tree
	d    *wire.Decoder
	acls [][]wire.ACL // by number
}

func (r *reader) node() error {
	p, n := wire.Path(r.d.String()), &Node{Data: r.d.Bytes()}
	acl, ok := r.acl()
	for _, v := range [...]*wire.Zxid{&n.czxid, &n.mzxid, &n.pzxid} {
		*v = wire.Zxid(r.d.Int64())
	}
	n.ctime, n.mtime, n.owner = r.d.Int64(), r.d.Int64(), r.d.Int64()
	n.version, n.created, n.aversion = r.d.Int32(), r.d.Int32(), r.d.Int32()
	if r.d.Err() != nil || !ok || !r.fits(p) {
		return wire.ErrMalformed
	}
	n.acl = r.Tree.acls.take(acl)
	r.put(p, n)
	return nil
}

func (r *reader) acl() (list []wire.ACL, ok bool) {
	number := int(r.d.Int32())
	if number == len(r.acls) && r.d.Err() == nil {
		r.acls = append(r.acls, r.d.ACLs())
	}
	if number < 0 || number >= len(r.acls) {
		return nil, false
	}
	return r.acls[number], true
}

// fits reports whether a node can be put at p: the root first, then below a parent, once.
func (r *reader) fits(p wire.Path) bool {
	if p == Root || r.root == nil {
		return p == Root && r.root == nil
	}
	if p == "" || p[0] != '/' || p.Base() == "" {
		return false
	}
	parent := r.Node(p.Parent())
	return parent != nil && parent.Child(p.Base()) == nil
}
