package checkers

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

func TestEveryCheckerIsFoundByItsNameAndHasRules(t *testing.T) {
	judged := map[string]bool{}
	for _, rule := range Rules() {
		judged[rule.Checker] = true
		_, known := ByName(rule.Checker)
		require.True(t, known, "rule %s names the checker %q", rule.ID, rule.Checker)
	}
	for _, c := range All() {
		require.True(t, judged[c.Name()], "%s judges no rule", c.Name())
	}
	_, known := ByName("astrology")
	require.False(t, known)
}

func TestEveryRuleIsCompleteAndUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range Rules() {
		require.False(t, seen[rule.ID], rule.ID)
		seen[rule.ID] = true
		require.True(t, strings.HasSuffix(rule.Quote, "."), rule.Quote)
		require.NotEmpty(t, rule.Class)
		require.NotEmpty(t, rule.Severity)
		require.NotEmpty(t, rule.Threat)
	}
}

func TestRulesAreACopy(t *testing.T) {
	Rules()[0].ID = "scribbled on"
	require.Equal(t, prefixAgreement, Rules()[0].ID)
}

func TestAnUnknownRuleIsAProgrammersError(t *testing.T) {
	require.PanicsWithValue(t, "checkers: no rule is called ME-nothing", func() { mustRule("ME-nothing") })
}

func TestAnEmptyLogIsVacuousForEveryChecker(t *testing.T) {
	for _, c := range All() {
		got := c.Check(&history.Log{})
		require.Equal(t, outcome.Vacuous, got.Verdict, c.Name())
		require.Equal(t, c.Name(), got.Name)
		require.NotEmpty(t, got.Threats, c.Name())
		text, err := json.Marshal(got)
		require.NoError(t, err)
		require.Contains(t, string(text), `"findings":[]`)
	}
}

func TestALogThatNoRunCouldHaveProducedIsUnknown(t *testing.T) {
	logs := map[string]*history.Log{
		"returns at 1 before its call at 2":                      {Ops: []history.Op{{Kind: history.Acquire, Client: 1, Call: 2, Return: 1, Status: history.OK}}},
		"the operations of the log are not in the order":         {Ops: []history.Op{{Kind: history.Wire, Call: 3}, {Kind: history.Wire, Call: 1}}},
		"the facts of the log are not in the order of their pos": {Facts: []history.Fact{{Seq: 2}, {Seq: 1}}},
	}
	for reason, l := range logs {
		for _, c := range All() {
			got := c.Check(l)
			require.Equal(t, outcome.Unknown, got.Verdict, c.Name())
			require.Contains(t, got.Reason, reason)
			require.NotNil(t, got.Findings)
		}
	}
}

func TestARuleIsReportedOncePerShape(t *testing.T) {
	s := tell(func(s *story) {
		for token := int64(1); token < 5; token++ {
			s.did(lockOp(history.Phantom, int(token), 0), history.OK)
		}
	})
	got := Phantom().Check(&s.Log)
	require.Len(t, got.Findings, 1)
	require.Equal(t, []uint64{1, 2}, got.Findings[0].Evidence, "the first occurrence")
}

func TestClientsAreNamedByLetterAsFarAsTheAlphabetGoes(t *testing.T) {
	require.Equal(t, "client A", clientName(1))
	require.Equal(t, "client Z", clientName(26))
	require.Equal(t, "client 27", clientName(27))
	require.Equal(t, "client 0", clientName(0))
}
