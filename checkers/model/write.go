package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zoobreak/zoobreak/wire"
)

// Write is a request with its place in the order of all transactions.
type Write struct {
	Zxid    wire.Zxid
	Millis  int64 // what the leader's calendar said
	Session wire.SessionID
	Who     []Identity // of the connection that it came by
	Request wire.Request
	// Order, if set, is the order in which the end of a session deletes its nodes, which is
	// not promised; and those nodes it must be.
	Order []string
}

// Answer is what the client of a request is told, or sees.
type Answer struct {
	wire.Reply
	Hangup bool // the connection is closed behind the reply
}

func answer(r wire.Reply) Answer { return Answer{Reply: r} }

func refuse(c wire.Code) Answer { return answer(wire.Reply{Err: c}) }

// Change is what became of one node, for those who watch.
type Change struct {
	Type   wire.EventType // created, deleted or dataChanged
	Path   string
	acl    []wire.ACL // of the node; of a deleted one, the last
	parent []wire.ACL // of its parent
}

// Write carries out a request that changes something, and returns its answer and what
// changed, in order. One that is refused takes a zxid as well, and changes nothing.
func (s *State) Write(w Write) (Answer, []Change) {
	s.last = w.Zxid
	if w.Request.Op == wire.OpMulti {
		return s.multi(w)
	}
	t := &transaction{State: s, Write: w}
	r := t.do(w.Request)
	return r, t.changes
}

// transaction is a Write being carried out.
type transaction struct {
	*State
	Write
	changes []Change
}

func (t *transaction) do(op wire.Request) Answer {
	if op.Path == wire.NullString {
		return refuse(wire.MarshallingError)
	}
	switch op.Op {
	case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		return t.create(op)
	case wire.OpDelete:
		return t.delete(op)
	case wire.OpDeleteContainer:
		return t.deleteContainer(op)
	case wire.OpSetData:
		return t.setData(op)
	case wire.OpSetACL:
		return t.setACL(op)
	case wire.OpCheck:
		return t.check(op)
	case wire.OpCreateSession:
		t.sessions[t.Session] = op.TimeoutMillis
		return Answer{}
	case wire.OpCloseSession:
		return t.closeSession()
	}
	panic(fmt.Sprintf("model: %v is no write", op.Op))
}

// flagsCode judges flags and ttl together: a ttl goes with the two flags for it, and only
// with them.
func (s *State) flagsCode(op wire.Request) wire.Code {
	wantsTTL := op.Flags == wire.FlagTTL || op.Flags == wire.FlagTTLSequential
	switch {
	case op.Flags < 0 || op.Flags > wire.FlagTTLSequential:
		return wire.BadArguments
	case wantsTTL && !s.cfg.ExtendedTypes:
		return wire.Unimplemented
	case wantsTTL && (op.Op != wire.OpCreateTTL || op.TTLMillis <= 0 || op.TTLMillis > wire.MaxTTLMillis):
		return wire.BadArguments
	case !wantsTTL && op.Op == wire.OpCreateTTL && op.TTLMillis >= 0:
		return wire.BadArguments
	}
	return wire.OK
}

// sequential reports whether the flags ask for a number behind the name.
func sequential(flags int32) bool {
	switch flags {
	case wire.FlagSequential, wire.FlagEphemeral | wire.FlagSequential, wire.FlagTTLSequential:
		return true
	}
	return false
}

// create makes a node. The order in which things are looked at is ZooKeeper's: it decides
// which of several errors the client sees.
func (t *transaction) create(op wire.Request) Answer {
	path := string(op.Path)
	if c := t.flagsCode(op); c != wire.OK {
		return refuse(c)
	}
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 || strings.ContainsRune(path, 0) {
		return refuse(wire.BadArguments)
	}
	acl, ok := fixACL(op.ACL, t.Who)
	if !ok {
		return refuse(wire.InvalidACL)
	}
	above := path[:slash]
	parent := t.find(above)
	if parent == nil {
		return refuse(wire.NoNode)
	}
	if !t.allowed(parent.acl, wire.PermCreate, t.Who) {
		return refuse(wire.NoAuth)
	}
	if sequential(op.Flags) {
		path += fmt.Sprintf("%010d", parent.created)
	}
	switch {
	case !validPath(path):
		return refuse(wire.BadArguments)
	case t.find(path) != nil:
		return refuse(wire.NodeExists)
	case parent.kind == ephemeral:
		return refuse(wire.NoChildrenForEphemerals)
	case t.overQuota(path, 1, len(op.Data)):
		return refuse(wire.QuotaExceeded)
	}
	t.add(path, parent, op, acl)
	r := answer(wire.Reply{Path: wire.Path(path)})
	if op.Op != wire.OpCreate {
		r.Stat = t.stat(path)
	}
	return r
}

func (t *transaction) add(path string, parent *node, op wire.Request, acl []wire.ACL) {
	n := &node{data: op.Data, acl: acl, czxid: t.Zxid, mzxid: t.Zxid, pzxid: t.Zxid, ctime: t.Millis, mtime: t.Millis}
	switch {
	case op.Op == wire.OpCreateContainer:
		n.kind = container // whatever its flags say
	case op.Op == wire.OpCreateTTL:
		n.kind, n.ttl = timed, op.TTLMillis
	case op.Flags == wire.FlagEphemeral || op.Flags == wire.FlagEphemeral|wire.FlagSequential:
		n.kind, n.owner = ephemeral, t.Session
	}
	t.nodes[path] = n
	parent.created++
	parent.pzxid = t.Zxid
	t.count(path, 1, len(op.Data))
	t.changed(wire.NodeCreated, path, n)
}

