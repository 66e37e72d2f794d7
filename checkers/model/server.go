package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zoobreak/zoobreak/wire"
)

// Server is one server as its clients see it: a State that transactions change one after
// the other, and the connections that read and watch it.
type Server struct {
	*State
	conns map[int]*Conn
}

// Conn is one client's connection. Watches are its own, and end with it.
type Conn struct {
	ID      int
	Session wire.SessionID
	who     []Identity
	data    map[string]mode // watches of a node itself
	child   map[string]mode // watches of its children
}

// mode is how long and how far a watch sees. A path has one mode in each of a connection's
// two tables: what is registered last counts.
type mode int

const (
	once mode = iota
	lasting
	recursive
)

// Event is what a connection is told of a change.
type Event struct {
	Conn int
	Type wire.EventType
	Path string
}

// NewServer returns a server with this state and no connection.
func NewServer(s *State) *Server { return &Server{State: s, conns: map[int]*Conn{}} }

// Connect adds a connection of a session, from an address.
func (v *Server) Connect(id int, session wire.SessionID, address string) *Conn {
	c := &Conn{ID: id, Session: session, who: []Identity{{"ip", address}}, data: map[string]mode{}, child: map[string]mode{}}
	v.conns[id] = c
	return c
}

// Disconnect forgets a connection and its watches.
func (v *Server) Disconnect(id int) { delete(v.conns, id) }

// Who returns what a connection has shown to be.
func (c *Conn) Who() []Identity { return slices.Clone(c.who) }

// Apply carries out a write, whoever asked for it, and returns its answer and what the
// connections are told, in the order in which each of them is.
func (v *Server) Apply(w Write) (Answer, []Event) {
	r, changes := v.State.Write(w)
	var events []Event
	for _, c := range changes {
		events = append(events, v.fire(c)...)
	}
	return r, events
}

// fire tells those who watch of one change: first of the node, to either table, then of
// its parent's children. A connection is told of a deletion once. Nobody is told of a
// node that it may not read.
func (v *Server) fire(c Change) (events []Event) {
	for _, id := range slices.Sorted(maps.Keys(v.conns)) {
		conn := v.conns[id]
		tell := func(t wire.EventType, path string, acl []wire.ACL) {
			if v.allowed(acl, wire.PermRead, conn.who) {
				events = append(events, Event{id, t, path})
			}
		}
		told := trigger(conn.data, c.Path, c.Type)
		if c.Type == wire.NodeDeleted {
			told = trigger(conn.child, c.Path, c.Type) || told
		}
		if told {
			tell(c.Type, c.Path, c.acl)
		}
		if c.Type != wire.NodeDataChanged && trigger(conn.child, parent(c.Path), wire.NodeChildrenChanged) {
			tell(wire.NodeChildrenChanged, parent(c.Path), c.parent)
		}
	}
	return events
}

// trigger reports whether a table sees a change of a path, and removes what sees once.
func trigger(table map[string]mode, path string, t wire.EventType) bool {
	m, here := table[path]
	sees := here && (m != recursive || t != wire.NodeChildrenChanged)
	if here && m == once {
		delete(table, path)
	}
	for p := path; p != "/" && t != wire.NodeChildrenChanged; {
		p = parent(p)
		if m, ok := table[p]; ok && m == recursive {
			sees = true
		}
	}
	return sees
}

