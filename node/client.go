package node

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/node/acl"
	"github.com/zoobreak/zoobreak/node/prep"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// serving reports whether clients may be served: this server has its place in the
// ensemble, and has applied the history that the place came with.
func (n *Node) serving() bool {
	placed := n.leader != nil && n.leader.active || n.follower != nil && n.follower.serving
	return placed && n.tree.Last() >= n.serveFrom
}

// reached makes clients see the epoch once its history is applied. Any earlier, a client
// that has seen the end of that history would be let in, and see time go back.
func (n *Node) reached() {
	if !n.serving() {
		return
	}
	n.showConfig()
	if !n.cfg.Standalone {
		n.processed = max(n.processed, wire.MakeZxid(n.currentEpoch, 0))
	}
}

// client is one client's connection.
type client struct {
	conn    Conn
	session wire.SessionID
	timeout int32 // milliseconds
	who     []acl.Identity
	old     bool // it expects no read-only byte
	open    bool // the handshake is done
	queue   []pending
	out     wire.Encoder // replies and notifications for the reply stage
	last    bool         // close when out is sent
	deaf    bool         // a request was heard behind which nothing more is
	// overtaken is how many of the leader's words on syncs will come too late.
	overtaken int
}

// pending is a request in a client's order. A read waits for the writes before it; a
// write, or a sync, for its transaction or the leader's word.
type pending struct {
	req       wire.Request
	who       []acl.Identity // of the client when it asked
	malformed bool           // its body is: the answer to that keeps its place in the order
	remote    bool           // waits for the ensemble
	done      bool
	heard     bool      // sync: the leader has answered; the reply waits for
	after     wire.Zxid // this to be applied here
	reply     wire.Reply
}

func (n *Node) client(c Conn) *client {
	if l := n.conns[c]; l != nil {
		return l.client
	}
	return nil
}

// Waiting returns how many requests of a client have not been answered.
func (n *Node) Waiting(c Conn) int {
	if x := n.client(c); x != nil {
		return len(x.queue)
	}
	return 0
}

// dropClient ends a client's connection from this side, after what is queued for it.
func (n *Node) dropClient(c *client) {
	n.flush(c)
	n.closeConn(c.conn)
	n.forgetClient(c)
}

func (n *Node) forgetClient(c *client) {
	n.watches.Forget(uint64(c.conn))
	for i, x := range n.clients {
		if x == c {
			n.clients = append(n.clients[:i:i], n.clients[i+1:]...)
			return
		}
	}
}

func (n *Node) hearClient(c *client, frame []byte) {
	switch {
	case c.last || c.deaf: // what a client pipelines behind its closeSession is not heard
	case c.open:
		n.hearRequest(c, frame)
	case c.session != 0: // it must wait for the answer to its handshake
		n.dropClient(c)
	default:
		n.handshake(c, frame)
	}
}

// handshake handles the first packet of a connection (A2).
func (n *Node) handshake(c *client, frame []byte) {
	req, err := wire.DecodeConnectRequest(frame)
	n.sometimes(err == nil && req.LastZxidSeen > n.processed, newerClient)
	if err != nil || req.LastZxidSeen > n.processed {
		// A client that has seen more than this server must find one that has too, or it
		// would see time go back (A12). It gets no answer and tries the next.
		n.dropClient(c)
		return
	}
	c.timeout, c.old = n.clampTimeout(req.TimeoutMillis), req.NoReadOnly
	if req.Session == 0 {
		c.session = n.freshSession()
		n.submit(c, pending{req: wire.Request{Op: wire.OpCreateSession, TimeoutMillis: c.timeout}})
		return
	}
	for _, old := range append([]*client(nil), n.clients...) {
		if old != c && old.session == req.Session {
			n.dropClient(old)
		}
	}
	c.session = req.Session
	if !bytes.Equal(req.Password, password(req.Session)) {
		n.refuseSession(c)
		return
	}
	n.reattach(c)
}

func (n *Node) clampTimeout(ms int32) int32 {
	d := time.Duration(ms) * time.Millisecond
	return int32(min(max(d, n.cfg.MinSession), n.cfg.MaxSession) / time.Millisecond)
}

// reattach asks the leader whether the session may continue here.
func (n *Node) reattach(c *client) {
	if n.leader != nil {
		n.admitAgain(c, n.leader.sessions.attach(n, c.session, c.timeout, source{client: c.conn}))
		return
	}
	n.follower.asking[c.session] = c.conn
	var e wire.Encoder
	e.Int64(int64(c.session))
	e.Int32(c.timeout)
	n.tellLeader(packet{typ: revalidate, data: e.Buf})
}

