package checkers

import (
	"fmt"
	"slices"

	"github.com/zoobreak/zoobreak/checkers/model"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/wire"
)

// Replies judges every packet that clients got against the reference model, driven by the
// committed order. It knows the model's settings, and from which address a client speaks.
//
// There is one state, which takes the transactions one by one. Each reply says behind which
// transaction it was given (its zxid), so between two transactions all connections whose
// next reply belongs there are answered by the model: the reply must be that answer, to the
// byte, and the events that came before it must be those which the model has fired for the
// connection since its last reply. The facts of the servers say whether that server could
// have been there at all.
func Replies(cfg model.Config, address func(client int) string) Checker {
	return judge{repliesChecker, func(e *evidence, r *result) {
		c := &court{result: r, evidence: e, address: address, state: model.NewServer(model.New(cfg)), applied: appliedBy(e.Facts), seen: map[wire.SessionID]wire.Zxid{}}
		if c.dialogues = c.listen(); len(c.dialogues) == 0 {
			return
		}
		c.judgeXids()
		c.judgeMonotony()
		c.order()
		c.run()
		c.judgeLives()
	}}
}

// court is one log being judged.
type court struct {
	*result
	evidence  *evidence
	address   func(client int) string
	state     *model.Server
	applied   map[int][]progress // by server
	dialogues []*dialogue
	txns      []*txn
	byAsk     map[*ask]*txn
	last      wire.Zxid // the transaction that the state is behind
	seen      map[wire.SessionID]wire.Zxid
}

// progress is how far a server's tree was from a position on.
type progress struct {
	seq  uint64
	zxid wire.Zxid
	most wire.Zxid // so far
}

func appliedBy(facts []history.Fact) map[int][]progress {
	all := map[int][]progress{}
	for _, f := range facts {
		if f.Kind == history.Applied || f.Kind == history.Restored {
			so := all[f.Server]
			most := f.Zxid
			if len(so) > 0 {
				most = max(most, so[len(so)-1].most)
			}
			all[f.Server] = append(so, progress{f.Seq, f.Zxid, most})
		}
	}
	return all
}

// at returns where a server was at a position.
func (c *court) at(server int, seq uint64) progress {
	so := c.applied[server]
	i, _ := slices.BinarySearchFunc(so, seq, func(p progress, seq uint64) int {
		if p.seq <= seq {
			return -1
		}
		return 1
	})
	if i == 0 {
		return progress{}
	}
	return so[i-1]
}

// run drives the state through all transactions.
func (c *court) run() {
	for _, t := range c.txns {
		c.settle(t.zxid)
		c.apply(t)
	}
	c.settle(1<<63 - 1)
	for _, d := range c.dialogues {
		c.judgeRest(d)
	}
}

// settle judges the replies that were given before a transaction.
func (c *court) settle(before wire.Zxid) {
	for _, d := range c.dialogues {
		for !d.over && d.next < len(d.replies) && d.replies[d.next].zxid < before {
			c.judgeReply(d, &d.replies[d.next])
			d.next++
		}
		if !d.over && d.next == len(d.replies) && len(d.rest) == 0 {
			c.leave(d)
		}
	}
}

// leave ends the judgement of a connection.
func (c *court) leave(d *dialogue) {
	d.over = true
	if d.conn != nil {
		c.state.Disconnect(d.conn.ID)
	}
}

// wrong is a finding about a connection. What follows on it follows from that.
func (c *court) wrong(d *dialogue, rule, shape string, seqs []uint64, format string, args ...any) {
	c.find(rule, shape, mustRule(rule).Class, seqs, "%s, connection %d to server %d, session %s: %s",
		clientName(d.client), d.number, d.server, d.session, fmt.Sprintf(format, args...))
	c.leave(d)
}
