package checkers

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

var limitation = []outcome.Class{outcome.Limitation}

const (
	lostAfterSession = "ME-effect: update lost after session loss"
	lostWhileLive    = "ME-effect: update lost with a live session"
)

// cutOff tells of client A, whose session ends while it holds the lock, and of client B,
// which is let in. Then A goes on.
func cutOff(s *story) {
	s.acquire(1, 1)
	s.reads(1, 4, 3)
	s.closing(1)
	s.closed(1)
	s.acquire(2, 2)
	s.reads(2, 4, 3)
	s.writes(2, 5, 4)
}

func TestEffects(t *testing.T) {
	readAloud(t, Effects(), lostWhileHeld, []chapter{
		{name: "one after the other", log: func(s *story) {
			s.acquire(1, 1)
			s.reads(1, 0, 0)
			s.writes(1, 1, 1)
			s.release(1)
			s.acquire(2, 2)
			s.reads(2, 1, 1)
			s.writes(2, 2, 2)
		}, verdict: outcome.Pass, examined: 2},

		{name: "what a client had read in an earlier life it does not know", log: func(s *story) {
			s.acquire(1, 1)
			s.reads(1, 4, 3)
			s.dies(1)
			s.acquire(2, 2)
			s.reads(2, 4, 3)
			s.writes(2, 5, 4)
			s.writes(1, 9, 5)
		}, verdict: outcome.Pass, examined: 2},

		{name: "a write that was on its way when its client died", log: func(s *story) {
			s.acquire(1, 1)
			s.reads(1, 4, 3)
			s.call(effect(history.EffectWrite, 1, 5, 5))
			s.dies(1)
			s.acquire(2, 2)
			s.writes(2, 5, 4)
		}, verdict: outcome.Fail, examined: 2, found: []string{"ME-effect: update lost with a live session"}},

		{name: "a stale writer whose session had ended", log: func(s *story) {
			cutOff(s)
			s.writes(1, 5, 5)
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: []string{lostAfterSession}, classes: limitation,
			says: "client A read db = 4 (version 3) at 0.400000s, client B wrote 5 (version 4) at 1.200000s, and client A overwrote that unseen with 5 (version 5) at 1.400000s; session 0xa1 of client A had begun to end at 0.500000s, which let the other in"},

		{name: "a stale write that was on its way all the time", log: func(s *story) {
			s.acquire(1, 1)
			s.reads(1, 4, 3)
			late := s.call(effect(history.EffectWrite, 1, 5, 5))
			s.closing(1)
			s.acquire(2, 2)
			s.writes(2, 5, 4)
			s.end(late, history.OK, nil)
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: []string{lostAfterSession}, classes: limitation},

		{name: "a stale write that was never answered", log: func(s *story) {
			cutOff(s)
			s.call(effect(history.EffectWrite, 1, 5, 5))
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: []string{lostAfterSession}, classes: limitation},

		{name: "a stale write between the read and the write of the next holder", log: func(s *story) {
			s.acquire(1, 1)
			s.reads(1, 4, 3)
			s.closing(1)
			s.acquire(2, 2)
			s.reads(2, 4, 3)
			s.writes(1, 5, 4)
			s.writes(2, 5, 5)
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: []string{lostAfterSession}, classes: limitation,
			says: "client B overwrote that unseen with 5 (version 5) at 1.300000s; session 0xa1 of client A had begun to end"},

		{name: "both sessions alive", log: func(s *story) {
			s.acquire(1, 1)
			s.reads(1, 4, 3)
			s.acquire(2, 2)
			s.reads(2, 4, 3)
			s.writes(2, 5, 4)
			s.writes(1, 5, 5)
		}, verdict: outcome.Fail, examined: 2, found: []string{lostWhileLive}},

		{name: "a session that had ended before the lock was asked for excuses nothing", log: func(s *story) {
			s.did(history.Op{Kind: history.Wire, Name: "connect", Client: 1, Session: 0xb1}, history.OK)
			s.fact(history.SessionClosing, 1, history.Fact{Session: 0xb1})
			s.acquire(1, 1)
			s.reads(1, 4, 3)
			s.writes(2, 5, 4)
			s.writes(1, 5, 5)
		}, verdict: outcome.Fail, examined: 2, found: []string{lostWhileLive}},

		{name: "nor one that ended after the harm was done", log: func(s *story) {
			s.acquire(1, 1)
			s.reads(1, 4, 3)
			s.writes(2, 5, 4)
			s.closing(1)
			s.writes(1, 5, 5)
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: []string{lostWhileLive}},

		{name: "nor one of somebody else", log: func(s *story) {
			s.acquire(1, 1)
			s.reads(1, 4, 3)
			s.acquire(2, 2)
			s.closing(2)
			s.writes(2, 5, 4)
			s.writes(1, 5, 5)
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: []string{lostWhileLive}},

		{name: "a client's sessions are known from its connections", log: func(s *story) {
			s.did(history.Op{Kind: history.Wire, Name: "connect", Client: 1, Session: 0xb1}, history.OK)
			s.did(history.Op{Kind: history.Acquire, Client: 1, Name: "/lock"}, history.OK)
			s.reads(1, 4, 3)
			s.fact(history.SessionClosing, 1, history.Fact{Session: 0xb1})
			s.writes(2, 5, 4)
			s.writes(1, 5, 5)
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: []string{lostAfterSession}, classes: limitation},

		{name: "a client may overwrite itself, and write what it never read", log: func(s *story) {
			s.reads(1, 0, 0)
			s.writes(1, 1, 1)
			s.writes(1, 2, 2)
			s.writes(2, 9, 3)
		}, verdict: outcome.Pass, examined: 3},

		{name: "what the client read last counts", log: func(s *story) {
			s.reads(1, 0, 0)
			s.writes(2, 1, 1)
			s.reads(1, 1, 1)
			s.writes(1, 2, 2)
		}, verdict: outcome.Pass, examined: 2},

		{name: "a read that failed saw nothing", log: func(s *story) {
			s.reads(1, 0, 0)
			s.writes(2, 1, 1)
			s.did(effect(history.EffectRead, 1, 0, 1), history.Fail)
			s.writes(1, 2, 2)
		}, verdict: outcome.Fail, examined: 2, found: []string{lostWhileLive}},

		{name: "another resource is another matter", log: func(s *story) {
			s.reads(1, 0, 0)
			s.did(history.Op{Kind: history.EffectWrite, Client: 2, Name: "queue", Version: 1}, history.OK)
			s.writes(1, 1, 2)
		}, verdict: outcome.Pass, examined: 2},

		{name: "a fenced resource is judged elsewhere", log: func(s *story) { s.writesFenced(1, 1, 1) }, verdict: outcome.Vacuous},
	})
}

func TestFencedEffects(t *testing.T) {
	readAloud(t, FencedEffects(), staleRejected, []chapter{
		{name: "a stale token is turned away", log: func(s *story) {
			s.writesFenced(2, 1, 7)
			s.writesFenced(1, 0, 5)
			s.writesFenced(2, 2, 7)
		}, verdict: outcome.Pass, examined: 2, threat: 1},

		{name: "a stale token is let in", log: func(s *story) {
			s.writesFenced(1, 1, 5)
			s.writesFenced(2, 2, 7)
			s.writesFenced(1, 3, 5)
		}, verdict: outcome.Fail, examined: 3, found: []string{"ME-effect-fenced: stale token accepted"},
			says: "db accepted a write of client A with token 5 at 0.600000s, after it had accepted token 7 of client B at 0.400000s"},

		{name: "an update is lost in spite of the token, and no lost session excuses it", log: func(s *story) {
			s.acquire(1, 5)
			s.readsFenced(1, 3)
			s.closing(1)
			s.writesFenced(2, 4, 5)
			s.writesFenced(1, 5, 5)
		}, verdict: outcome.Fail, examined: 2, found: []string{"ME-effect-fenced: update lost"},
			says: "; session 0xa1 of client A had begun to end at 0.500000s, which let the other in"},

		{name: "nothing took effect", log: func(s *story) { s.writesFenced(1, 0, 5) }, verdict: outcome.Vacuous, threat: 1},

		{name: "an unfenced resource is judged elsewhere", log: func(s *story) { s.writes(1, 1, 1) }, verdict: outcome.Vacuous},
	})
}

func TestTheEvidenceOfALostUpdateIsWhatContradictsIt(t *testing.T) {
	s := tell(func(s *story) {
		cutOff(s)
		s.writes(1, 5, 5)
	})
	// acquire of A, read of A, end of the session, write of B, write of A
	require.Equal(t, []uint64{1, 3, 5, 11, 13}, Effects().Check(&s.Log).Findings[0].Evidence)
}
