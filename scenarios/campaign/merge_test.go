package campaign_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/campaign"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// The program of the results below: one scenario is exact, and one is not.
var program = campaign.Program{Version: "v1", Revision: "abc", Scenarios: []string{"servers", "lock"}, Accept: []string{"ME-belief"}}

// drawResult draws what some hunt of the program over a few seeds may have written. What
// servers do follows from the seed; what lock does, only most of the time.
func drawResult(t *rapid.T, name string) *campaign.Result {
	from := rapid.Uint64Range(1, 8).Draw(t, name+" from")
	r := &campaign.Result{Program: program, Ranges: []campaign.Range{{From: from, To: from + rapid.Uint64Range(0, 8).Draw(t, name+" more")}}}
	for seed := r.Ranges[0].From; seed <= r.Ranges[0].To; seed++ {
		if !rapid.Bool().Draw(t, name+" shard") {
			continue
		}
		for _, scenario := range program.Scenarios {
			luck := uint64(0)
			if scenario == "lock" {
				luck = rapid.Uint64Range(0, 2).Draw(t, name+" luck")
			}
			x := runOf(scenario, seed, luck)
			x.WallNS = rapid.Int64Range(1, 5).Draw(t, name+" wall")
			r.Add(x)
			for _, f := range x.Seen {
				if f.Rule != "ME-belief" && rapid.Bool().Draw(t, name+" first") {
					r.Findings = append(r.Findings, toldOf(x, f, rapid.IntRange(0, 2).Draw(t, name+" of")))
				}
			}
		}
	}
	return r
}

// aRun is a run whose content depends on seed and luck.
func runOf(scenario string, seed, luck uint64) campaign.Run {
	x := campaign.Run{
		Scenario: scenario, Seed: scenarios.Seed{Root: seed}, Exact: scenario == "servers", Digest: fmt.Sprint(seed, luck), Verdict: outcome.Pass, Events: 10 * seed, Ops: int(seed + luck),
		Examined: map[string]int{"agreement": int(seed), "orphan": 0}, Faults: map[string]outcome.Totals{"kill": {Armed: 1}}, Marks: map[string]int{"m": int(seed % 2), "n": 0},
	}
	if (seed+luck)%3 == 0 {
		x.Verdict = outcome.Fail
		x.Seen = []campaign.Sight{{Signature: fmt.Sprint("s", seed%2), Checker: "agreement", Rule: "r", Class: outcome.Bug}, {Signature: "b", Rule: "ME-belief"}}
	}
	return x
}

func toldOf(x campaign.Run, s campaign.Sight, of int) campaign.Told {
	return campaign.Told{
		Scenario: x.Scenario, Seed: x.Seed, Exact: x.Exact, Digest: "d", Plan: json.RawMessage(`{}`), Of: of, Reproduced: of, Dir: "dir",
		Finding: outcome.Finding{Signature: s.Signature, Checker: s.Checker, Rule: s.Rule, Class: s.Class},
	}
}

func mustMerge(t require.TestingT, a, b *campaign.Result) *campaign.Result {
	c, err := campaign.Merge(a, b)
	require.NoError(t, err)
	return c
}

// requireSame compares what would be written.
func requireSame(t require.TestingT, a, b *campaign.Result, why string) {
	one, err := json.Marshal(a)
	require.NoError(t, err)
	other, err := json.Marshal(b)
	require.NoError(t, err)
	require.Equal(t, string(one), string(other), why)
	require.Equal(t, a.Summary(), b.Summary(), why)
	require.Equal(t, a.Table(), b.Table(), why)
}

// Shards may be merged in any order, twice, and piece by piece.
func TestMergeIsIdempotentCommutativeAndAssociative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawResult(t, "a"), drawResult(t, "b"), drawResult(t, "c")
		requireSame(t, mustMerge(t, a, b), mustMerge(t, b, a), "commutative")
		requireSame(t, mustMerge(t, mustMerge(t, a, b), c), mustMerge(t, a, mustMerge(t, b, c)), "associative")
		ab := mustMerge(t, a, b)
		requireSame(t, ab, mustMerge(t, ab, ab), "idempotent")
		requireSame(t, ab, mustMerge(t, ab, b), "what is in it adds nothing")
	})
}

// A result survives being written and read.
func TestResultsAreReadAsTheyWereWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "result.json")
	rapid.Check(t, func(t *rapid.T) {
		a := drawResult(t, "a")
		a = mustMerge(t, a, a) // in order
		require.NoError(t, a.Save(file))
		b, err := campaign.LoadResult(file)
		require.NoError(t, err)
		requireSame(t, a, b, "read back")
	})
}

