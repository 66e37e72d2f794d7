package node

import (
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/wire"
)

// user is a client: its requests reach its server at once, and what it is told is written
// down at once.
type user struct {
	number   int
	conn     Conn // 0: not connected
	server   ID
	greeted  bool
	session  wire.SessionID
	password []byte
	seen     wire.Zxid
	xid      int32
	asked    []wire.Request
	framer   wire.Framer
}

func (c *cluster) user(number int) *user {
	if c.clients[number] == nil {
		c.clients[number] = &user{number: number, password: make([]byte, 16)}
	}
	return c.clients[number]
}

// connect leaves what connection there is and greets a server.
func (c *cluster) connect(u *user, to ID) {
	c.leave(u)
	c.last++
	u.conn, u.server, u.greeted, u.framer, u.asked = c.last, to, false, wire.Framer{}, nil
	c.ends[u.conn] = &cable{owner: to, channel: ClientChannel, client: u}
	c.step(c.servers[to], Event{Kind: Opened, Conn: u.conn, Channel: ClientChannel})
	var e wire.Encoder
	mark := e.Begin()
	(&wire.ConnectRequest{LastZxidSeen: u.seen, TimeoutMillis: 4000, Session: u.session, Password: u.password}).Encode(&e)
	e.End(mark)
	c.fromClient(u, e.Buf)
}

func (c *cluster) leave(u *user) {
	if u.conn != 0 {
		conn := u.conn
		u.conn = 0
		delete(c.ends, conn)
		c.step(c.servers[u.server], Event{Kind: Closed, Conn: conn})
	}
}

// ask sends a request as a client writes it: "create /a", "create -e /a", "get -w /a".
func (c *cluster) ask(u *user, verb string, args []string) {
	req := c.request(u, verb, args)
	u.asked = append(u.asked, req)
	var e wire.Encoder
	mark := e.Begin()
	req.Encode(&e)
	e.End(mark)
	c.fromClient(u, e.Buf)
}

func (c *cluster) request(u *user, verb string, args []string) wire.Request {
	req := wire.Request{Version: -1, ACL: wire.WorldACL(wire.PermAll), Data: []byte{}}
	for ; len(args) > 0 && strings.HasPrefix(args[0], "-"); args = args[1:] {
		switch args[0] {
		case "-e":
			req.Flags |= wire.FlagEphemeral
		case "-s":
			req.Flags |= wire.FlagSequential
		case "-w":
			req.Watch = true
		}
	}
	if len(args) > 0 {
		req.Path = wire.Path(args[0])
	}
	if len(args) > 1 {
		req.Data = []byte(args[1])
	}
	ops := map[string]wire.OpCode{
		"create": wire.OpCreate, "set": wire.OpSetData, "delete": wire.OpDelete, "get": wire.OpGetData, "exists": wire.OpExists,
		"children": wire.OpGetChildren, "sync": wire.OpSync, "close": wire.OpCloseSession, "rewatch": wire.OpSetWatches,
	}
	op, known := ops[verb]
	require.True(c.t, known, "no request is called %q", verb)
	req.Op = op
	if op == wire.OpSetWatches {
		req.Xid, req.Path, req.RelativeZxid = wire.XidSetWatches, "", u.seen
		req.DataWatches, req.ExistWatches, req.ChildWatches = watchLists(args)
		return req
	}
	u.xid++
	req.Xid = u.xid
	return req
}

// watchLists reads "data /a /b exists /c children /d".
func watchLists(args []string) (data, exist, child []string) {
	to := &data
	for _, a := range args {
		switch a {
		case "data":
			to = &data
		case "exists":
			to = &exist
		case "children":
			to = &child
		default:
			*to = append(*to, a)
		}
	}
	return data, exist, child
}

func (c *cluster) fromClient(u *user, b []byte) {
	if u.conn != 0 {
		c.step(c.servers[u.server], Event{Kind: Received, Conn: u.conn, Data: b})
	}
}

// toClient writes down what a client is told.
func (c *cluster) toClient(u *user, m Message) {
	u.framer.Feed(m.Data)
	for {
		frame, ok, err := u.framer.Next()
		require.NoError(c.t, err)
		if !ok {
			break
		}
		c.hear(u, frame)
	}
	if m.Close {
		c.say("client %d: %d closes the connection", u.number, u.server)
		u.conn = 0
	}
}

func (c *cluster) hear(u *user, frame []byte) {
	if !u.greeted {
		r, err := wire.DecodeConnectResponse(frame)
		require.NoError(c.t, err)
		u.greeted = true
		if r.Session == 0 {
			c.say("client %d: session expired", u.number)
			u.session, u.password = 0, make([]byte, 16)
			return
		}
		again := u.session == r.Session
		u.session, u.password = r.Session, r.Password
		c.say("client %d: session of server %d, %dms, again %v", u.number, int64(r.Session)>>56, r.TimeoutMillis, again)
		return
	}
	if h := wire.DecodeReplyHeader(wire.NewDecoder(frame)); h.Xid == wire.XidNotification {
		x, err := wire.DecodeNotification(frame)
		require.NoError(c.t, err)
		c.say("client %d: %s", u.number, eventLine(x))
		return
	}
	req := u.asked[0]
	u.asked = u.asked[1:]
	r, err := wire.DecodeReply(frame, req.Op)
	require.NoError(c.t, err)
	require.Equal(c.t, req.Xid, r.Xid)
	u.seen = max(u.seen, r.Zxid)
	c.say("client %d: %s", u.number, replyLine(req.Op, r))
}
