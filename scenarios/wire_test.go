package scenarios_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/checkers"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/node/bugs"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/wire"
)

// replies is the checker of a scenario that judges every packet.
func replies(t *testing.T, s *scenarios.Scenario) checkers.Checker {
	i := slices.IndexFunc(s.Checkers, func(c checkers.Checker) bool { return c.Name() == "replies" })
	require.GreaterOrEqual(t, i, 0)
	return s.Checkers[i]
}

// Without faults and with all of them every answer is the model's, and all that is judged
// has occurred.
func TestEveryAnswerIsTheModels(t *testing.T) {
	threats := map[string]int{}
	for _, s := range []*scenarios.Scenario{scenarios.Wire(), scenarios.Wire().WithoutFaults()} {
		for seed := uint64(1); seed <= 6; seed++ {
			out, _ := scenarios.Run(s, s.Draw(seed), scenarios.Options{})
			require.Equal(t, outcome.Pass, out.Verdict, "%s, seed %d: %s %v", s.Name, seed, out.Reason, out.Findings())
			for _, c := range out.Checks {
				if c.Name == "replies" {
					require.Greater(t, c.Examined, 1000)
					for name, n := range c.Threats {
						threats[name] += n
					}
				}
			}
		}
	}
	for name, n := range threats {
		require.Positive(t, n, name)
	}
}

// In this plan the leader's word on a sync comes later than the commit of a write that was
// pipelined behind the sync (node.overtake).
func TestASyncIsNotOvertakenByAWriteBehindIt(t *testing.T) {
	out, _ := scenarios.Run(scenarios.Wire(), scenarios.Wire().Draw(46), scenarios.Options{})
	require.Equal(t, outcome.Pass, out.Verdict, "%s %v", out.Reason, out.Findings())
}

// What ZooKeeper once got wrong about watches and stamps is found at once, without a fault.
func TestOldMistakesAboutWatchesAreFound(t *testing.T) {
	s := scenarios.Wire().WithoutFaults()
	for _, bug := range []bugs.Bug{bugs.ChildWatchByData, bugs.EventsForEverybody, bugs.OneModeForBoth, bugs.ReadsShowCommitted} {
		i := slices.IndexFunc(bugs.All(), func(i bugs.Info) bool { return i.Bug == bug })
		found := map[string]bool{}
		for seed := uint64(1); seed <= 6; seed++ {
			p := s.Draw(seed)
			p.Bugs = []string{string(bug)}
			out, _ := scenarios.Run(s, p, scenarios.Options{})
			for _, f := range out.Findings() {
				require.Equal(t, "replies", f.Checker, f.Message)
				found[f.Rule] = true
			}
		}
		require.True(t, found[bugs.All()[i].Breaks], "%s: %v", bug, found)
	}
}

// evidence is a log to tamper with. Frames of a connection are found by what they are.
type evidence struct {
	*history.Log
	t *testing.T
}

// packet is a frame that a client got behind its handshake.
type packet struct {
	*history.Frame
	ask   wire.Request // of a reply
	later bool         // another reply follows on the connection
}

func (p packet) xid() int32      { return int32(binary.BigEndian.Uint32(p.Bytes)) }
func (p packet) zxid() wire.Zxid { return wire.Zxid(binary.BigEndian.Uint64(p.Bytes[4:])) }
func (p packet) ok() bool        { return binary.BigEndian.Uint32(p.Bytes[12:]) == 0 }

func (p packet) setZxid(z wire.Zxid) { binary.BigEndian.PutUint64(p.Bytes[4:], uint64(z)) }

// packets returns all that clients got, in order.
func (e *evidence) packets() (all []packet) {
	type key struct{ client, conn int }
	type conn struct {
		asked   []wire.Request
		welcome bool
		last    int
	}
	conns := map[key]*conn{}
	for i := range e.Frames {
		f := &e.Frames[i]
		c := conns[key{f.Client, f.Conn}]
		switch {
		case c == nil:
			conns[key{f.Client, f.Conn}] = &conn{last: -1}
		case f.Way == history.Sent:
			r, err := wire.DecodeRequest(f.Bytes)
			require.NoError(e.t, err)
			c.asked = append(c.asked, r)
		case !c.welcome:
			c.welcome = true
		default:
			p := packet{Frame: f}
			if p.xid() != wire.XidNotification {
				p.ask, c.asked = c.asked[0], c.asked[1:]
				for j := range all {
					if all[j].Client == f.Client && all[j].Conn == f.Conn {
						all[j].later = true
					}
				}
			}
			all = append(all, p)
		}
	}
	return all
}

