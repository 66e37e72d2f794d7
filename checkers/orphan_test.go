package checkers

import (
	"testing"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/wire"
)

// creates and deletes tell of a client's node in every server's words.
func (s *story) creates(client int, path string, zxid wire.Zxid) {
	for server := 1; server <= 2; server++ {
		s.fact(history.NodeCreated, server, history.Fact{Session: sessionOf(client), Note: path, Zxid: zxid})
	}
}

func (s *story) deletes(path string, zxid wire.Zxid) {
	for server := 1; server <= 2; server++ {
		s.fact(history.NodeDeleted, server, history.Fact{Note: path, Zxid: zxid})
	}
}

// endsWith closes a client's session, which takes its node away.
func (s *story) endsWith(client int, path string, zxid wire.Zxid) {
	s.fact(history.SessionClosed, 1, history.Fact{Session: sessionOf(client), Zxid: zxid})
	s.deletes(path, zxid)
}

// asks is a lock call that makes a node and then fails; meanwhile more may happen.
func (s *story) asks(client int, path string, zxid wire.Zxid, status history.Status, more func()) {
	asking := s.call(lockOp(history.Acquire, client, 0))
	s.creates(client, path, zxid)
	if more != nil {
		more()
	}
	s.end(asking, status, func(op *history.Op) { op.Error = "zk: connection closed" })
}

func TestOrphanOfAFailedLock(t *testing.T) {
	found := []string{"U7-orphan-node: failed Lock leaves its node"}
	readAloud(t, Orphan(), lockCallFailed, []chapter{
		{name: "a successful call has a node and lets it go", log: func(s *story) {
			holding := s.call(lockOp(history.Acquire, 1, 1))
			s.creates(1, "/lock/n-0", 1)
			s.end(holding, history.OK, nil)
			letting := s.call(lockOp(history.Release, 1, 0))
			s.deletes("/lock/n-0", 2)
			s.end(letting, history.OK, nil)
		}, verdict: outcome.Pass, examined: 2},

		{name: "a failed call leaves its node", log: func(s *story) {
			s.asks(1, "/lock/n-0", 1, history.Unknown, nil)
		}, verdict: outcome.Fail, examined: 1, threat: 1, found: found,
			says: "client A's Lock of /lock failed at 0.400000s (zk: connection closed), and left its node /lock/n-0 (zxid 0x1)"},

		{name: "even if its session takes the node away later", log: func(s *story) {
			s.asks(1, "/lock/n-0", 1, history.Fail, nil)
			s.endsWith(1, "/lock/n-0", 2)
		}, verdict: outcome.Fail, examined: 1, threat: 1, found: found},

		{name: "a node that a late request takes away was only slow to go", log: func(s *story) {
			s.asks(1, "/lock/n-0", 1, history.Fail, nil)
			s.deletes("/lock/n-0", 2)
		}, verdict: outcome.Pass, examined: 1, threat: 1},

		{name: "a failed call that cleans up", log: func(s *story) {
			s.asks(1, "/lock/n-0", 1, history.Fail, func() { s.deletes("/lock/n-0", 2) })
		}, verdict: outcome.Pass, examined: 1, threat: 1},

		{name: "a request that is served only after the call gave up", log: func(s *story) {
			s.did(lockOp(history.Acquire, 1, 0), history.Unknown)
			s.creates(1, "/lock/n-0", 1)
		}, verdict: outcome.Fail, examined: 1, threat: 1, found: found},

		{name: "the node of the next call is its own matter", log: func(s *story) {
			s.did(lockOp(history.Acquire, 1, 0), history.Fail)
			holding := s.call(lockOp(history.Acquire, 1, 1))
			s.creates(1, "/lock/n-0", 1)
			s.end(holding, history.OK, nil)
		}, verdict: outcome.Pass, examined: 2, threat: 1},

		{name: "so are nodes of others, elsewhere, and from before", log: func(s *story) {
			s.did(history.Op{Kind: history.Wire, Name: "connect", Client: 2, Session: sessionOf(2)}, history.OK)
			s.creates(1, "/lock/n-0", 1)
			s.did(lockOp(history.Acquire, 1, 0), history.Fail)
			s.creates(2, "/lock/n-1", 2)
			s.creates(1, "/locksmith/n-2", 3)
		}, verdict: outcome.Pass, examined: 1, threat: 1},

		{name: "a slow server's news of an earlier deletion", log: func(s *story) {
			s.creates(1, "/lock/n-0", 1)
			s.deletes("/lock/n-0", 2)
			s.asks(1, "/lock/n-0", 3, history.Fail, func() {
				s.fact(history.NodeDeleted, 3, history.Fact{Note: "/lock/n-0", Zxid: 2})
			})
		}, verdict: outcome.Fail, examined: 1, threat: 1, found: found},

		{name: "a pending call is not over", log: func(s *story) {
			s.call(lockOp(history.Acquire, 1, 0))
			s.creates(1, "/lock/n-0", 1)
		}, verdict: outcome.Vacuous},

		{name: "without news of nodes nothing can be said", log: func(s *story) {
			s.did(lockOp(history.Acquire, 1, 0), history.Fail)
		}, verdict: outcome.Vacuous},
	})
}

