package checkers

import (
	"bytes"
	"fmt"

	"github.com/zoobreak/zoobreak/checkers/model"
	"github.com/zoobreak/zoobreak/wire"
)

// judgeReply judges one reply, and the events that came before it.
func (c *court) judgeReply(d *dialogue, x *reply) {
	c.examined(1)
	if d.conn == nil {
		d.conn = c.state.Connect(c.indexOf(d), d.session, c.address(d.client))
	}
	want, fired, ok := c.answer(d, x)
	if !ok {
		return
	}
	for _, ev := range fired {
		d.expect = append(d.expect, expected{Event: ev})
	}
	if c.judgeEvents(d, x.notices, x) && c.judgePlace(d, x) {
		c.judgeBytes(d, x, want)
	}
}

func (c *court) indexOf(d *dialogue) int {
	for i, o := range c.dialogues {
		if o == d {
			return i
		}
	}
	panic("checkers: a dialogue that nobody listened to")
}

// answer is what the model says.
func (c *court) answer(d *dialogue, x *reply) (want model.Answer, fired []model.Event, ok bool) {
	if !x.ask.Op.IsWrite() {
		want, fired = c.state.Read(d.conn, x.ask.Request)
		return want, fired, true
	}
	t := c.byAsk[x.ask]
	if t == nil || t.zxid != x.zxid {
		c.wrong(d, replyZxid, "write", []uint64{x.ask.frame.Seq, x.frame.Seq}, "its %s, xid %d, was answered with zxid %s at %s, which is not its transaction", x.ask.Op, x.ask.Xid, x.zxid, x.frame.At)
		return want, nil, false
	}
	return t.answer, nil, true
}

// judgePlace judges that the server was where the reply says, between request and reply.
func (c *court) judgePlace(d *dialogue, x *reply) bool {
	if x.ask.Op == wire.OpAuth {
		return true
	}
	least, most := c.at(d.server, x.ask.frame.Seq).zxid, c.at(d.server, x.frame.Seq).most
	// The beginning of an epoch is shown before it has a transaction.
	if x.zxid < least || c.last > most || x.zxid > c.last && x.zxid.Counter() != 0 {
		c.wrong(d, replyZxid, "read", []uint64{x.ask.frame.Seq, x.frame.Seq}, "its %s was answered with zxid %s at %s; the server's tree was at %s when it asked, and at %s then",
			x.ask.Op, x.zxid, x.frame.At, least, most)
		return false
	}
	return true
}

// judgeBytes judges the reply itself.
func (c *court) judgeBytes(d *dialogue, x *reply, want model.Answer) {
	want.Xid, want.Zxid = x.xid, x.zxid
	if x.ask.Op == wire.OpAuth {
		want.Zxid = 0
	}
	var e wire.Encoder
	want.Encode(&e, x.ask.Op)
	if bytes.Equal(e.Buf, x.frame.Bytes) {
		return
	}
	got, err := wire.DecodeReply(x.frame.Bytes, x.ask.Op)
	rule := semanticModel
	if x.ask.Op == wire.OpMulti {
		rule = multiAtomic
	}
	c.wrong(d, rule, fmt.Sprint(x.ask.Op), []uint64{x.ask.frame.Seq, x.frame.Seq}, "its %s %q (xid %d) was answered %s at %s, behind transaction %s; the answer is %s",
		x.ask.Op, x.ask.Path, x.ask.Xid, replyText(got, err), x.frame.At, c.last, replyText(want.Reply, nil))
}

func replyText(r wire.Reply, err error) string {
	if err != nil {
		return fmt.Sprintf("with bytes that are no reply (%v)", err)
	}
	return fmt.Sprintf("%+v", r)
}

// judgeEvents judges that those came which the model fired, in order, and each when its
// server could know of it. Behind the last reply some may be on their way.
func (c *court) judgeEvents(d *dialogue, came []notice, before *reply) bool {
	c.threat(eventTold, len(came))
	for i, n := range came {
		c.examined(1)
		if i >= len(d.expect) || d.expect[i].Type != n.Type || d.expect[i].Path != string(n.Path) {
			want := "nothing"
			if i < len(d.expect) {
				want = fmt.Sprintf("%s %q (transaction %s)", d.expect[i].Type, d.expect[i].Path, d.expect[i].zxid)
			}
			c.wrong(d, watchContract, "other", []uint64{n.frame.Seq}, "it was told %s %q at %s; due was %s", n.Type, n.Path, n.frame.At, want)
			return false
		}
		if z := d.expect[i].zxid; z > c.at(d.server, n.frame.Seq).most {
			c.wrong(d, watchContract, "premature", []uint64{n.frame.Seq}, "it was told %s %q at %s, before the server had applied %s", n.Type, n.Path, n.frame.At, z)
			return false
		}
	}
	if before != nil && len(came) < len(d.expect) {
		lost := d.expect[len(came)]
		c.wrong(d, watchContract, "lost", []uint64{before.frame.Seq}, "it was not told %s %q, of transaction %s, before its %s was answered behind %s at %s",
			lost.Type, lost.Path, lost.zxid, before.ask.Op, before.zxid, before.frame.At)
		return false
	}
	d.expect = d.expect[:0]
	return true
}

// judgeRest judges the events behind the last reply.
func (c *court) judgeRest(d *dialogue) {
	if !d.over && len(d.rest) > 0 {
		c.judgeEvents(d, d.rest, nil)
	}
	c.leave(d)
}