// Read answers a request that changes nothing but the connection. Events are what it is
// told at once, before the answer.
func (v *Server) Read(c *Conn, op wire.Request) (r Answer, events []Event) {
	if op.Path == wire.NullString && op.Op != wire.OpSync {
		return refuse(wire.MarshallingError), nil
	}
	switch op.Op {
	case wire.OpPing, wire.OpSync:
		return answer(wire.Reply{Path: op.Path}), nil
	case wire.OpExists:
		return v.exists(c, op), nil
	case wire.OpGetData:
		return v.getData(c, op), nil
	case wire.OpGetACL:
		return v.getACL(c, op), nil
	case wire.OpGetChildren, wire.OpGetChildren2:
		return v.getChildren(c, op), nil
	case wire.OpGetAllChildrenNumber:
		return v.countBelow(c, op), nil
	case wire.OpGetEphemerals:
		return answer(wire.Reply{Children: withPrefix(v.owned(c.Session), string(op.Path))}), nil
	case wire.OpMultiRead:
		return v.multiRead(c, op), nil
	case wire.OpWhoAmI:
		return answer(wire.Reply{Identities: c.users()}), nil
	case wire.OpAuth:
		return v.auth(c, op), nil
	case wire.OpSetWatches, wire.OpSetWatches2:
		return Answer{}, v.setWatches(c, op)
	case wire.OpAddWatch:
		return c.addWatch(op), nil
	case wire.OpCheckWatches, wire.OpRemoveWatches:
		return c.lookUpWatches(op), nil
	}
	panic(fmt.Sprintf("model: %v is no read", op.Op))
}

// readable returns a node that the connection may read, or why it may not.
func (v *Server) readable(c *Conn, path string) (*node, wire.Code) {
	n := v.find(path)
	switch {
	case n == nil:
		return nil, wire.NoNode
	case !v.allowed(n.acl, wire.PermRead, c.who):
		return nil, wire.NoAuth
	}
	return n, wire.OK
}

func (v *Server) exists(c *Conn, op wire.Request) Answer {
	path := string(op.Path)
	if strings.ContainsRune(path, 0) {
		return refuse(wire.BadArguments)
	}
	if op.Watch {
		c.data[path] = once // also where there is no node yet
	}
	if v.find(path) == nil {
		return refuse(wire.NoNode)
	}
	return answer(wire.Reply{Stat: v.stat(path)})
}

func (v *Server) getData(c *Conn, op wire.Request) Answer {
	path := string(op.Path)
	n, code := v.readable(c, path)
	if code != wire.OK {
		return refuse(code)
	}
	if op.Watch {
		c.data[path] = once
	}
	return answer(wire.Reply{Data: n.data, Stat: v.stat(path)})
}

func (v *Server) getACL(c *Conn, op wire.Request) Answer {
	path := string(op.Path)
	n := v.find(path)
	if n == nil {
		return refuse(wire.NoNode)
	}
	if !v.allowed(n.acl, wire.PermRead|wire.PermAdmin, c.who) {
		return refuse(wire.NoAuth)
	}
	acl := n.acl
	if !v.allowed(acl, wire.PermAdmin, c.who) {
		acl = masked(acl)
	}
	return answer(wire.Reply{ACL: acl, Stat: v.stat(path)})
}

func (v *Server) getChildren(c *Conn, op wire.Request) Answer {
	path := string(op.Path)
	if _, code := v.readable(c, path); code != wire.OK {
		return refuse(code)
	}
	if op.Watch {
		c.child[path] = once
	}
	if path == "" {
		path = "/"
	}
	r := answer(wire.Reply{Children: v.children(path)})
	if op.Op == wire.OpGetChildren2 {
		r.Stat = v.stat(path)
	}
	return r
}

func (v *Server) countBelow(c *Conn, op wire.Request) Answer {
	path := string(op.Path)
	if _, code := v.readable(c, path); code != wire.OK {
		return refuse(code)
	}
	count := 0
	for _, p := range v.Paths() {
		// By its other name the root counts as below itself.
		if p != path && strings.HasPrefix(p, strings.TrimSuffix(path, "/")+"/") {
			count++
		}
	}
	return answer(wire.Reply{Count: int32(count)})
}

// withPrefix returns the paths that begin with a text, which need not end a part. No text
// and the root's path leave none out.
func withPrefix(paths []string, prefix string) []string {
	out := []string{}
	for _, p := range paths {
		if prefix == "" || prefix == "/" && p != "/" || strings.HasPrefix(p, prefix) {
			out = append(out, p)
		}
	}
	return out
}

