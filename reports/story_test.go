package reports

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

func about(log *history.Log, evidence ...uint64) Finding {
	return Finding{Outcome: &outcome.Outcome{History: log}, Finding: outcome.Finding{Evidence: evidence}}
}

func sentences(steps []Step) (all []string) {
	for _, s := range steps {
		all = append(all, s.Sentence())
	}
	return all
}

func TestStoryOfAStaleHolder(t *testing.T) {
	steps := Story(lostUpdate())
	require.Equal(t, []string{
		"client A acquires /lock (token 0x100000007)",
		"client A reads db = 4 (version 4)",
		"fault begins: isolate client A",
		"the servers expire A's session 0x1000001",
		"client B acquires /lock (token 0x10000000a)",
		"client B reads db = 4 (version 4)",
		"client B writes db = 5 (version 5)",
		"client B writes db-fenced = 5 with token 0x10000000a (version 5)",
		"client B releases /lock",
		"fault ends: isolate client A",
		"client A writes db = 5 (version 6) (asked at 2.110000s), still believing that it holds /lock",
		"client A tries to write db-fenced = 5 with token 0x100000007: refused (stale token), still believing that it holds /lock",
	}, sentences(steps), "client C, wire requests and what servers repeat are no part of it")
	require.True(t, steps[2].Fault)
	require.True(t, steps[10].Contradiction)
	require.False(t, steps[11].Contradiction)
	require.True(t, steps[11].Refused)
}

func TestStoryBeginsAtTheGrantReliedOn(t *testing.T) {
	s := &script{}
	s.op(acquire(clientA, sessionA, 1))
	s.op(history.Op{Client: clientA, Kind: history.Release, Name: "/lock", Status: history.OK})
	s.fact(history.Fact{Kind: history.FaultOn, Note: "pause server 1"})
	s.fact(history.Fact{Kind: history.FaultOff, Note: "pause server 1"})
	s.op(acquire(clientA, sessionA, 2))
	write := s.op(effectOp(clientA, history.EffectWrite, 1, 1))
	s.op(effectOp(clientA, history.EffectWrite, 2, 2))
	require.Equal(t, []string{
		"fault begins: pause server 1", "fault ends: pause server 1",
		"client A acquires /lock (token 0x2)", "client A writes db = 1 (version 1)",
	}, sentences(Story(about(&s.log, write))), "an earlier fault may be the cause; an earlier grant is not")
}

func TestStoryWithoutEvidenceTellsWhatClientsDid(t *testing.T) {
	s := &script{}
	s.op(acquire(clientA, sessionA, 0))
	s.op(effectOp(clientB, history.EffectWrite, 1, 1))
	require.Equal(t, []string{"client A acquires /lock (no token)", "client B writes db = 1 (version 1)"},
		sentences(Story(about(&s.log))))
}

func TestStoryOfServers(t *testing.T) {
	s := &script{}
	s.fact(history.Fact{Server: 1, Kind: history.Established, Epoch: 2, Zxid: 0x100000003})
	s.op(effectOp(clientA, history.EffectWrite, 1, 1))
	one := s.fact(history.Fact{Server: 1, Kind: history.Applied, Zxid: 0x200000001, Hash: 0xabc})
	s.fact(history.Fact{Server: 2, Kind: history.Applied, Zxid: 0x100000003, Hash: 0xdef})
	s.fact(history.Fact{Server: 2, Kind: history.Stopped, Note: "power"})
	two := s.fact(history.Fact{Server: 2, Kind: history.Applied, Zxid: 0x200000001, Hash: 0xdef})
	s.fact(history.Fact{Kind: history.Healed})
	require.Equal(t, []string{
		"server 1 leads epoch 2 from zxid 0x100000003",
		"server 1 applied zxid 0x200000001 tree 0000000000000abc",
		"server 2 stopped: power",
		"server 2 applied zxid 0x200000001 tree 0000000000000def",
	}, sentences(Story(about(&s.log, one, two))))
}

func TestSessionEndIsToldOnce(t *testing.T) {
	for _, c := range []struct {
		name     string
		facts    []history.FactKind
		evidence int // index of the fact that is evidence
		want     string
	}{
		{"expired", []history.FactKind{history.SessionExpired, history.SessionClosing, history.SessionClosed}, 1, "the servers expire A's session 0x1000001"},
		{"expired, other order", []history.FactKind{history.SessionClosing, history.SessionExpired}, 1, "the servers expire A's session 0x1000001"},
		{"closed", []history.FactKind{history.SessionClosing, history.SessionClosed}, 0, "the servers close A's session 0x1000001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, seqs := &script{}, []uint64{}
			s.op(acquire(clientA, sessionA, 1))
			for _, k := range c.facts {
				seqs = append(seqs, s.fact(history.Fact{Server: 1, Kind: k, Session: sessionA}))
			}
			require.Equal(t, []string{c.want}, sentences(Story(about(&s.log, seqs[c.evidence]))))
		})
	}
}