// pick returns the last packet that is as asked for.
func (e *evidence) pick(is func(p packet) bool) packet {
	all := e.packets()
	for i := len(all) - 1; i >= 0; i-- {
		if is(all[i]) {
			return all[i]
		}
	}
	require.Fail(e.t, "the run has no such packet")
	return packet{}
}

func (e *evidence) drop(p packet) {
	seq := p.Seq
	e.Frames = slices.DeleteFunc(e.Frames, func(f history.Frame) bool { return f.Seq == seq })
}

func (e *evidence) facts(is func(f *history.Fact) bool) (all []*history.Fact) {
	for i := range e.Facts {
		if is(&e.Facts[i]) {
			all = append(all, &e.Facts[i])
		}
	}
	require.NotEmpty(e.t, all, "the run has no such fact")
	return all
}

func asks(op wire.OpCode) func(packet) bool {
	return func(p packet) bool { return p.xid() >= 0 && p.ask.Op == op && p.ok() && len(p.Bytes) > 20 }
}

func isEvent(p packet) bool { return p.xid() == wire.XidNotification && p.later }

func flip(p packet, at int) { p.Bytes[at] ^= 1 }

// closed is a session that ended, and the fact of it.
func (e *evidence) closed() *history.Fact {
	return e.facts(func(f *history.Fact) bool { return f.Kind == history.Applied && f.Note == "closeSession" })[0]
}