// revalidated handles the leader's word.
func (n *Node) revalidated(p packet) {
	d := wire.NewDecoder(p.data)
	id, valid := wire.SessionID(d.Int64()), d.Bool()
	c := n.client(n.follower.asking[id])
	delete(n.follower.asking, id)
	if c != nil && c.session == id && !c.open {
		n.admitAgain(c, valid)
	}
}

func (n *Node) admitAgain(c *client, valid bool) {
	n.sometimes(valid, sessionReattached)
	n.sometimes(!valid, sessionRefused)
	n.admit(c, valid)
}

func (n *Node) admit(c *client, valid bool) {
	if !valid {
		n.refuseSession(c)
		return
	}
	c.open = true
	n.answerHandshake(c, wire.ConnectResponse{TimeoutMillis: c.timeout, Session: c.session, Password: password(c.session)})
}

// refuseSession is the only way in which a client learns that its session is gone.
func (n *Node) refuseSession(c *client) {
	n.answerHandshake(c, wire.ConnectResponse{Password: make([]byte, 16)})
	n.dropClient(c)
}

func (n *Node) answerHandshake(c *client, r wire.ConnectResponse) {
	r.NoReadOnly = c.old
	mark := c.out.Begin()
	r.Encode(&c.out)
	c.out.End(mark)
}

func (c *client) notify(x wire.Notification) {
	mark := c.out.Begin()
	x.Encode(&c.out)
	c.out.End(mark)
}

// hearRequest queues a request; what needs the ensemble is sent on at once, in order.
func (n *Node) hearRequest(c *client, frame []byte) {
	req, err := wire.DecodeRequest(frame)
	if errors.Is(err, wire.ErrNoHeader) || err != nil && (req.Op == wire.OpAuth || req.Op == wire.OpSASL) {
		n.dropClient(c)
		return
	}
	n.touch(c)
	q := pending{req: req, who: c.who, malformed: err != nil}
	switch {
	case req.Op == wire.OpAuth:
		n.authenticate(c, q)
	case req.Op.IsWrite() && req.Op != wire.OpCreateSession || req.Op == wire.OpSync && err == nil:
		n.submit(c, q)
	default:
		c.queue = append(c.queue, q)
	}
	n.answerReads(c)
}

// authenticate takes effect at once, for what is asked from here on; what was asked before
// and waits has the identities of then. The answer keeps its place in the order.
func (n *Node) authenticate(c *client, q pending) {
	q.done, q.reply = true, wire.Reply{Xid: q.req.Xid}
	var ok bool
	if c.who, ok = n.policy.Authenticate(c.who, q.req.Scheme, q.req.Data); !ok {
		q.reply.Err, c.deaf = wire.AuthFailed, true
	}
	c.queue = append(c.queue, q)
}

// touch lets a session live on. A client that has attached again may have asked for
// another timeout than the one it began with: it counts from then on.
func (n *Node) touch(c *client) {
	if n.leader != nil {
		n.leader.sessions.touch(n, c.session, c.timeout)
	} else {
		n.follower.touched[c.session] = c.timeout
	}
}

// submit sends a request to the leader and lets the client's queue wait for it.
func (n *Node) submit(c *client, q pending) {
	q.remote = true
	c.queue = append(c.queue, q)
	ask := prep.Request{Request: &q.req, Session: c.session, Who: q.who, Malformed: q.malformed}
	switch {
	case q.req.Op == wire.OpSync && n.leader != nil:
		n.syncFor(pendingSync{conn: c.conn, local: true})
	case q.req.Op == wire.OpSync:
		var e wire.Encoder
		e.Int64(int64(c.conn))
		n.tellLeader(packet{typ: syncPacket, data: e.Buf})
	case n.leader != nil:
		n.prepare(ask, source{client: c.conn})
	default:
		n.tellLeader(packet{typ: request, data: encodeForwarded(ask)})
	}
}

// synced handles the leader's answer to a sync: everything it had committed by then has
// come before it on the same link, but need not be applied yet.
func (n *Node) synced(p packet) {
	n.finishSync(Conn(wire.NewDecoder(p.data).Int64()))
}

// overtake answers the syncs that a client has asked for before a write that is about to be
// applied, and what it has asked for between. Without it:
//
//  1. A client pipelines sync, getData and setData.
//  2. The write is committed before the leader's word on the sync comes, and is applied.
//  3. The read behind the sync sees the write that was asked for after it, and the write is
//     answered with a zxid below the sync's.
//
// The word is not needed any more. The write was proposed behind the sync, so all that the
// sync waits for is applied; and the quorum that has acknowledged it has followed since.
func (n *Node) overtake(txn *tree.Txn) {
	for _, c := range n.clients {
		if c.session == txn.Session && c.open && c.answerSyncsBefore(txn.Xid, n.tree.Last()) {
			n.answerReads(c)
		}
	}
}

