package checkers

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

const grantedWhileHeld = "lock-linearizable: granted while held"

func TestLock(t *testing.T) {
	readAloud(t, Lock(), lostWhileHeld, []chapter{
		{name: "one after the other", log: func(s *story) {
			s.acquire(1, 1)
			s.release(1)
			s.acquire(2, 2)
			s.release(2)
		}, verdict: outcome.Pass, examined: 4},

		{name: "a grant may return before the release that made it possible", log: func(s *story) {
			s.acquire(1, 1)
			letting := s.call(lockOp(history.Release, 1, 0))
			s.acquire(2, 2)
			s.end(letting, history.OK, nil)
		}, verdict: outcome.Pass, examined: 3},

		{name: "grants may return in another order than they were made", log: func(s *story) {
			first := s.call(lockOp(history.Acquire, 1, 1))
			second := s.call(lockOp(history.Acquire, 2, 2))
			s.closing(1)
			s.end(second, history.OK, nil)
			s.end(first, history.OK, nil)
		}, verdict: outcome.Pass, examined: 2},

		{name: "two holders", log: func(s *story) {
			s.acquire(1, 1)
			s.acquire(2, 2)
			s.release(1)
			s.release(2)
		}, verdict: outcome.Fail, examined: 4, found: []string{grantedWhileHeld},
			says: "client B acquired /lock at 0.400000s with token 2, but client A had it with token 1, granted by 0.200000s, and neither a release nor the end of a session fits"},

		{name: "two holders whose calls overlap", log: func(s *story) {
			first := s.call(lockOp(history.Acquire, 1, 1))
			s.acquire(2, 2)
			s.release(2)
			s.end(first, history.OK, nil)
		}, verdict: outcome.Fail, examined: 3, found: []string{grantedWhileHeld},
			says: "client A acquired /lock at 0.600000s with token 1, but client B had it with token 2"},

		{name: "death does not free the lock, the end of the session does", log: func(s *story) {
			s.acquire(1, 1)
			s.dies(1)
			s.acquire(2, 2)
		}, verdict: outcome.Fail, examined: 2, found: []string{grantedWhileHeld}},

		{name: "a second life has no grant of the first to release", log: func(s *story) {
			s.acquire(1, 1)
			s.call(lockOp(history.Release, 1, 0))
			s.dies(1)
			s.release(1)
			s.closing(1)
			s.acquire(2, 2)
		}, verdict: outcome.Pass, examined: 3, threat: 0},

		{name: "the end of a session frees the lock", log: func(s *story) {
			s.acquire(1, 1)
			s.closing(1)
			s.acquire(2, 2)
			s.closed(1)
		}, verdict: outcome.Pass, examined: 2, threat: 1},

		{name: "but only once: not what the session is granted afterwards", log: func(s *story) {
			s.acquire(1, 1)
			s.closing(1)
			s.closed(1)
			s.acquire(1, 2)
			s.acquire(2, 3)
		}, verdict: outcome.Fail, examined: 3, threat: 1, found: []string{grantedWhileHeld}},

		{name: "and not before it began", log: func(s *story) {
			s.acquire(1, 1)
			s.acquire(2, 2)
			s.closing(1)
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: []string{grantedWhileHeld}},

		{name: "a release without an answer may free the lock at any time", log: func(s *story) {
			s.acquire(1, 1)
			s.did(lockOp(history.Release, 1, 0), history.Unknown)
			s.acquire(2, 2)
		}, verdict: outcome.Pass, examined: 3},

		{name: "or never", log: func(s *story) {
			s.acquire(1, 1)
			s.did(lockOp(history.Release, 1, 0), history.Fail)
			s.call(lockOp(history.Release, 1, 0))
		}, verdict: outcome.Pass, examined: 3},

		{name: "but it frees no later grant of its session", log: func(s *story) {
			s.acquire(1, 1)
			s.did(lockOp(history.Release, 1, 0), history.Unknown)
			s.acquire(1, 2)
			s.acquire(2, 3)
		}, verdict: outcome.Fail, examined: 4, found: []string{grantedWhileHeld}},

		{name: "releasing again with success after an unclear answer", log: func(s *story) {
			s.acquire(1, 1)
			s.did(lockOp(history.Release, 1, 0), history.Unknown)
			s.acquire(2, 2)
			s.release(1)
		}, verdict: outcome.Pass, examined: 4},

		{name: "releasing with success what the session's end had freed", log: func(s *story) {
			s.acquire(1, 1)
			s.closing(1)
			s.closed(1)
			s.acquire(2, 2)
			s.release(1)
		}, verdict: outcome.Pass, examined: 3, threat: 1},

		{name: "releasing twice with success", log: func(s *story) {
			s.acquire(1, 1)
			s.release(1)
			s.release(1)
		}, verdict: outcome.Fail, examined: 3, found: []string{"lock-linearizable: released but not held"},
			says: "client A released /lock (token 1) with success at 0.600000s, but it had released it before and its session had not ended"},

		{name: "a token that does not grow", log: func(s *story) {
			s.acquire(1, 5)
			s.release(1)
			s.acquire(2, 5)
		}, verdict: outcome.Fail, examined: 3, found: []string{"lock-linearizable: token not increasing"},
			says: "client B acquired /lock at 0.600000s with token 5, although client A had been granted token 5 at 0.200000s"},

		{name: "different locks", log: func(s *story) {
			s.acquire(1, 2)
			s.did(history.Op{Kind: history.Acquire, Client: 2, Name: "/other", Session: sessionOf(2), Token: 1}, history.OK)
		}, verdict: outcome.Pass, examined: 2},

		{name: "grants without a token or a session, phantoms and refusals do not take part", log: func(s *story) {
			s.acquire(1, 0)
			s.release(1)
			s.did(history.Op{Kind: history.Acquire, Client: 2, Name: "/lock", Token: 4}, history.OK)
			s.did(lockOp(history.Acquire, 3, 5), history.Unknown)
			s.did(lockOp(history.Phantom, 4, 0), history.OK)
			s.release(4)
		}, verdict: outcome.Vacuous},
	})
}

func TestASearchThatRunsOutOfStepsDecidesNothing(t *testing.T) {
	s := tell(func(s *story) {
		s.acquire(1, 1)
		s.release(1)
	})
	got := lockWithin(1).Check(&s.Log)
	require.Equal(t, outcome.Unknown, got.Verdict)
	require.Equal(t, "no order of the 2 operations on /lock was found within 1 steps", got.Reason)
	require.Equal(t, outcome.Pass, lockWithin(2).Check(&s.Log).Verdict)
}

func TestOneUndecidedLockHidesNoFindingOfAnother(t *testing.T) {
	s := tell(func(s *story) {
		for token := int64(1); token < 20; token++ {
			s.acquire(1, token)
			s.release(1)
		}
		for client := 2; client < 4; client++ {
			s.did(history.Op{Kind: history.Acquire, Client: client, Name: "/other", Session: sessionOf(client), Token: int64(client)}, history.OK)
		}
	})
	got := lockWithin(10).Check(&s.Log)
	require.Equal(t, outcome.Fail, got.Verdict)
	require.Equal(t, []string{grantedWhileHeld}, signatures(got))
	require.NotEmpty(t, got.Reason)
}

func TestManyWhoWaitDoNotHideTheFirstGrantThatDoesNotFit(t *testing.T) {
	s := tell(func(s *story) {
		var waiting []history.Handle
		for client := 3; client < 23; client++ {
			waiting = append(waiting, s.call(lockOp(history.Acquire, client, int64(client))))
		}
		s.acquire(1, 1)
		s.acquire(2, 2) // the first that does not fit
		for _, h := range waiting {
			s.end(h, history.OK, nil)
		}
	})
	got := lockWithin(2000).Check(&s.Log)
	require.Equal(t, []string{grantedWhileHeld}, signatures(got), got.Reason)
	require.Equal(t, []uint64{21, 22, 23, 24}, got.Findings[0].Evidence)
}
