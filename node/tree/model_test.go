package tree

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zoobreak/zoobreak/wire"
)

// model is the state as the reference describes it (A5, A6), as plainly as possible: what
// a client is told is counted, not computed.
type model struct {
	last     wire.Zxid
	nodes    map[string]*modelNode
	sessions map[wire.SessionID]int32
}

type modelNode struct {
	data                []byte
	czxid, mzxid, pzxid wire.Zxid
	ctime, mtime        int64
	version             int32
	created, deleted    int32 // children, ever
	owner               wire.SessionID
}

func newModel() *model {
	m := &model{nodes: map[string]*modelNode{}, sessions: map[wire.SessionID]int32{}}
	for _, p := range []string{"/", "/zookeeper", "/zookeeper/config", "/zookeeper/quota"} {
		m.nodes[p] = &modelNode{data: []byte{}}
	}
	return m
}

func parentOf(p string) string {
	if i := strings.LastIndex(p, "/"); i > 0 {
		return p[:i]
	}
	return "/"
}

// children returns the names below p, sorted.
func (m *model) children(p string) []string {
	names := []string{}
	for _, q := range m.paths() {
		if q != "/" && parentOf(q) == p {
			names = append(names, q[strings.LastIndex(q, "/")+1:])
		}
	}
	return names
}

func (m *model) paths() []string { return slices.Sorted(maps.Keys(m.nodes)) }

func (m *model) ephemerals(s wire.SessionID) (paths []wire.Path) {
	for _, p := range m.paths() {
		if m.nodes[p].owner == s {
			paths = append(paths, wire.Path(p))
		}
	}
	return paths
}

func (m *model) apply(x *Txn) {
	m.last = x.Zxid
	p := string(x.Path)
	switch x.Op {
	case wire.OpCreate:
		n := &modelNode{data: x.Data, czxid: x.Zxid, mzxid: x.Zxid, pzxid: x.Zxid, ctime: x.Millis, mtime: x.Millis}
		if x.Ephemeral {
			n.owner = x.Session
		}
		m.nodes[p] = n
		m.nodes[parentOf(p)].created++
		m.nodes[parentOf(p)].pzxid = x.Zxid
	case wire.OpDelete:
		m.remove(p, x.Zxid)
	case wire.OpSetData:
		n := m.nodes[p]
		n.data, n.version, n.mzxid, n.mtime = x.Data, n.version+1, x.Zxid, x.Millis
	case wire.OpCreateSession:
		m.sessions[x.Session] = x.TimeoutMillis
	case wire.OpCloseSession:
		for _, q := range m.ephemerals(x.Session) {
			m.remove(string(q), x.Zxid)
		}
		delete(m.sessions, x.Session)
	}
}

func (m *model) remove(p string, z wire.Zxid) {
	delete(m.nodes, p)
	m.nodes[parentOf(p)].deleted++
	m.nodes[parentOf(p)].pzxid = z
}

func (m *model) stat(p string) wire.Stat {
	n := m.nodes[p]
	aversion := int32(0)
	if p == "/zookeeper/config" {
		aversion = -1
	}
	return wire.Stat{
		Aversion: aversion, Czxid: n.czxid, Mzxid: n.mzxid, Pzxid: n.pzxid, Ctime: n.ctime, Mtime: n.mtime, Version: n.version,
		Cversion: m.cversion(p), EphemeralOwner: n.owner, DataLength: int32(len(n.data)), NumChildren: int32(len(m.children(p))),
	}
}

// cversion counts creations and deletions of children. ZooKeeper's own nodes were never
// created: its counter starts below zero by their number, and so does ours.
func (m *model) cversion(p string) int32 {
	own := map[string]int32{"/": 1, "/zookeeper": 2}
	return m.nodes[p].created + m.nodes[p].deleted - own[p]
}

// String is the whole state: two are equal if and only if their strings are.
func (m *model) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, "last", m.last)
	for _, p := range m.paths() {
		fmt.Fprintf(&b, "%s %q %+v\n", p, m.nodes[p].data, m.stat(p))
	}
	for _, s := range slices.Sorted(maps.Keys(m.sessions)) {
		fmt.Fprintln(&b, "session", s, m.sessions[s])
	}
	return b.String()
}
