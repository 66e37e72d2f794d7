package model

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/zoobreak/zoobreak/wire"
)

// Config is what changes the answers of a server.
type Config struct {
	ExtendedTypes bool   // TTL nodes may be made
	EnforceQuota  bool   // hard limits refuse writes
	SkipACL       bool   // everybody may do everything
	SuperDigest   string // "super:hash": who is above all ACLs; empty: nobody
}

// State is what all servers agree on, after some transaction.
type State struct {
	cfg      Config
	nodes    map[string]*node // by path; the root is "/"
	sessions map[wire.SessionID]int32
	last     wire.Zxid
}

// kind is what decides when a node goes by itself.
type kind int

const (
	persistent kind = iota
	ephemeral       // with its session
	container       // when its last child has gone
	timed           // when it has been without children and untouched for its ttl
)

type node struct {
	kind                kind
	data                []byte
	acl                 []wire.ACL
	czxid, mzxid, pzxid wire.Zxid
	ctime, mtime        int64
	version, aversion   int32
	created             int32          // children, ever: numbers sequential nodes
	owner               wire.SessionID // ephemeral
	ttl                 int64          // timed: milliseconds
}

// New returns the state of a service that has seen no transaction.
func New(cfg Config) *State {
	s := &State{cfg: cfg, nodes: map[string]*node{}, sessions: map[wire.SessionID]int32{}}
	for _, p := range []string{"/", "/zookeeper", "/zookeeper/quota"} {
		s.nodes[p] = &node{data: []byte{}, acl: wire.WorldACL(wire.PermAll)}
	}
	// Its ACL was set once by the server itself, from -1: that is where its aversion stands.
	s.nodes["/zookeeper/config"] = &node{data: []byte{}, acl: wire.WorldACL(wire.PermRead), aversion: -1}
	return s
}

// Clone returns a copy that changes by itself.
func (s *State) Clone() *State {
	c := &State{cfg: s.cfg, nodes: make(map[string]*node, len(s.nodes)), sessions: maps.Clone(s.sessions), last: s.last}
	for p, n := range s.nodes { //tidy:order-free each node is copied alone
		copied := *n // data and acl are replaced, never changed in place
		c.nodes[p] = &copied
	}
	return c
}

// Last returns the zxid of the last transaction.
func (s *State) Last() wire.Zxid { return s.last }

// find returns a node. The empty path is the root's other name, as in ZooKeeper.
func (s *State) find(path string) *node {
	if path == "" {
		path = "/"
	}
	return s.nodes[path]
}

// children returns the names of the children, sorted.
func (s *State) children(path string) []string {
	names := []string{}
	for p := range s.nodes { //tidy:order-free sorted below
		if p != "/" && parent(p) == path {
			names = append(names, p[strings.LastIndexByte(p, '/')+1:])
		}
	}
	slices.Sort(names)
	return names
}

// parent returns the path above an existing node's.
func parent(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}

// stat returns what a client is told. Its cversion counts creations and deletions of
// children; the owner is told for ephemeral nodes only.
func (s *State) stat(path string) wire.Stat {
	n := s.find(path)
	if path == "" {
		path = "/"
	}
	count := int32(len(s.children(path)))
	return wire.Stat{
		Czxid: n.czxid, Mzxid: n.mzxid, Pzxid: n.pzxid, Ctime: n.ctime, Mtime: n.mtime,
		Version: n.version, Cversion: 2*n.created - count, Aversion: n.aversion,
		EphemeralOwner: n.owner, DataLength: int32(len(n.data)), NumChildren: count,
	}
}

// Paths returns all paths, sorted.
func (s *State) Paths() []string { return slices.Sorted(maps.Keys(s.nodes)) }

// Owned returns the ephemeral nodes of a session in the order of their creation.
func (s *State) Owned(id wire.SessionID) []string {
	return slices.SortedStableFunc(slices.Values(s.owned(id)), func(a, b string) int { return cmp.Compare(s.nodes[a].czxid, s.nodes[b].czxid) })
}

// owned returns the ephemeral nodes of a session, sorted.
func (s *State) owned(id wire.SessionID) (paths []string) {
	for _, p := range s.Paths() {
		if n := s.nodes[p]; n.kind == ephemeral && n.owner == id {
			paths = append(paths, p)
		}
	}
	return paths
}

// Due returns the containers and timed nodes that the server may delete, sorted: those
// without children, if a container has had some, and a timed node has not been written
// for its ttl.
func (s *State) Due(nowMillis int64) (paths []string) {
	for _, p := range s.Paths() {
		n := s.nodes[p]
		emptied := n.kind == container && n.created > 0
		over := n.kind == timed && nowMillis-n.mtime > n.ttl
		if (emptied || over) && len(s.children(p)) == 0 {
			paths = append(paths, p)
		}
	}
	return paths
}
