package checkers

import (
	"testing"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

func TestBelief(t *testing.T) {
	const excused, live = "ME-belief: overlap after session loss", "ME-belief: overlap with a live session"
	readAloud(t, Belief(), lostWhileHeld, []chapter{
		{name: "one after the other", log: func(s *story) {
			s.acquire(1, 1)
			s.release(1)
			s.acquire(2, 2)
			s.release(2)
		}, verdict: outcome.Pass, examined: 2},

		{name: "belief ends where release is called", log: func(s *story) {
			s.acquire(1, 1)
			letting := s.call(lockOp(history.Release, 1, 0))
			s.acquire(2, 2)
			s.end(letting, history.Unknown, nil)
		}, verdict: outcome.Pass, examined: 2},

		{name: "and begins where acquire returns", log: func(s *story) {
			waiting := s.call(lockOp(history.Acquire, 2, 2))
			s.acquire(1, 1)
			s.release(1)
			s.end(waiting, history.OK, nil)
		}, verdict: outcome.Pass, examined: 2},

		{name: "two at once after the first lost its session", log: func(s *story) {
			s.acquire(1, 1)
			s.closing(1)
			s.acquire(2, 2)
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: []string{excused}, classes: limitation,
			says: "client A has held /lock since 0.200000s and has not let go when client B is told at 0.500000s that it holds it; the session 0xa1 of client A had begun to end at 0.300000s"},

		{name: "who is dead believes nothing", log: func(s *story) {
			s.acquire(1, 1)
			s.dies(1)
			s.acquire(2, 2)
			s.release(2)
		}, verdict: outcome.Pass, examined: 2},

		{name: "but its next life may", log: func(s *story) {
			s.dies(1)
			s.acquire(1, 1)
			s.acquire(2, 2)
			s.dies(1)
		}, verdict: outcome.Fail, examined: 2, found: []string{live}},

		{name: "two at once with both sessions alive", log: func(s *story) {
			s.acquire(1, 1)
			s.acquire(2, 2)
			s.release(1)
			s.release(2)
		}, verdict: outcome.Fail, examined: 2, found: []string{live}},

		{name: "a session that ends too late excuses nothing", log: func(s *story) {
			s.acquire(1, 1)
			s.acquire(2, 2)
			s.closing(1)
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: []string{live}},

		{name: "nor does the session of the one who came later", log: func(s *story) {
			s.acquire(1, 1)
			s.closing(2)
			s.acquire(2, 2)
		}, verdict: outcome.Fail, examined: 2, found: []string{live}},

		{name: "a grant that is told after its session's end", log: func(s *story) {
			late := s.call(lockOp(history.Acquire, 1, 1))
			s.closing(1)
			s.acquire(2, 2)
			s.end(late, history.OK, nil)
		}, verdict: outcome.Fail, examined: 2, found: []string{excused}, classes: limitation,
			says: "client B has held /lock since 0.400000s and has not let go when client A is told at 0.500000s that it holds it; the session 0xa1 of client A had"},

		{name: "without tokens either may have been first", log: func(s *story) {
			late := s.call(lockOp(history.Acquire, 1, 0))
			s.closing(1)
			s.acquire(2, 0)
			s.end(late, history.OK, nil)
		}, verdict: outcome.Fail, examined: 2, found: []string{excused}, classes: limitation},

		{name: "three at once are both kinds", log: func(s *story) {
			s.acquire(1, 1)
			s.closing(1)
			s.acquire(2, 2)
			s.acquire(3, 3)
		}, verdict: outcome.Fail, examined: 3, threat: 1, found: []string{excused, live},
			classes: []outcome.Class{outcome.Limitation, outcome.Bug}},

		{name: "different locks", log: func(s *story) {
			s.acquire(1, 1)
			s.did(history.Op{Kind: history.Acquire, Client: 2, Name: "/other"}, history.OK)
		}, verdict: outcome.Pass, examined: 2},

		{name: "a client that asks again no longer believes", log: func(s *story) {
			s.acquire(1, 1)
			again := s.call(lockOp(history.Acquire, 1, 3))
			s.acquire(2, 2)
			s.release(2)
			s.end(again, history.OK, nil)
		}, verdict: outcome.Pass, examined: 3},

		{name: "who was refused believes nothing", log: func(s *story) {
			s.did(lockOp(history.Acquire, 1, 0), history.Fail)
			s.did(lockOp(history.Acquire, 2, 0), history.Unknown)
			s.did(lockOp(history.Phantom, 3, 0), history.OK)
		}, verdict: outcome.Vacuous},
	})
}

func TestPhantom(t *testing.T) {
	readAloud(t, Phantom(), lostWhileAcquire, []chapter{
		{name: "every grant has its node", log: func(s *story) {
			s.acquire(1, 1)
			s.release(1)
			s.acquire(2, 2)
		}, verdict: outcome.Pass, examined: 2},

		{name: "a grant without one", log: func(s *story) {
			s.acquire(1, 1)
			asking := s.call(lockOp(history.Phantom, 2, 0))
			s.closing(2)
			s.end(asking, history.OK, nil)
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: []string{"U6-phantom-acquire: granted without its node"},
			says: "client B asked for /lock at 0.300000s and was told at 0.500000s that it holds it, but its own node was not there"},

		{name: "a session lost while an acquire fails is a threat that was met", log: func(s *story) {
			asking := s.call(lockOp(history.Acquire, 1, 0))
			s.closing(1)
			s.end(asking, history.Fail, nil)
			s.acquire(2, 1)
			s.closing(2)
		}, verdict: outcome.Pass, examined: 1, threat: 1},

		{name: "nobody was granted anything", log: func(s *story) {
			s.did(lockOp(history.Acquire, 1, 0), history.Fail)
			s.release(1)
		}, verdict: outcome.Vacuous},
	})
}