func TestOrphanOfAFailedUnlock(t *testing.T) {
	found := []string{"U7-orphan-node: failed Unlock leaves its node"}
	held := func(s *story, token int64) {
		holding := s.call(lockOp(history.Acquire, 1, token))
		s.creates(1, "/lock/n-0", 1)
		s.end(holding, history.OK, nil)
	}
	readAloud(t, Orphan(), lockCallFailed, []chapter{
		{name: "a failed call leaves the node of the token", log: func(s *story) {
			held(s, 1)
			s.did(lockOp(history.Release, 1, 0), history.Fail)
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: found, classes: []outcome.Class{outcome.Limitation},
			says: "client A's Unlock of /lock failed at 0.600000s (status fail), and left its node /lock/n-0"},

		{name: "a second life knows no node of the first", log: func(s *story) {
			held(s, 1)
			s.dies(1)
			s.did(lockOp(history.Release, 1, 0), history.Fail)
		}, verdict: outcome.Pass, examined: 2, threat: 1},

		{name: "or the node that was made while acquiring", log: func(s *story) {
			held(s, 0)
			s.did(lockOp(history.Release, 1, 0), history.Unknown)
			s.endsWith(1, "/lock/n-0", 2)
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: found, classes: []outcome.Class{outcome.Limitation}},

		{name: "a delete that is served only after the call gave up", log: func(s *story) {
			held(s, 1)
			s.did(lockOp(history.Release, 1, 0), history.Unknown)
			s.deletes("/lock/n-0", 2)
		}, verdict: outcome.Pass, examined: 2, threat: 1},

		{name: "a call that worked although its reply was lost", log: func(s *story) {
			held(s, 1)
			letting := s.call(lockOp(history.Release, 1, 0))
			s.deletes("/lock/n-0", 2)
			s.end(letting, history.Unknown, nil)
		}, verdict: outcome.Pass, examined: 2, threat: 1},

		{name: "a node that is not the lock's", log: func(s *story) {
			held(s, 1)
			letting := s.call(lockOp(history.Release, 1, 0))
			s.deletes("/lock/n-0", 2)
			s.creates(1, "/lock/n-1", 3)
			s.end(letting, history.Fail, nil)
		}, verdict: outcome.Pass, examined: 2, threat: 1},

		{name: "a call without a grant has nothing to leave", log: func(s *story) {
			s.creates(1, "/lock/n-0", 1)
			s.did(lockOp(history.Release, 1, 0), history.Fail)
		}, verdict: outcome.Pass, examined: 1, threat: 1},
	})
}