func TestStoryKeepsTheMostTelling(t *testing.T) {
	s := &script{}
	s.op(acquire(clientA, sessionA, 1))
	first := s.op(effectOp(clientA, history.EffectWrite, 1, 1))
	for i := range 100 {
		s.op(effectOp(clientA, history.EffectRead, int64(i), 1))
	}
	s.fact(history.Fact{Kind: history.FaultOn, Note: "isolate client A"})
	last := s.op(effectOp(clientA, history.EffectWrite, 2, 2))
	steps, leftOut := story(about(&s.log, first, last))
	require.Len(t, steps, maxSteps)
	require.Equal(t, 104-maxSteps, leftOut)
	require.Equal(t, "client A acquires /lock (token 0x1)", steps[0].Sentence())
	require.Equal(t, "fault begins: isolate client A", steps[maxSteps-2].Sentence())
	require.Equal(t, 2, steps[maxSteps-1].Nth)
}

func TestHowOperationsEnd(t *testing.T) {
	op := func(k history.Kind, s history.Status, version int64, problem string) history.Op {
		return history.Op{Client: clientA, Kind: k, Name: "x", Status: s, Version: version, Value: 7, Error: problem}
	}
	for _, c := range []struct {
		op   history.Op
		want string
	}{
		{op(history.Acquire, history.Fail, 0, "no node"), "fails to acquire x (no node)"},
		{op(history.Acquire, history.Unknown, 0, "closed"), "asks for x; the outcome is unknown to it (closed)"},
		{op(history.Acquire, history.Pending, 0, ""), "asks for x; no answer ever arrives"},
		{op(history.Release, history.Fail, 0, ""), "fails to release x"},
		{op(history.EffectRead, history.Fail, 0, ""), "is refused a read of x"},
		{op(history.EffectWrite, history.Fail, 0, ""), "tries to write x = 7: refused"},
		{op(history.EffectWrite, history.Pending, 0, ""), "asks to write x = 7; no answer ever arrives"},
		{op(history.EffectWrite, history.Pending, 3, ""), "writes x = 7 (version 3); no answer ever arrives"},
		{op(history.Phantom, history.OK, 0, ""), "is told that it holds x, but its own node is not there"},
		{op(history.Note, history.OK, 0, ""), "logs: x"},
		{op(history.Wire, history.Pending, 0, ""), "asks x; no answer ever arrives"},
	} {
		s := &script{}
		pos := s.op(c.op)
		require.Equal(t, []string{"client A " + c.want}, sentences(Story(about(&s.log, pos))))
	}
}

func TestEveryFactHasASentence(t *testing.T) {
	for kind, want := range map[history.FactKind]string{
		history.Role: "server 1 role: n zxid 0x5", history.Healed: "server 1 heals: no fault from here on",
		history.Halted: "server 1 halted: n zxid 0x5", history.NodeCreated: "server 1 creates n zxid 0x5",
	} {
		s := &script{}
		seq := s.fact(history.Fact{Server: 1, Kind: kind, Zxid: 5, Note: "n"})
		require.Equal(t, []string{want}, sentences(Story(about(&s.log, seq))))
	}
}

func TestTheLivesOfClientsHaveSentences(t *testing.T) {
	for kind, want := range map[history.FactKind]string{history.ClientStarted: "client B starts", history.ClientStopped: "client B stops: killed"} {
		s := &script{}
		seq := s.fact(history.Fact{Client: 2, Kind: kind, Note: "killed"})
		require.Equal(t, []string{want}, sentences(Story(about(&s.log, seq))))
	}
}

func TestClientsAreNamedAsCheckersNameThem(t *testing.T) {
	for n, want := range map[int]string{1: "A", 26: "Z", 27: "AA", 52: "AZ", 703: "AAA", 0: "0", -3: "-3"} {
		require.Equal(t, want, letters(n), fmt.Sprint(n))
	}
}

func TestAnEmptyLogHasNoStory(t *testing.T) {
	require.Empty(t, Story(about(&history.Log{}, 7)))
	require.Empty(t, Story(about(nil)))
}
