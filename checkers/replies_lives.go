package checkers

import (
	"strings"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/wire"
)

// judgeLives judges when sessions end, and that they end for good.
func (c *court) judgeLives() {
	closed, touched := map[wire.SessionID]*txn{}, map[wire.SessionID]clock.Instant{}
	timeouts := map[wire.SessionID]int32{}
	for _, d := range c.dialogues {
		if d.session != 0 {
			timeouts[d.session] = d.timeout
		}
	}
	for _, t := range c.txns {
		s := t.fact.Session
		if end := closed[s]; end != nil && t.fact.Code == wire.OK {
			c.find(sessionLife, "revived", outcome.Bug, []uint64{end.fact.Seq, t.fact.Seq}, "session %s ended with transaction %s, and transaction %s (%s) is its own", s, end.zxid, t.zxid, t.fact.Note)
		}
		if t.ask != nil {
			touched[s] = max(touched[s], t.ask.frame.At)
		}
		if t.fact.Note == wire.OpCloseSession.String() {
			closed[s] = t
			if at, known := touched[s]; t.ask == nil && known {
				c.judgeExpiry(t, at, timeouts[s])
			}
		}
	}
	for _, d := range c.dialogues {
		if t := closed[d.session]; t != nil && d.session != 0 && c.at(d.server, d.hello.Seq).zxid >= t.zxid {
			c.find(sessionLife, "attached", outcome.Bug, []uint64{t.fact.Seq, d.welcome.Seq}, "%s attached to session %s at %s, at server %d, which had applied its end, %s, before it was asked",
				clientName(d.client), d.session, d.welcome.At, d.server, t.zxid)
		}
	}
}

// judgeExpiry judges a session that ran out of time. A request that became a transaction
// has reached the leader, no earlier than it was sent: from then on the session had its
// whole timeout, also with a later leader. A server's clock that a fault makes run wrong
// measures another time, so that nothing is said then.
func (c *court) judgeExpiry(t *txn, touched clock.Instant, timeoutMillis int32) {
	var expired *history.Fact
	for i := range c.evidence.Facts {
		f := &c.evidence.Facts[i]
		if f.Seq > t.fact.Seq || f.Kind == history.FaultOn && strings.Contains(f.Note, " clock") {
			break
		}
		if f.Kind == history.SessionExpired && f.Session == t.fact.Session && c.led(f) == t.zxid.Epoch() {
			expired = f
		}
	}
	if expired == nil {
		return
	}
	c.threat(sessionRanOut, 1)
	if due := touched + clock.Instant(timeoutMillis)*1e6; expired.At < due {
		c.find(sessionLife, "early", outcome.Bug, []uint64{expired.Seq, t.fact.Seq}, "session %s with a timeout of %dms was expired at %s by server %d, and had written at %s", t.fact.Session, timeoutMillis, expired.At, expired.Server, touched)
	}
}

// led returns the epoch that a server last led, at a fact of it.
func (c *court) led(at *history.Fact) (e wire.Epoch) {
	for i := range c.evidence.Facts {
		f := &c.evidence.Facts[i]
		if f.Seq > at.Seq {
			break
		}
		if f.Kind == history.Established && f.Server == at.Server {
			e = f.Epoch
		}
	}
	return e
}