// changed notes a change, with who may hear of it.
func (t *transaction) changed(typ wire.EventType, path string, n *node) {
	t.changes = append(t.changes, Change{typ, path, n.acl, t.find(parent(path)).acl})
}

// reserved are the nodes that cannot be deleted.
func reserved(path string) bool {
	return path == "" || path == "/" || path == "/zookeeper" || path == "/zookeeper/quota" || path == "/zookeeper/config"
}

func (t *transaction) delete(op wire.Request) Answer {
	path := string(op.Path)
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 || strings.ContainsRune(path, 0) || reserved(path) {
		return refuse(wire.BadArguments)
	}
	parent := t.find(path[:slash])
	switch {
	case parent == nil:
		return refuse(wire.NoNode)
	case !t.allowed(parent.acl, wire.PermDelete, t.Who):
		return refuse(wire.NoAuth)
	}
	n := t.find(path)
	switch {
	case n == nil:
		return refuse(wire.NoNode)
	case op.Version != -1 && op.Version != n.version:
		return refuse(wire.BadVersion)
	case len(t.children(path)) > 0:
		return refuse(wire.NotEmpty)
	}
	t.remove(path)
	return Answer{}
}

func (t *transaction) remove(path string) {
	n := t.nodes[path]
	delete(t.nodes, path)
	t.find(parent(path)).pzxid = t.Zxid
	t.count(path, -1, -len(n.data))
	t.changed(wire.NodeDeleted, path, n)
}

// deleteContainer is what the server asks of itself, without a session, when a container
// has emptied, or a timed node has been left alone for long enough. A client that asks is
// refused: ZooKeeper takes all of its request, the length of the path too, for a path.
func (t *transaction) deleteContainer(op wire.Request) Answer {
	path := string(op.Path)
	n := t.find(path)
	switch {
	case t.Session != 0:
		return refuse(wire.BadArguments)
	case n == nil:
		return refuse(wire.NoNode)
	case len(t.children(path)) > 0:
		return refuse(wire.NotEmpty)
	case n.kind == ephemeral:
		return refuse(wire.BadVersion)
	}
	t.remove(path)
	return Answer{}
}

func (t *transaction) setData(op wire.Request) Answer {
	path := string(op.Path)
	if !validPath(path) {
		return refuse(wire.BadArguments)
	}
	n := t.find(path)
	switch {
	case n == nil:
		return refuse(wire.NoNode)
	case !t.allowed(n.acl, wire.PermWrite, t.Who):
		return refuse(wire.NoAuth)
	case t.overQuota(path, 0, len(op.Data)-len(n.data)):
		return refuse(wire.QuotaExceeded)
	case op.Version != -1 && op.Version != n.version:
		return refuse(wire.BadVersion)
	}
	grown := len(op.Data) - len(n.data)
	n.data, n.version, n.mzxid, n.mtime = op.Data, n.version+1, t.Zxid, t.Millis
	t.count(path, 0, grown)
	t.changed(wire.NodeDataChanged, path, n)
	return answer(wire.Reply{Stat: t.stat(path)})
}

func (t *transaction) setACL(op wire.Request) Answer {
	path := string(op.Path)
	if !validPath(path) {
		return refuse(wire.BadArguments)
	}
	acl, ok := fixACL(op.ACL, t.Who)
	if !ok {
		return refuse(wire.InvalidACL)
	}
	n := t.find(path)
	switch {
	case n == nil:
		return refuse(wire.NoNode)
	case !t.allowed(n.acl, wire.PermAdmin, t.Who):
		return refuse(wire.NoAuth)
	case op.Version != -1 && op.Version != n.aversion:
		return refuse(wire.BadVersion)
	}
	n.acl, n.aversion = acl, n.aversion+1
	return answer(wire.Reply{Stat: t.stat(path)})
}

func (t *transaction) check(op wire.Request) Answer {
	path := string(op.Path)
	if !validPath(path) {
		return refuse(wire.BadArguments)
	}
	n := t.find(path)
	switch {
	case n == nil:
		return refuse(wire.NoNode)
	case !t.allowed(n.acl, wire.PermRead, t.Who):
		return refuse(wire.NoAuth)
	case op.Version != -1 && op.Version != n.version:
		return refuse(wire.BadVersion)
	}
	return Answer{}
}

// closeSession takes the session's ephemeral nodes with it.
func (t *transaction) closeSession() Answer {
	owned := t.owned(t.Session)
	if t.Order != nil {
		if sorted := slices.Sorted(slices.Values(t.Order)); !slices.Equal(sorted, owned) {
			panic(fmt.Sprintf("model: session %v ends with %v, and owns %v", t.Session, sorted, owned))
		}
		owned = t.Order
	}
	for _, p := range owned {
		t.remove(p)
	}
	delete(t.sessions, t.Session)
	return Answer{Hangup: true}
}
