package checkers

import (
	"slices"

	"github.com/zoobreak/zoobreak/checkers/model"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/wire"
)

// dialogue is all that went over one connection.
type dialogue struct {
	client, number, server int
	session                wire.SessionID
	timeout                int32
	hello                  *history.Frame
	last                   wire.Zxid // that the client had seen when it connected
	welcome                *history.Frame
	asked                  []*ask
	replies                []reply
	rest                   []notice // behind the last reply

	next   int // reply to judge
	over   bool
	conn   *model.Conn // from its first reply on
	expect []expected  // fired since the last reply
}

// ask is a request.
type ask struct {
	wire.Request
	frame *history.Frame
	who   []model.Identity
	of    *dialogue
}

// reply is a packet that answers, with the events that came before it.
type reply struct {
	frame   *history.Frame
	ask     *ask
	xid     int32
	zxid    wire.Zxid
	notices []notice
}

// notice is an event that came.
type notice struct {
	frame *history.Frame
	wire.Notification
}

// expected is an event that the model fired.
type expected struct {
	model.Event
	zxid wire.Zxid // of the transaction; 0 if a request did
}

// listen makes dialogues of the frames, in the order in which they began.
func (c *court) listen() (all []*dialogue) {
	type key struct{ client, conn int }
	known := map[key]*dialogue{}
	for i := range c.evidence.Frames {
		f := &c.evidence.Frames[i]
		d := known[key{f.Client, f.Conn}]
		if d == nil {
			d = &dialogue{client: f.Client, number: f.Conn, server: f.Server}
			known[key{f.Client, f.Conn}] = d
			all = append(all, d)
		}
		if f.Way == history.Sent {
			d.sent(f)
		} else {
			c.got(d, f)
		}
	}
	for _, d := range all {
		d.identify(c)
	}
	return all
}

func (d *dialogue) sent(f *history.Frame) {
	if d.hello == nil {
		if h, err := wire.DecodeConnectRequest(f.Bytes); err == nil {
			d.hello, d.last = f, h.LastZxidSeen
		}
		return
	}
	if r, err := wire.DecodeRequest(f.Bytes); err == nil {
		d.asked = append(d.asked, &ask{Request: r, frame: f, of: d})
	}
}

func (c *court) got(d *dialogue, f *history.Frame) {
	if d.welcome == nil {
		if w, err := wire.DecodeConnectResponse(f.Bytes); err == nil {
			d.welcome, d.session, d.timeout = f, w.Session, w.TimeoutMillis
		}
		return
	}
	h := wire.DecodeReplyHeader(wire.NewDecoder(f.Bytes))
	if h.Xid == wire.XidNotification {
		n, err := wire.DecodeNotification(f.Bytes)
		if err != nil || n.Zxid != -1 || n.State != wire.StateSyncConnected {
			c.wrong(d, watchContract, "form", []uint64{f.Seq}, "it got a notification that is none, %x", f.Bytes)
		}
		d.rest = append(d.rest, notice{f, n})
		return
	}
	x := reply{frame: f, xid: h.Xid, zxid: h.Zxid, notices: d.rest}
	if n := len(d.replies); n < len(d.asked) {
		x.ask = d.asked[n]
	}
	d.replies, d.rest = append(d.replies, x), nil
}

// identify notes who the client was when it asked: a credential counts from when it is
// heard, and all are shown before anything else.
func (d *dialogue) identify(c *court) {
	scratch := model.NewServer(c.state.State)
	conn := scratch.Connect(0, d.session, c.address(d.client))
	for _, a := range d.asked {
		if a.Op == wire.OpAuth {
			scratch.Read(conn, a.Request)
		}
		a.who = conn.Who()
	}
}

// judgeXids judges that replies come in the order of requests, one for each.
func (c *court) judgeXids() {
	for _, d := range c.dialogues {
		for i := range d.replies {
			x := &d.replies[i]
			c.examined(1)
			switch {
			case x.ask == nil || x.ask.frame.Seq > x.frame.Seq:
				c.wrong(d, replyOrder, "unasked", []uint64{x.frame.Seq}, "it got a reply with xid %d at %s, and had asked for nothing more", x.xid, x.frame.At)
			case x.xid != x.ask.Xid && (x.ask.Op != wire.OpPing || x.xid != wire.XidPing):
				c.wrong(d, replyOrder, "xid", []uint64{x.ask.frame.Seq, x.frame.Seq}, "it got a reply with xid %d at %s, where that to its %s with xid %d was due", x.xid, x.frame.At, x.ask.Op, x.ask.Xid)
			}
			if d.over {
				break
			}
		}
	}
}

// judgeMonotony judges that no session sees time go back, whatever the server.
func (c *court) judgeMonotony() {
	type heard struct {
		d *dialogue
		x *reply
	}
	var all []heard
	for _, d := range c.dialogues {
		if d.last > 0 && len(d.replies) > 0 {
			c.threat(sessionMoved, 1)
		}
		for i := range d.replies {
			if x := &d.replies[i]; x.ask != nil && x.ask.Op != wire.OpAuth {
				all = append(all, heard{d, x})
			}
		}
	}
	slices.SortFunc(all, func(a, b heard) int { return int(a.x.frame.Seq) - int(b.x.frame.Seq) })
	for _, h := range all {
		before := max(c.seen[h.d.session], h.d.last)
		c.examined(1)
		if h.x.zxid < before && !h.d.over {
			c.wrong(h.d, sessionMonotonic, "back", []uint64{h.x.frame.Seq}, "its %s was answered at %s behind %s, and the session had seen %s", h.x.ask.Op, h.x.frame.At, h.x.zxid, before)
		}
		c.seen[h.d.session] = max(before, h.x.zxid)
	}
}
