package outcome_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// fromBestToWorst is the order in which verdicts combine.
var fromBestToWorst = []outcome.Verdict{outcome.Pass, outcome.Vacuous, outcome.Unknown, outcome.Fail}

func TestTheZeroVerdictIsUnknown(t *testing.T) {
	var v outcome.Verdict
	require.Equal(t, outcome.Unknown, v)
	require.Equal(t, "unknown", v.String())
	require.Equal(t, outcome.Unknown, outcome.Outcome{}.Verdict, "a run that was not settled has not passed")
	require.Equal(t, outcome.Unknown, outcome.Check{}.Verdict, "nor has a check")
}

func TestTheWorseVerdictWins(t *testing.T) {
	for i, better := range fromBestToWorst {
		for _, worse := range fromBestToWorst[i:] {
			require.Equal(t, worse, better.Worse(worse))
			require.Equal(t, worse, worse.Worse(better))
		}
	}
}

func TestVerdictsAsText(t *testing.T) {
	for _, v := range fromBestToWorst {
		b, err := json.Marshal(v)
		require.NoError(t, err)
		require.Equal(t, `"`+v.String()+`"`, string(b))
		var back outcome.Verdict
		require.NoError(t, json.Unmarshal(b, &back))
		require.Equal(t, v, back)
	}
	v := outcome.Pass
	require.EqualError(t, v.UnmarshalText([]byte("passed")), `outcome: "passed" is no verdict`)
	require.Equal(t, outcome.Pass, v, "what is no verdict changes nothing")
}

func TestCheckSettle(t *testing.T) {
	found := []outcome.Finding{{Rule: "ME-effect"}}
	cases := []struct {
		name    string
		check   outcome.Check
		verdict outcome.Verdict
		reason  string
	}{
		{"looked and found nothing", outcome.Check{Examined: 1}, outcome.Pass, ""},
		{"examined nothing", outcome.Check{}, outcome.Vacuous, "nothing to examine"},
		{"found something", outcome.Check{Examined: 1, Findings: found}, outcome.Fail, ""},
		{"found something without counting", outcome.Check{Findings: found}, outcome.Fail, ""},
		{"gave up", outcome.Check{Examined: 9, Reason: "out of steps"}, outcome.Unknown, "out of steps"},
		{"gave up at once", outcome.Check{Reason: "no such log"}, outcome.Unknown, "no such log"},
		{"found something, then gave up", outcome.Check{Examined: 9, Findings: found, Reason: "out of steps"}, outcome.Fail, "out of steps"},
		{"claimed to pass", outcome.Check{Verdict: outcome.Pass}, outcome.Vacuous, "nothing to examine"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for range 2 {
				c.check.Settle()
				require.Equal(t, c.verdict, c.check.Verdict)
				require.Equal(t, c.reason, c.check.Reason)
			}
		})
	}
}

