package checkers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zoobreak/zoobreak/checkers/model"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/wire"
)

// txn is a transaction, as some server was the first to apply it.
type txn struct {
	zxid    wire.Zxid
	fact    *history.Fact
	ask     *ask // nil: a server asked
	deletes []string
	answer  model.Answer
}

// bySessions reports whether the session's owner or life decided, which the model does not
// know.
func (t *txn) bySession() bool {
	return t.fact.Code == wire.SessionExpired || t.fact.Code == wire.SessionMoved
}

// order finds the transactions, and who asked for them.
func (c *court) order() {
	type key struct {
		session wire.SessionID
		xid     int32
	}
	asks := map[key]*ask{}
	for _, d := range c.dialogues {
		for _, a := range d.asked {
			if a.Op.IsWrite() {
				asks[key{d.session, a.Xid}] = a
			}
		}
	}
	known, applying := map[wire.Zxid]*txn{}, map[int]*txn{}
	c.byAsk = map[*ask]*txn{}
	for i := range c.evidence.Facts {
		f := &c.evidence.Facts[i]
		switch t := applying[f.Server]; {
		case f.Kind == history.Applied && known[f.Zxid] == nil:
			t = &txn{zxid: f.Zxid, fact: f, ask: asks[key{f.Session, f.Xid}]}
			known[f.Zxid], applying[f.Server], c.txns = t, t, append(c.txns, t)
			c.asked(t)
		case f.Kind == history.Applied:
			applying[f.Server] = nil // as another has, or as it has before it was restarted
		case f.Kind == history.NodeDeleted && t != nil:
			t.deletes = append(t.deletes, f.Note)
		}
	}
	slices.SortFunc(c.txns, func(a, b *txn) int { return int(a.zxid - b.zxid) })
}

// asked judges that a transaction was asked for, once.
func (c *court) asked(t *txn) {
	own := t.fact.Xid == 0 && (t.fact.Note != wire.OpError.String() || t.bySession())
	switch before := c.byAsk[t.ask]; {
	case t.ask == nil && own:
		return
	case t.ask == nil:
		c.find(askedOnce, "unasked", outcome.Bug, []uint64{t.fact.Seq}, "server %d applied transaction %s (%s of session %s, xid %d) at %s, and no client had asked for it",
			t.fact.Server, t.zxid, t.fact.Note, t.fact.Session, t.fact.Xid, t.fact.At)
	case before != nil:
		c.find(askedOnce, "twice", outcome.Bug, []uint64{before.fact.Seq, t.fact.Seq}, "the %s of session %s, xid %d, is transaction %s and also %s",
			t.ask.Op, t.fact.Session, t.fact.Xid, before.zxid, t.zxid)
	default:
		c.byAsk[t.ask] = t
	}
}

// apply makes a transaction the state's last, and lets the model tell those who watch.
func (c *court) apply(t *txn) {
	c.examined(1)
	c.last = t.zxid
	w := model.Write{Zxid: t.zxid, Millis: t.fact.Millis, Session: t.fact.Session}
	switch op, path, _ := strings.Cut(t.fact.Note, " "); {
	case t.bySession():
		t.answer.Err = t.fact.Code
		return
	case t.ask != nil:
		w.Request, w.Who = t.ask.Request, t.ask.who
	case op == wire.OpCreateSession.String():
		w.Request.Op = wire.OpCreateSession
	case op == wire.OpCloseSession.String():
		w.Request.Op = wire.OpCloseSession
	case op == wire.OpDeleteContainer.String():
		w.Request = wire.Request{Op: wire.OpDeleteContainer, Path: wire.Path(path)}
	default:
		return // nobody asked for it: that has been found
	}
	if w.Request.Op == wire.OpCloseSession {
		w.Order = c.ends(t)
	}
	var events []model.Event
	t.answer, events = c.state.Apply(w)
	c.threatsOf(t)
	c.judgeCode(t, w.Request)
	for _, ev := range events {
		c.dialogues[ev.Conn].expect = append(c.dialogues[ev.Conn].expect, expected{ev, t.zxid})
	}
}

// ends judges that the end of a session takes its nodes and no others, and returns the
// order in which it did.
func (c *court) ends(t *txn) []string {
	owned := slices.Sorted(slices.Values(c.state.Owned(t.fact.Session)))
	if taken := slices.Sorted(slices.Values(t.deletes)); !slices.Equal(taken, owned) {
		c.find(ephemeralContract, "close", outcome.Bug, []uint64{t.fact.Seq}, "the end of session %s, transaction %s, took the nodes %v; it owned %v", t.fact.Session, t.zxid, taken, owned)
		return nil
	}
	return append([]string{}, t.deletes...)
}

func (c *court) threatsOf(t *txn) {
	switch failed := slices.ContainsFunc(t.answer.Results, func(x wire.Result) bool { return x.Err != wire.OK }); {
	case t.answer.Err != wire.OK:
		c.threat(writeRefused, 1)
	case failed:
		c.threat(multiFailed, 1)
	case t.fact.Note == wire.OpCloseSession.String():
		c.threat(sessionEnded, 1)
	}
}

// judgeCode judges what became of a request, also if its client was never told.
func (c *court) judgeCode(t *txn, r wire.Request) {
	if t.fact.Code == t.answer.Err {
		return
	}
	c.find(semanticModel, fmt.Sprintf("%s ends otherwise", r.Op), outcome.Bug, []uint64{t.fact.Seq}, "transaction %s, the %s of %q by session %s, ended with %q; it had to be %q",
		t.zxid, r.Op, r.Path, t.fact.Session, t.fact.Code, t.answer.Err)
}