// multiRead answers each of its reads by itself. None leaves a watch.
func (v *Server) multiRead(c *Conn, op wire.Request) Answer {
	results := []wire.Result{}
	for _, o := range op.Ops {
		if o.Type != wire.OpGetData && o.Type != wire.OpGetChildren {
			return answer(wire.Reply{Err: wire.MarshallingError, Results: results})
		}
		r, _ := v.Read(c, o.Request(0))
		x := wire.Result{Type: o.Type, Data: r.Data, Stat: r.Stat, Children: r.Children}
		if r.Err != wire.OK {
			x = wire.Result{Type: wire.OpError, Err: r.Err}
		}
		results = append(results, x)
	}
	return answer(wire.Reply{Results: results})
}

// users returns who the connection is, without what would prove it.
func (c *Conn) users() []wire.ClientInfo {
	out := []wire.ClientInfo{}
	for _, id := range c.who {
		user := id.ID
		if id.Scheme == "digest" {
			user, _, _ = strings.Cut(user, ":")
		}
		out = append(out, wire.ClientInfo{Scheme: id.Scheme, User: user})
	}
	return out
}

func (v *Server) auth(c *Conn, op wire.Request) Answer {
	ids, ok := v.authenticate(op.Scheme, op.Data)
	if !ok {
		return Answer{Reply: wire.Reply{Err: wire.AuthFailed}, Hangup: true}
	}
	for _, id := range ids {
		if !slices.Contains(c.who, id) {
			c.who = append(c.who, id)
		}
	}
	return Answer{}
}

// setWatches arms again what a client had armed elsewhere, and tells it at once what it
// has missed since the last zxid that it was told of. A node that came and went meanwhile
// is missed by an exists-watch: the protocol cannot tell.
func (v *Server) setWatches(c *Conn, op wire.Request) (events []Event) {
	tell := func(t wire.EventType, path string) { events = append(events, Event{c.ID, t, path}) }
	for _, p := range op.DataWatches {
		switch n := v.find(p); {
		case n == nil:
			tell(wire.NodeDeleted, p)
		case n.mzxid > op.RelativeZxid:
			tell(wire.NodeDataChanged, p)
		default:
			c.data[p] = once
		}
	}
	for _, p := range op.ExistWatches {
		if v.find(p) != nil {
			tell(wire.NodeCreated, p)
		} else {
			c.data[p] = once
		}
	}
	for _, p := range op.ChildWatches {
		switch n := v.find(p); {
		case n == nil:
			tell(wire.NodeDeleted, p)
		case n.pzxid > op.RelativeZxid:
			tell(wire.NodeChildrenChanged, p)
		default:
			c.child[p] = once
		}
	}
	for _, p := range op.PersistentWatches {
		c.data[p], c.child[p] = lasting, lasting
	}
	for _, p := range op.RecursiveWatches {
		c.data[p], c.child[p] = recursive, recursive
	}
	return events
}

func (c *Conn) addWatch(op wire.Request) Answer {
	if op.Mode != wire.AddPersistent && op.Mode != wire.AddPersistentRecursive {
		return refuse(wire.MarshallingError)
	}
	m := lasting
	if op.Mode == wire.AddPersistentRecursive {
		m = recursive
	}
	c.data[string(op.Path)], c.child[string(op.Path)] = m, m
	return Answer{}
}

// lookUpWatches answers whether there is a watch of the type, and removes it if asked to.
func (c *Conn) lookUpWatches(op wire.Request) Answer {
	if op.WatcherType < wire.WatcherChildren || op.WatcherType > wire.WatcherAny {
		return refuse(wire.MarshallingError)
	}
	found := false
	for _, x := range []struct {
		table map[string]mode
		asked bool
	}{{c.child, op.WatcherType != wire.WatcherData}, {c.data, op.WatcherType != wire.WatcherChildren}} {
		if _, ok := x.table[string(op.Path)]; !ok || !x.asked {
			continue
		}
		found = true
		if op.Op == wire.OpRemoveWatches {
			delete(x.table, string(op.Path))
		}
	}
	if !found {
		return refuse(wire.NoWatcher)
	}
	return Answer{}
}