// answerSyncsBefore marks the syncs before a write in the queue as answered.
func (c *client) answerSyncsBefore(xid int32, applied wire.Zxid) (any bool) {
	isWrite := func(q pending) bool { return q.remote && !q.done && q.req.Op != wire.OpSync }
	i := slices.IndexFunc(c.queue, isWrite)
	if i < 0 || c.queue[i].req.Xid != xid {
		return false
	}
	for j := range c.queue[:i] {
		q := &c.queue[j]
		if q.req.Op != wire.OpSync || !q.remote || q.done {
			continue
		}
		if !q.heard {
			c.overtaken++
		}
		q.heard, q.after, any = true, applied, true
	}
	return any
}

func (n *Node) finishSync(conn Conn) {
	c := n.client(conn)
	if c == nil {
		return
	}
	if c.overtaken > 0 {
		c.overtaken-- // that sync has been answered
		return
	}
	for i := range c.queue {
		if q := &c.queue[i]; q.remote && !q.heard && q.req.Op == wire.OpSync {
			q.heard, q.after = true, n.committed
			break
		}
	}
	n.answerReads(c)
}

// complete answers the client that waits for a transaction, if it is one of ours, and
// ends the connections of a session that is gone.
func (n *Node) complete(txn *tree.Txn, stats []wire.Stat) {
	for _, c := range append([]*client(nil), n.clients...) {
		if c.session != txn.Session {
			n.answerReads(c) // a sync may have waited for this
			continue
		}
		n.completeFor(c, txn, stats)
		if txn.Op == wire.OpCloseSession {
			n.dropClient(c)
		}
	}
}

func (n *Node) completeFor(c *client, txn *tree.Txn, stats []wire.Stat) {
	if !c.open {
		n.sessionCreated(c, txn)
		return
	}
	for i := range c.queue {
		q := &c.queue[i]
		if !q.remote || q.done || q.req.Op == wire.OpSync {
			continue
		}
		if q.req.Xid == txn.Xid && madeOf(txn, &q.req) {
			q.done, q.reply = true, n.replyTo(&q.req, txn, stats)
		}
		break // transactions of a session come in the order of its requests
	}
	n.answerReads(c)
}

// madeOf reports whether a transaction can be what a request became. A session that goes on
// at another connection may number its requests anew, so that what its old connection asked
// for comes with the xid of something else (Z59). Where the two are alike the new request
// gets the old one's answer, as in ZooKeeper; a multi of other operations must not be taken
// apart for it.
func madeOf(txn *tree.Txn, req *wire.Request) bool {
	if txn.Op == wire.OpMulti || req.Op == wire.OpMulti && txn.Op != wire.OpError {
		return req.Op == txn.Op && len(req.Ops) == len(txn.Ops)
	}
	return true
}

// sessionCreated answers a handshake that asked for a new session. A client that is
// re-attaching has nothing queued: the creation that is applied here was answered long
// ago by another server.
func (n *Node) sessionCreated(c *client, txn *tree.Txn) {
	if len(c.queue) == 0 || c.queue[0].req.Op != wire.OpCreateSession {
		return
	}
	c.queue = c.queue[1:]
	if txn.Op == wire.OpCreateSession {
		n.admit(c, true)
	} else {
		n.dropClient(c)
	}
}

// replyTo makes the answer to a write; stats are those of a multi's operations.
func (n *Node) replyTo(req *wire.Request, txn *tree.Txn, stats []wire.Stat) wire.Reply {
	r := wire.Reply{Xid: req.Xid, Zxid: txn.Zxid, Path: txn.Path}
	switch txn.Op {
	case wire.OpError:
		r.Err = txn.Code
	case wire.OpMulti:
		r.Results = resultsOf(req.Ops, txn.Ops, stats)
	default:
		if node := n.tree.Node(txn.Path); node != nil {
			r.Stat = node.Stat()
		}
	}
	return r
}

// resultsOf makes the results of a multi, which are all errors if it failed.
func resultsOf(asked []wire.Op, done []tree.Txn, stats []wire.Stat) []wire.Result {
	results := make([]wire.Result, len(done))
	for i := range done {
		results[i] = wire.Result{Type: asked[i].Effective(), Path: done[i].Path, Stat: stats[i]}
		if done[i].Op == wire.OpError {
			results[i] = wire.Result{Type: wire.OpError, Err: done[i].Code}
		}
	}
	return results
}

// replyOne is the reply stage: what is queued for one client leaves as one write.
func (n *Node) replyOne() bool {
	for _, c := range n.clients {
		if len(c.out.Buf) > 0 || c.last {
			n.flush(c)
			if c.last {
				n.dropClient(c)
			}
			return true
		}
	}
	return false
}

func (n *Node) flush(c *client) {
	if len(c.out.Buf) > 0 {
		n.send(c.conn, c.out.Buf)
		c.out.Buf = nil
	}
}
