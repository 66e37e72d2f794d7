package checkers

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

const probe = 9

// recovered tells of two servers that were broken and healed, and where one leads again.
func recovered(s *story) {
	s.boots(1)
	s.boots(2)
	s.fact(history.FaultOn, 0, history.Fact{Note: "isolate 2"})
	s.heals()
	s.role(1, "leading")
	s.role(2, "following")
}

func TestLiveness(t *testing.T) {
	readAloud(t, Liveness(probe), faultBeforeHeal, []chapter{
		{name: "a leader, a write, and everybody caught up", log: func(s *story) {
			recovered(s)
			s.applies(1, 1)
			s.applies(2, 1)
			s.writesWire(probe, 1)
		}, verdict: outcome.Pass, examined: 3, threat: 1},

		{name: "without healing nothing is demanded", log: func(s *story) {
			s.boots(1)
			s.writesWire(probe, 1)
		}, verdict: outcome.Vacuous},

		{name: "nobody leads", log: func(s *story) {
			recovered(s)
			s.role(1, "looking")
			s.fact(history.Halted, 2, history.Fact{Note: "fsync failed"})
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: []string{"progress-after-heal: no-leader"},
			says: "all faults were over at 0.600000s, yet no server leads at the end: server 1 is looking at zxid 0x0, server 2 is halted (fsync failed) at zxid 0x0"},

		{name: "a leader that was killed leads no more", log: func(s *story) {
			recovered(s)
			s.writesWire(probe, 1)
			s.fact(history.Stopped, 1, history.Fact{Note: "killed"})
		}, verdict: outcome.Fail, examined: 3, threat: 1, found: []string{"progress-after-heal: no-leader"},
			says: "server 1 is stopped at zxid 0x0"},

		{name: "two lead", log: func(s *story) {
			recovered(s)
			s.role(2, "leading")
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: []string{"progress-after-heal: several-leaders"}},

		{name: "only writes of the probe, called after healing and answered, are progress", log: func(s *story) {
			early := s.call(history.Op{Kind: history.Wire, Name: "create", Client: probe})
			recovered(s)
			s.end(early, history.OK, nil)
			s.writesWire(1, 1)
			s.did(history.Op{Kind: history.Wire, Name: "getData", Client: probe}, history.OK)
			s.did(history.Op{Kind: history.Wire, Name: "create", Client: probe}, history.Unknown)
		}, verdict: outcome.Fail, examined: 3, threat: 1, found: []string{"progress-after-heal: no-write-committed"},
			says: "none of the 1 writes that the probe called since then succeeded: server 1 is leading at zxid 0x0, server 2 is following at zxid 0x0"},

		{name: "a server stays behind", log: func(s *story) {
			recovered(s)
			s.applies(1, 1)
			s.writesWire(probe, 1)
		}, verdict: outcome.Fail, examined: 3, threat: 1, found: []string{"progress-after-heal: servers-behind"},
			says: "server 1 is leading at zxid 0x1, server 2 is following at zxid 0x0"},

		{name: "a server restarts and never loads its tree", log: func(s *story) {
			recovered(s)
			s.writesWire(probe, 1)
			s.fact(history.Started, 2, history.Fact{})
		}, verdict: outcome.Fail, examined: 3, threat: 1, found: []string{"progress-after-heal: servers-behind"},
			says: "server 2 is without a role at zxid 0x0"},
	})
}

func TestLivenessOfAnyClientAcceptsAnyWrite(t *testing.T) {
	s := tell(func(s *story) {
		recovered(s)
		s.writesWire(1, 1)
	})
	require.Equal(t, outcome.Pass, Liveness(AnyClient).Check(&s.Log).Verdict)
}