// tampers change a log of a run without a fault in it so that one rule is broken.
var tampers = []struct {
	want string // part of the finding's signature
	do   func(e *evidence)
}{
	{"O6-reply-order: xid", func(e *evidence) { flip(e.pick(asks(wire.OpGetData)), 3) }},
	{"O6-reply-order: xid", func(e *evidence) {
		e.drop(e.pick(func(p packet) bool { return p.xid() > 0 && p.later }))
	}},
	{"O6-reply-order: unasked", func(e *evidence) {
		p := e.pick(func(p packet) bool { return p.xid() > 0 && !p.later })
		e.Frames = append(e.Frames, *p.Frame)
	}},
	{"O7-session-monotonic: back", func(e *evidence) { e.pick(asks(wire.OpGetData)).setZxid(1) }},
	{"O7-reply-zxid: write", func(e *evidence) {
		p := e.pick(func(p packet) bool { return p.xid() > 0 && p.ask.Op == wire.OpCreate && !p.later })
		p.setZxid(p.zxid() + 1)
	}},
	{"O7-reply-zxid: read", func(e *evidence) {
		p := e.pick(func(p packet) bool { return p.xid() > 0 && p.ask.Op == wire.OpGetData && !p.later })
		p.setZxid(p.zxid() + 1<<20)
	}},
	{"O9-ephemeral-contract: close", func(e *evidence) {
		z := e.facts(func(f *history.Fact) bool {
			return f.Kind == history.NodeDeleted && slices.ContainsFunc(e.Facts, func(g history.Fact) bool { return g.Kind == history.SessionClosed && g.Zxid == f.Zxid })
		})[0].Zxid
		e.Facts = slices.DeleteFunc(e.Facts, func(f history.Fact) bool { return f.Kind == history.NodeDeleted && f.Zxid == z })
	}},
	{"O10-watch-contract: lost", func(e *evidence) { e.drop(e.pick(isEvent)) }},
	{"O10-watch-contract: other", func(e *evidence) { p := e.pick(isEvent); flip(p, len(p.Bytes)-1) }},
	{"O10-watch-contract: other", func(e *evidence) { flip(e.pick(isEvent), 19) }},
	{"O10-watch-contract: other", func(e *evidence) { // told twice
		p := e.pick(isEvent)
		i := slices.IndexFunc(e.Frames, func(f history.Frame) bool { return f.Seq == p.Seq })
		e.Frames = slices.Insert(e.Frames, i, e.Frames[i])
	}},
	{"O10-watch-contract: form", func(e *evidence) { e.pick(isEvent).setZxid(7) }},
	{"O10-watch-contract: premature", func(e *evidence) {
		p := e.pick(isEvent)
		before := e.pick(func(q packet) bool { return q.Client == p.Client && q.Conn == p.Conn && q.Seq < p.Seq && q.xid() >= 0 })
		e.Facts = slices.DeleteFunc(e.Facts, func(f history.Fact) bool {
			return f.Kind == history.Applied && f.Server == p.Server && f.Zxid > before.zxid()
		})
	}},
	{"O12-multi-atomic: multi", func(e *evidence) { p := e.pick(asks(wire.OpMulti)); flip(p, len(p.Bytes)-10) }},
	{"O16-semantic-model: getData", func(e *evidence) { p := e.pick(asks(wire.OpGetData)); flip(p, len(p.Bytes)-1) }},
	{"O16-semantic-model: setData", func(e *evidence) { p := e.pick(asks(wire.OpSetData)); flip(p, len(p.Bytes)-30) }},
	{"O16-semantic-model: delete ends otherwise", func(e *evidence) {
		for _, f := range e.facts(func(f *history.Fact) bool { return f.Kind == history.Applied && f.Note == "delete" }) {
			f.Code = wire.NotEmpty
		}
	}},
	{"O16-asked-once: unasked", func(e *evidence) {
		e.facts(func(f *history.Fact) bool { return f.Kind == history.Applied && f.Xid > 0 })[0].Xid = 1 << 20
	}},
	{"O16-asked-once: twice", func(e *evidence) {
		all := e.facts(func(f *history.Fact) bool { return f.Kind == history.Applied && f.Xid > 0 })
		for _, f := range all {
			if f.Session == all[0].Session && f.Zxid != all[0].Zxid {
				f.Xid = all[0].Xid
			}
		}
	}},
	{"O17-session-life: early", func(e *evidence) {
		for _, f := range e.facts(func(f *history.Fact) bool { return f.Kind == history.SessionExpired }) {
			f.At = 1e9
		}
	}},
	{"O17-session-life: revived", func(e *evidence) {
		end := e.closed()
		for _, f := range e.facts(func(f *history.Fact) bool { return f.Kind == history.Applied && f.Zxid == end.Zxid+1 }) {
			f.Session, f.Code = end.Session, wire.OK
		}
	}},
	{"O17-session-life: attached", func(e *evidence) {
		end := e.closed()
		last := map[[2]int]int{}
		for i := range e.Frames {
			f := &e.Frames[i]
			k := [2]int{f.Client, f.Conn}
			if last[k]++; last[k] == 2 && f.Seq > end.Seq+1000 {
				binary.BigEndian.PutUint64(f.Bytes[8:], uint64(end.Session))
			}
		}
	}},
}

// Each rule fires on a log in which it is broken, and on the same log untouched none does.
func TestEveryRuleOfTheRepliesFires(t *testing.T) {
	s := scenarios.Wire().WithoutFaults()
	judge := replies(t, s)
	run := func() *evidence {
		out, _ := scenarios.Run(s, s.Draw(2), scenarios.Options{History: true})
		return &evidence{out.History, t}
	}
	require.Equal(t, outcome.Pass, judge.Check(run().Log).Verdict)
	fired := map[string]bool{}
	for _, x := range tampers {
		t.Run(x.want, func(t *testing.T) {
			e := run()
			x.do(e)
			c := judge.Check(e.Log)
			var signatures []string
			for _, f := range c.Findings {
				signatures = append(signatures, f.Signature)
			}
			require.Contains(t, signatures, x.want)
			rule, _, _ := strings.Cut(x.want, ":")
			fired[rule] = true
		})
	}
	for _, r := range checkers.Rules() {
		require.True(t, r.Checker != "replies" || fired[r.ID], "no log breaks %s", r.ID)
	}
}
