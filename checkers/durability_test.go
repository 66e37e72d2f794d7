package checkers

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/wire"
)

func TestDurability(t *testing.T) {
	const lost, missing = "acked-write-durable: write lost", "acked-write-durable: write missing from a server"
	readAloud(t, Durability(), stoppedAfterAck, []chapter{
		{name: "every running server has it", log: func(s *story) {
			s.boots(1)
			s.boots(2)
			s.applies(1, 1, 2, 3)
			s.applies(2, 1, 2, 3)
			s.writesWire(1, 2)
		}, verdict: outcome.Pass, examined: 2},

		{name: "no server has it any more", log: func(s *story) {
			s.boots(1)
			s.applies(1, 1, 2)
			s.writesWire(1, 2)
			s.fact(history.Stopped, 1, history.Fact{Note: "power"})
			s.fact(history.Started, 1, history.Fact{})
			s.restores(1, 1, treeAt(1))
			s.applies(1, wire.MakeZxid(1, 1))
		}, verdict: outcome.Fail, examined: 1, threat: 1, found: []string{lost},
			says: "client A's create of /n (zxid 0x2) was acknowledged at 0.600000s, but no server that runs at the end has it: server 1 ended at zxid 0x100000001"},

		{name: "one server went on without it", log: func(s *story) {
			s.boots(1)
			s.boots(2)
			s.applies(1, 1, 2, 3)
			s.applies(2, 1)
			s.fact(history.Applied, 2, history.Fact{Zxid: 3, Hash: 666})
			s.writesWire(2, 2)
		}, verdict: outcome.Fail, examined: 2, found: []string{missing},
			says: "client B's create of /n (zxid 0x2) was acknowledged at 1.100000s, but server 2, which runs at the end at zxid 0x3, does not have it"},

		{name: "a server that trails a run that was never healed", log: func(s *story) {
			s.boots(1)
			s.boots(2)
			s.applies(1, 1, 2)
			s.applies(2, 1)
			s.writesWire(1, 2)
		}, verdict: outcome.Pass, examined: 2},

		{name: "a server that trails for ever", log: func(s *story) {
			s.boots(1)
			s.boots(2)
			s.applies(1, 1, 2)
			s.applies(2, 1)
			s.writesWire(1, 2)
			s.heals()
		}, verdict: outcome.Fail, examined: 2, found: []string{missing}},

		{name: "what stopped and halted servers had does not matter", log: func(s *story) {
			s.boots(1)
			s.boots(2)
			s.boots(3)
			s.applies(1, 1)
			s.writesWire(1, 1)
			s.fact(history.Stopped, 2, history.Fact{Note: "killed"})
			s.fact(history.Halted, 3, history.Fact{Note: "disk error"})
		}, verdict: outcome.Pass, examined: 1, threat: 2},

		{name: "a snapshot brings everything below it", log: func(s *story) {
			s.boots(1)
			s.applies(1, 1, 2)
			s.writesWire(1, 1)
			s.restores(2, 2, treeAt(2))
			s.heals()
		}, verdict: outcome.Pass, examined: 2},

		{name: "a log that was read further than it had been applied continues it", log: func(s *story) {
			s.boots(1)
			s.applies(1, 1)
			s.writesWire(1, 1)
			s.fact(history.Logged, 1, history.Fact{Zxid: 2})
			s.writesWire(1, 2)
			s.fact(history.Stopped, 1, history.Fact{Note: "killed"})
			s.fact(history.Started, 1, history.Fact{})
			s.restores(1, 3, treeAt(3))
			s.applies(1, 4)
		}, verdict: outcome.Pass, examined: 2, threat: 1},

		{name: "how a preloaded tree came about is not known", log: func(s *story) {
			s.restores(1, 9, treeAt(9))
			s.writesWire(1, 4)
		}, verdict: outcome.Unknown},

		{name: "but what comes after it is", log: func(s *story) {
			s.restores(1, 9, treeAt(9))
			s.applies(1, 10)
			s.writesWire(1, 10)
		}, verdict: outcome.Pass, examined: 1},

		{name: "reads, refusals and unanswered writes promise nothing", log: func(s *story) {
			s.boots(1)
			s.did(history.Op{Kind: history.Wire, Name: "getData", Zxid: 5}, history.OK)
			s.did(history.Op{Kind: history.Wire, Name: "create", Zxid: 5, Code: wire.NodeExists}, history.OK)
			s.did(history.Op{Kind: history.Wire, Name: "create", Zxid: 5}, history.Unknown)
			s.call(history.Op{Kind: history.Wire, Name: "create", Zxid: 5})
		}, verdict: outcome.Vacuous},

		{name: "without a running server there is nothing to look at", log: func(s *story) {
			s.boots(1)
			s.applies(1, 1)
			s.writesWire(1, 1)
			s.fact(history.Stopped, 1, history.Fact{Note: "killed"})
		}, verdict: outcome.Vacuous, threat: 1},
	})
}

func TestEveryWriteOfTheProtocolIsCounted(t *testing.T) {
	for code := wire.OpCloseSession; code <= wire.OpWhoAmI; code++ {
		op := &history.Op{Kind: history.Wire, Name: code.String()}
		require.Equal(t, code.IsWrite(), isWrite(op), op.Name)
	}
	require.False(t, isWrite(&history.Op{Kind: history.Note, Name: "create"}), "a line that says create is no request")
}

func TestTheWalkBackEndsInALogThatRunsInCircles(t *testing.T) {
	s := tell(func(s *story) {
		s.boots(1)
		s.applies(1, 1, 2, 1, 2)
		s.writesWire(1, 1)
	})
	require.Equal(t, outcome.Pass, Durability().Check(&s.Log).Verdict)
}

func BenchmarkDurability(b *testing.B) {
	s := &story{}
	for server := 1; server <= 3; server++ {
		s.boots(server)
	}
	for z := wire.Zxid(1); z <= 10_000; z++ {
		for server := 1; server <= 3; server++ {
			s.applies(server, z)
		}
		s.writesWire(1, z)
	}
	b.ReportAllocs()
	for b.Loop() {
		require.Equal(b, 30_000, Durability().Check(&s.Log).Examined)
	}
}
