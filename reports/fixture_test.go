package reports

import (
	"encoding/json"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/wire"
)

const (
	clientA, clientB, clientC = 1, 2, 3
	sessionA, sessionB        = wire.SessionID(0x1000001), wire.SessionID(0x1000002)
)

// script writes a history by hand; now moves as the test says.
type script struct {
	log history.Log
	now clock.Instant
}

func (s *script) at(ms int) { s.now = clock.Instant(ms) * clock.Instant(time.Millisecond) }

// op records an operation that takes no time, and returns its position.
func (s *script) op(o history.Op) uint64 {
	h := s.log.Call(s.now, o)
	if o.Status != history.Pending {
		s.log.Return(h, s.now, o.Status, nil)
	}
	return s.log.Ops[h].Call
}

func (s *script) fact(f history.Fact) uint64 {
	f.At = s.now
	s.log.Fact(f)
	return s.log.Facts[len(s.log.Facts)-1].Seq
}

func acquire(c int, session wire.SessionID, token int64) history.Op {
	return history.Op{Client: c, Kind: history.Acquire, Name: "/lock", Status: history.OK, Session: session, Token: token}
}

func effectOp(c int, k history.Kind, value, version int64) history.Op {
	return history.Op{Client: c, Kind: k, Name: "db", Status: history.OK, Value: value, Version: version}
}

// staleHolder is the history of the README: A is cut off, its session expires, B takes
// the lock and writes, A comes back and overwrites. It returns what contradicts.
func staleHolder() (*history.Log, []uint64) {
	s := &script{}
	s.at(500)
	s.fact(history.Fact{Server: 2, Kind: history.Established, Epoch: 1})
	s.op(history.Op{Client: clientC, Kind: history.Wire, Name: "connect", Status: history.OK})
	s.at(2100)
	s.op(acquire(clientA, sessionA, 0x100000007))
	aRead := s.op(effectOp(clientA, history.EffectRead, 4, 4))
	s.at(2110)
	s.fact(history.Fact{Kind: history.FaultOn, Note: "isolate client A"})
	late := s.log.Call(s.now, effectOp(clientA, history.EffectWrite, 5, 0))
	s.at(6400)
	s.fact(history.Fact{Server: 2, Kind: history.SessionExpired, Session: sessionA})
	s.fact(history.Fact{Server: 2, Kind: history.SessionClosing, Session: sessionA})
	s.fact(history.Fact{Server: 1, Kind: history.SessionClosed, Session: sessionA})
	s.at(6410)
	s.op(acquire(clientB, sessionB, 0x10000000a))
	s.op(effectOp(clientB, history.EffectRead, 4, 4))
	bWrite := s.op(effectOp(clientB, history.EffectWrite, 5, 5))
	fenced := effectOp(clientB, history.EffectWrite, 5, 5)
	fenced.Name, fenced.Fenced, fenced.Token = "db-fenced", true, 0x10000000a
	s.op(fenced)
	s.at(6500)
	s.op(history.Op{Client: clientB, Kind: history.Release, Name: "/lock", Status: history.OK, Session: sessionB})
	s.at(8410)
	s.fact(history.Fact{Kind: history.FaultOff, Note: "isolate client A"})
	refused := effectOp(clientA, history.EffectWrite, 5, 0)
	s.log.Return(late, s.now, history.OK, func(o *history.Op) { o.Version = 6 })
	refused.Name, refused.Fenced, refused.Token, refused.Status, refused.Error = "db-fenced", true, 0x100000007, history.Fail, "stale token"
	s.op(refused)
	s.at(9000)
	s.fact(history.Fact{Kind: history.Healed})
	return &s.log, []uint64{aRead, bWrite, s.log.Ops[late].Call}
}

// lostUpdate is a complete finding about staleHolder.
func lostUpdate() Finding {
	log, positions := staleHolder()
	found := outcome.Finding{
		Checker: "effects", Rule: "ME-effect", Class: outcome.Limitation,
		Signature: "ME-effect: stale holder overwrites",
		Message:   "two clients wrote db under /lock: B's update at 6.410000s is lost",
		Quote:     "At most one client at a time changes what the lock protects.",
		Evidence:  positions,
	}
	return Finding{
		Outcome: &outcome.Outcome{
			Scenario: "zk-lock", Seed: "42", Tier: "A", Verdict: outcome.Fail, Digest: "9f3a61c20d5e7b84",
			Events: 18234, Ops: 240, VirtualNS: int64(30 * time.Second),
			Checks: []outcome.Check{
				{Name: "effects", Verdict: outcome.Fail, Examined: 31, Findings: []outcome.Finding{found}},
				{Name: "fenced-effects", Verdict: outcome.Pass, Examined: 30, Findings: []outcome.Finding{}},
				{Name: "orphan", Verdict: outcome.Vacuous, Findings: []outcome.Finding{}, Reason: "nothing to examine"},
			},
			Faults: []outcome.FaultCount{
				{Clause: "isolate client A", Armed: 1, Fired: 1, Mattered: 4},
				{Clause: "pause server 3", Armed: 1},
			},
			Plan:    json.RawMessage(`{"scenario":"zk-lock","seed":"42","faults":[{"kind":"isolate","client":1}]}`),
			History: log,
		},
		Finding: found,
		Title:   "Lock: B's update is lost after A's session expired",
		Program: "zk-lock",
		Command: "zoobreak replay zoobreak-out/zk-lock-3f9a/plan.json",

		Reproduced: 19, Of: 20,
		ShrunkFrom: Size{Faults: 11, Ops: 240, Clients: 3}, ShrunkTo: Size{Faults: 1, Ops: 4, Clients: 2}, ShrinkRuns: 97,
		Holds: []string{"lost replies", "server crashes"}, Breaks: []string{"isolation longer than the session timeout"},
		NotExercised: []string{"clock skew"},
		Notes:        []string{"In tier A an isolated client keeps its timers running."},
	}
}