func TestOutcomeSettle(t *testing.T) {
	check := func(v outcome.Verdict, reason string) outcome.Check {
		return outcome.Check{Name: "lock", Verdict: v, Reason: reason}
	}
	pass := check(outcome.Pass, "")
	armed := []outcome.FaultCount{{Clause: "crash", Armed: 1}, {Clause: "partition", Armed: 2}}
	fired := append([]outcome.FaultCount{{Clause: "pause", Armed: 1, Fired: 1}}, armed...)
	cases := []struct {
		name    string
		run     outcome.Outcome
		minOps  int
		verdict outcome.Verdict
		reason  string
	}{
		{"all passed", outcome.Outcome{Checks: []outcome.Check{pass, pass}, Ops: 5}, 5, outcome.Pass, ""},
		{"no checks", outcome.Outcome{Ops: 5}, 0, outcome.Vacuous, "no checks"},
		{"one failed", outcome.Outcome{Checks: []outcome.Check{check(outcome.Unknown, "why"), check(outcome.Fail, ""), pass}}, 0, outcome.Fail, ""},
		{"one unknown", outcome.Outcome{Checks: []outcome.Check{check(outcome.Vacuous, "empty"), check(outcome.Unknown, "why"), pass}}, 0, outcome.Unknown, "lock: why"},
		{"one vacuous", outcome.Outcome{Checks: []outcome.Check{pass, check(outcome.Vacuous, "empty")}}, 0, outcome.Vacuous, "lock: empty"},
		{"a check that was not settled", outcome.Outcome{Checks: []outcome.Check{pass, {Name: "forgotten"}}}, 0, outcome.Unknown, "forgotten: "},
		{"no fault fired", outcome.Outcome{Checks: []outcome.Check{pass}, Faults: armed}, 0, outcome.Vacuous, "faults were armed and none fired"},
		{"one fault fired", outcome.Outcome{Checks: []outcome.Check{pass}, Faults: fired}, 0, outcome.Pass, ""},
		{"faults that were never armed", outcome.Outcome{Checks: []outcome.Check{pass}, Faults: []outcome.FaultCount{{Clause: "crash"}}}, 0, outcome.Pass, ""},
		{"too few operations", outcome.Outcome{Checks: []outcome.Check{pass}, Ops: 4}, 5, outcome.Vacuous, "4 operations succeeded, the scenario demands 5"},
		{"vacuity hides no failure", outcome.Outcome{Checks: []outcome.Check{check(outcome.Fail, "")}, Faults: armed}, 5, outcome.Fail, ""},
		{"vacuity hides no doubt", outcome.Outcome{Checks: []outcome.Check{check(outcome.Unknown, "why")}, Faults: armed}, 5, outcome.Unknown, "lock: why"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for range 2 {
				c.run.Settle(c.minOps)
				require.Equal(t, c.verdict, c.run.Verdict)
				require.Equal(t, c.reason, c.run.Reason)
			}
		})
	}
}

// A run is as good as its worst check, whatever the order of the checks.
func TestTheWorstCheckDecides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		verdicts := rapid.SliceOfN(rapid.SampledFrom(fromBestToWorst), 1, 6).Draw(t, "verdicts")
		var o outcome.Outcome
		worst := outcome.Pass
		for _, v := range verdicts {
			o.Checks = append(o.Checks, outcome.Check{Name: "c", Verdict: v})
			worst = worst.Worse(v)
		}
		o.Settle(0)
		require.Equal(t, worst, o.Verdict)
	})
}

func TestFindings(t *testing.T) {
	a, b, c := outcome.Finding{Signature: "a"}, outcome.Finding{Signature: "b"}, outcome.Finding{Signature: "c"}
	o := outcome.Outcome{Checks: []outcome.Check{{Findings: []outcome.Finding{a, b}}, {}, {Findings: []outcome.Finding{c}}}}
	require.Equal(t, []outcome.Finding{a, b, c}, o.Findings())

	got, ok := o.Find("c")
	require.True(t, ok)
	require.Equal(t, c, got)
	_, ok = o.Find("d")
	require.False(t, ok)
}

func TestTotalsAddUpTheLedger(t *testing.T) {
	var got outcome.Totals
	got.Add(outcome.FaultCount{Armed: 2, Fired: 1, Mattered: 7})
	got.Add(outcome.FaultCount{Armed: 1, Fired: 1})
	require.Equal(t, outcome.Totals{Armed: 3, Fired: 2, Mattered: 1}, got, "a clause matters once, however many events it changed")
}

func TestOutcomeRoundTripsAsJSON(t *testing.T) {
	var l history.Log
	l.Return(l.Call(1, history.Op{Client: 1, Kind: history.Acquire}), 2, history.OK, nil)
	want := outcome.Outcome{
		Scenario: "lock", Seed: "42", Exact: true, Tier: "exact", Digest: "0a", Events: 1 << 60, Ops: 3, VirtualNS: 1, WallNS: 2,
		Checks:  []outcome.Check{{Name: "lock", Verdict: outcome.Vacuous, Findings: []outcome.Finding{}, Reason: "nothing to examine"}},
		Faults:  []outcome.FaultCount{{Clause: "crash", Armed: 1}},
		Plan:    json.RawMessage(`{"scenario":"lock"}`),
		History: &l,
	}
	want.Settle(0)
	b, err := json.Marshal(want)
	require.NoError(t, err)
	require.Contains(t, string(b), `"findings":[]`, "a list without elements is a list, not null")
	var got outcome.Outcome
	require.NoError(t, json.Unmarshal(b, &got))
	require.Equal(t, want, got)
}