// Three shards of a hunt, merged, tell what the hunt alone tells.
func TestMergedShardsTellWhatOneHuntTells(t *testing.T) {
	hunt := func(shard campaign.Shard) (*campaign.Result, campaign.Summary, []campaign.Found) {
		c := losing(t, 2)
		c.Shard = shard
		r := campaign.Begin(c, "v1", "abc")
		c.Listen = campaign.Listener{Record: r.Add, Finding: func(f campaign.Found) error { r.Tell(f); return nil }}
		summary, found, err := campaign.Hunt(context.Background(), c)
		require.NoError(t, err)
		return r, summary, found
	}
	whole, want, found := hunt(campaign.Shard{})
	require.NotEmpty(t, found)
	var parts []*campaign.Result
	runs := 0
	for i := range uint64(3) {
		r, s, _ := hunt(campaign.Shard{Index: i + 1, Of: 3})
		parts, runs = append(parts, r), runs+s.Runs
	}
	require.Equal(t, want.Runs, runs, "every seed is in one shard")
	half := mustMerge(t, parts[2], parts[0])
	require.EqualValues(t, len(parts[1].Runs), half.Summary().Missing, "a shard is missing")
	merged := mustMerge(t, half, parts[1])

	for _, s := range []campaign.Summary{merged.Summary(), whole.Summary()} {
		s.WallNS, want.WallNS = 0, 0
		require.Equal(t, want, s)
	}
	require.Equal(t, whole.Table(), merged.Table())
	require.Len(t, merged.Table(), len(found))
	for i, f := range found {
		require.Equal(t, f.Told(), merged.Table()[i], "in the order in which the hunt tells them")
	}
}

// What does not belong together is refused, and says what differs.
func TestMergeRefusesWhatDoesNotFit(t *testing.T) {
	base := func() *campaign.Result {
		return &campaign.Result{Program: program, Ranges: []campaign.Range{{From: 3, To: 3}}, Runs: []campaign.Run{runOf("servers", 3, 0)}}
	}
	for want, change := range map[string]func(*campaign.Result){
		`the version of zoobreak differs, "v1" and "v2": these are not shards of one campaign`:             func(r *campaign.Result) { r.Program.Version = "v2" },
		`the revision of zoobreak's source differs, "abc" and "abd": these are not shards of one campaign`: func(r *campaign.Result) { r.Program.Revision = "abd" },
		`the list of scenarios differs, ["servers" "lock"] and ["lock"]: these are not shards of one campaign`: func(r *campaign.Result) {
			r.Program.Scenarios = []string{"lock"}
		},
		`what bugs were switched on differs, [] and ["x"]: these are not shards of one campaign`:       func(r *campaign.Result) { r.Program.Bugs = []string{"x"} },
		`what rules were accepted differs, ["ME-belief"] and []: these are not shards of one campaign`: func(r *campaign.Result) { r.Program.Accept = nil },
	} {
		other := base()
		change(other)
		_, err := campaign.Merge(base(), other)
		var unfit *campaign.UnfitError
		require.ErrorAs(t, err, &unfit)
		require.EqualError(t, err, want)
	}
}

// The same run of an exact scenario with two results is no conflict to settle: it is a bug
// of zoobreak's. With guests it is ordinary, and the worse result stays.
func TestMergeFindsThatARunDidNotRepeat(t *testing.T) {
	of := func(x campaign.Run, told ...campaign.Told) *campaign.Result {
		return &campaign.Result{Program: program, Runs: []campaign.Run{x}, Findings: told}
	}
	var mismatch *campaign.MismatchError
	again := runOf("servers", 3, 1)
	_, err := campaign.Merge(of(runOf("servers", 3, 0)), of(again))
	require.ErrorAs(t, err, &mismatch)
	require.EqualError(t, err, "servers, seed 3: an exact scenario ran differently: digest 3 0 after 30 events, and 3 1 after 30; see: zoobreak doctor servers --seeds 3..3")

	again = runOf("servers", 3, 0)
	again.Verdict = outcome.Pass
	_, err = campaign.Merge(of(runOf("servers", 3, 0)), of(again))
	require.ErrorContains(t, err, "the digest is the same, and it was judged fail, and pass")

	again = runOf("servers", 3, 0)
	again.Ops++
	_, err = campaign.Merge(of(runOf("servers", 3, 0)), of(again))
	require.ErrorContains(t, err, "the digest is the same, and what was counted is not")

	x := runOf("servers", 3, 0)
	shrunk, other := toldOf(x, x.Seen[0], 2), toldOf(x, x.Seen[0], 2)
	other.Digest = "e"
	_, err = campaign.Merge(of(x, shrunk), of(x, other))
	require.ErrorAs(t, err, &mismatch)
	require.ErrorContains(t, err, `"s1" was shrunk to different plans`)

	merged := mustMerge(t, of(runOf("lock", 3, 0)), of(runOf("lock", 3, 1)))
	require.Equal(t, outcome.Fail, merged.Runs[0].Verdict)
}

// A file that is no result, or only the beginning of one, says so, and where.
func TestBadResultFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.json")
	r := &campaign.Result{Program: program, Ranges: []campaign.Range{{From: 3, To: 3}}, Runs: []campaign.Run{runOf("servers", 3, 0)}}
	require.NoError(t, r.Save(file))
	good, err := os.ReadFile(file)
	require.NoError(t, err)
	head, run, _ := strings.Cut(string(good), "\n")
	for want, content := range map[string]string{
		"line 1: not the result of a hunt, which hunt --result writes": run,
		"line 1: format is 2; this zoobreak reads 1":                   strings.Replace(string(good), `"format":1`, `"format":2`, 1),
		"line 2: the line has no end: unexpected EOF":                  string(good[:len(good)-9]),
		"line 3: neither a run nor a finding":                          string(good) + "{}\n",
		`line 2: json: unknown field "sight"`:                          head + "\n" + `{"sight":1}` + "\n",
		"seed 3 of scenario servers is there twice":                    string(good) + run,
	} {
		require.NoError(t, os.WriteFile(file, []byte(content), 0o666))
		_, err := campaign.LoadResult(file)
		require.EqualError(t, err, file+": "+want)
	}
	_, err = campaign.LoadResult(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
