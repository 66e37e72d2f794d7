package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// The documented fields of the JSON lines, sorted. Scripts rely on them.
var (
	runFields     = []string{"checks", "digest", "events", "exact", "faults", "marks", "ops", "scenario", "seed", "tier", "type", "verdict", "virtual_ns", "wall_ns"}
	checkFields   = []string{"examined", "findings", "name", "threats", "verdict"}
	faultFields   = []string{"armed", "clause", "fired", "kind", "mattered", "refused"}
	brokenFields  = []string{"checker", "class", "evidence", "message", "quote", "rule", "signature"} // findings of a check
	findingFields = []string{"checker", "class", "dir", "of", "reproduced", "rule", "scenario", "seed", "signature", "type"}
	summaryFields = []string{"accepted", "events", "examined", "failing", "faults", "findings", "marks", "mismatches", "ops", "runs", "threats", "type", "unknown", "vacuous", "verdicts", "virtual_ns", "wall_ns"}
)

func requireRun(t *testing.T, o object) {
	t.Helper()
	require.Equal(t, "run", o["type"])
	if o["verdict"] == "unknown" || o["verdict"] == "vacuous" {
		require.NotEmpty(t, o["reason"])
		delete(o, "reason")
	}
	require.Equal(t, runFields, o.fields())
	for _, c := range o.list(t, "checks") {
		require.Equal(t, checkFields, c.fields())
		for _, f := range c.list(t, "findings") {
			require.Equal(t, brokenFields, f.fields())
		}
	}
	for _, f := range o.list(t, "faults") {
		require.Equal(t, faultFields, f.fields())
	}
}

// A hunt prints one line per run, in the order of seeds, then one per finding, and last
// the summary.
func TestHuntAsJSON(t *testing.T) {
	dir := t.TempDir()
	r := zoobreakIn(t, dir, "hunt", "servers", "--seeds", "1..20", "--json")
	require.Zero(t, r.code, r.err)
	require.Empty(t, r.err)
	all := r.lines(t)
	require.Len(t, all, 21)
	for i, o := range all[:20] {
		requireRun(t, o)
		require.Equal(t, strconv.Itoa(i+1), o["seed"])
		require.Equal(t, "pass", o["verdict"])
		require.Equal(t, true, o["exact"])
	}
	summary := all[20]
	require.Equal(t, "summary", summary["type"])
	require.Equal(t, summaryFields, summary.fields())
	require.EqualValues(t, 20, summary["runs"])
	require.EqualValues(t, 0, summary["findings"])
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "nothing was found, so nothing is kept")
}

func TestARunAsJSON(t *testing.T) {
	out := filepath.Join(t.TempDir(), "kept")
	r := zoobreak(t, "run", "servers", "--seed", "3", "--json", "--out", out)
	require.Zero(t, r.code, r.err)
	require.Len(t, r.lines(t), 1)
	run := r.lines(t)[0]
	requireRun(t, run)
	require.FileExists(t, filepath.Join(out, ".gitignore"))
	kept := filepath.Join(out, "servers-seed-3")
	require.FileExists(t, filepath.Join(kept, "outcome.json"))
	again := zoobreak(t, "run", "servers", "--plan", filepath.Join(kept, "plan.json"), "--json")
	require.Equal(t, run["digest"], again.lines(t)[0]["digest"])
	require.Equal(t, run["digest"], zoobreak(t, "replay", kept, "--json").lines(t)[0]["digest"])
	require.Contains(t, zoobreak(t, "run", "servers", "--seed", "3").out, run["digest"])
}

// losingRun is a run that fails.
type losingRun struct{ seed, events uint64 }

// losing returns the first seed in which the bug breaks two rules that its users see, behind
// five in which they see none. It is looked for, because whatever moves a latency moves it.
var losing = sync.OnceValue(func() losingRun {
	s, clean := scenarios.Servers(), 0
	for seed := uint64(1); seed <= 5000; seed++ {
		p := s.Draw(seed)
		p.Bugs = []string{"ack-before-sync"}
		out, _ := scenarios.Run(s, p, scenarios.Options{})
		switch findings := len(visible(out)); {
		case findings == 0:
			clean++
		case findings == 2 && clean >= 5:
			return losingRun{seed, out.Events}
		default:
			clean = 0
		}
	}
	panic("no seed up to 5000 shows two rules broken")
})

// visible is the findings that take no look into the servers.
func visible(o *outcome.Outcome) []outcome.Finding {
	return slices.DeleteFunc(o.Findings(), func(f outcome.Finding) bool { return f.Checker == "invariants" })
}

// A seed that branches is taken wherever a seed is; what is kept of it replays, and a
// finding in it is shrunk and repeated like any other.
func TestASeedThatBranches(t *testing.T) {
	dir := t.TempDir()
	r := zoobreakIn(t, dir, "run", "servers", "--seed", "42@1500:7", "--json", "--out", "out")
	require.Zero(t, r.code, r.err)
	run := r.lines(t)[0]
	require.Equal(t, "42@1500:7", run["seed"])
	replayed := zoobreakIn(t, dir, "replay", filepath.Join("out", "servers-seed-42@1500-7"), "--json")
	require.Equal(t, run["digest"], replayed.lines(t)[0]["digest"])
	require.NotEqual(t, run["digest"], zoobreakIn(t, dir, "run", "servers", "--seed", "42", "--json").lines(t)[0]["digest"])

	branched := fmt.Sprintf("%d@%d:7", losing().seed, losing().events-400)
	r = zoobreakIn(t, dir, "hunt", "servers", "--bug", "ack-before-sync", "--seeds", branched, "--json")
	require.Equal(t, 1, r.code, r.err)
	require.Equal(t, branched, r.lines(t)[0]["seed"])
	finding := r.lines(t)[1]
	require.Equal(t, "finding", finding["type"])
	require.Equal(t, finding["of"], finding["reproduced"])

	r = zoobreakIn(t, dir, "hunt", "lock", "--seeds", "1@5:2")
	require.Equal(t, 64, r.code)
	require.Contains(t, r.err, "seed 1@5:2: scenario lock has guests, ")

	r = zoobreakIn(t, dir, "doctor", "servers", "--seeds", "42@1500:7@2000:3", "--json")
	require.Zero(t, r.code, r.err)
	require.EqualValues(t, 1, r.lines(t)[0]["runs"])
}

// edit changes a saved JSON file.
func edit(t *testing.T, path string, change func(o object)) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var o object
	require.NoError(t, json.Unmarshal(b, &o))
	change(o)
	b, err = json.Marshal(o)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, b, 0o666))
}

// The life of a finding: it is hunted, kept, replayed in a new process, shrunk again; and a
// replay that runs differently is an error of its own.
func TestTheLifeOfAFinding(t *testing.T) {
	dir := t.TempDir()
	seeds := fmt.Sprintf("%d..%d", losing().seed-5, losing().seed+10)
	r := zoobreakIn(t, dir, "hunt", "servers", "--bug", "ack-before-sync", "--seeds", seeds, "--keep-going", "--out", "found", "--json")
	require.Equal(t, 1, r.code, r.err)
	all := r.lines(t)
	findings := slices.DeleteFunc(all, func(o object) bool { return o["type"] != "finding" || o["checker"] == "invariants" })
	require.Len(t, findings, 2)
	for _, f := range findings {
		require.Equal(t, findingFields, f.fields())
		require.Equal(t, "finding", f["type"])
		require.Equal(t, strconv.Itoa(int(losing().seed)), f["seed"])
		require.Equal(t, "bug", f["class"])
		require.Equal(t, f["of"], f["reproduced"])
		for _, name := range []string{"plan.json", "original.json", "finding.json", "outcome.json", "report.txt", "report.md", "timeline.svg", "timeline.png"} {
			require.FileExists(t, filepath.Join(dir, f["dir"].(string), name))
		}
	}
	require.Equal(t, "acked-write-durable", findings[1]["rule"])
	lost := findings[1]["dir"].(string)

	t.Run("replayed", func(t *testing.T) {
		var record struct{ Digest string }
		b, err := os.ReadFile(filepath.Join(dir, lost, "finding.json"))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(b, &record))
		for _, path := range []string{lost, filepath.Join(lost, "plan.json")} {
			r := zoobreakIn(t, dir, "replay", path, "--json")
			require.Equal(t, 1, r.code, r.err)
			requireRun(t, r.lines(t)[0])
			require.Equal(t, record.Digest, r.lines(t)[0]["digest"])
		}
		told := zoobreakIn(t, dir, "replay", lost)
		require.Equal(t, 1, told.code)
		require.Contains(t, told.out, "\nreproduced:\nacked-write-durable [bug]: ")
	})
	t.Run("stopped on the way", func(t *testing.T) {
		r := zoobreakIn(t, dir, "replay", lost, "--until", "5", "--trace")
		require.Equal(t, 2, r.code, "no verdict: %s", r.err)
		require.Regexp(t, `^ +1 +0\.[0-9]+s +\S`, r.out)
		require.Contains(t, r.out, "not reproduced")
	})
	t.Run("shrunk", func(t *testing.T) {
		r := zoobreakIn(t, dir, "shrink", filepath.Join(lost, "original.json"), "--out", "smaller", "--runs", "30", "--json")
		require.Equal(t, 1, r.code, r.err)
		require.Equal(t, findingFields, r.lines(t)[0].fields())
		before, err := os.ReadFile(filepath.Join(dir, lost, "original.json"))
		require.NoError(t, err)
		after, err := os.ReadFile(filepath.Join(dir, r.lines(t)[0]["dir"].(string), "plan.json"))
		require.NoError(t, err)
		require.Less(t, len(after), len(before))
	})
	t.Run("healed", func(t *testing.T) {
		fixed := filepath.Join(dir, "fixed.json")
		b, err := os.ReadFile(filepath.Join(dir, lost, "plan.json"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(fixed, b, 0o666))
		edit(t, fixed, func(o object) { delete(o, "bugs") })
		r := zoobreakIn(t, dir, "shrink", fixed)
		require.Zero(t, r.code)
		require.Equal(t, "zoobreak: the plan does not fail: there is nothing to shrink\n", r.err)
	})
	t.Run("doctored", func(t *testing.T) {
		edit(t, filepath.Join(dir, lost, "finding.json"), func(o object) { o["digest"] = "0123456789abcdef" })
		r := zoobreakIn(t, dir, "replay", lost)
		require.Equal(t, 70, r.code)
		require.Contains(t, r.err, "the saved run had 0123456789abcdef, and the scenario is exact: was the plan saved by another version?")
	})
}

// A run, and a campaign, that prove nothing are not passes.
func TestVacuousIsCodeTwo(t *testing.T) {
	dir := t.TempDir()
	r := zoobreakIn(t, dir, "run", "servers", "--seed", "3", "--out", "out")
	require.Zero(t, r.code)
	plan := filepath.Join(dir, "out", "servers-seed-3", "plan.json")
	edit(t, plan, func(o object) { o["ops"], o["faults"] = []any{}, []any{} })
	r = zoobreakIn(t, dir, "replay", plan, "--json")
	require.Equal(t, 2, r.code)
	require.Equal(t, "vacuous", r.lines(t)[0]["verdict"])
	requireRun(t, r.lines(t)[0])
}

// A plan of another scenario, or with what its scenario cannot do, is the caller's mistake.
func TestAPlanOfAnotherScenarioIsRefused(t *testing.T) {
	dir := t.TempDir()
	require.Zero(t, zoobreakIn(t, dir, "run", "servers-calm", "--seed", "3", "--out", ".").code)
	plan := filepath.Join("servers-calm-seed-3", "plan.json")
	r := zoobreakIn(t, dir, "run", "servers", "--plan", plan)
	require.Equal(t, 64, r.code)
	require.Equal(t, "zoobreak: "+plan+`: the plan is of scenario "servers-calm", not of "servers"`+"\n", r.err)
	edit(t, filepath.Join(dir, plan), func(o object) { o["scenario"] = "TestLock" })
	r = zoobreakIn(t, dir, "replay", plan)
	require.Equal(t, 64, r.code)
	require.Contains(t, r.err, `no scenario is called "TestLock"`)
	require.Contains(t, r.err, `go test -run '^Name$' -zoobreak.plan=FILE`)
}

// What cannot be kept is an internal failure, and is said.
func TestAFullDiskIsCodeSeventy(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "out"), nil, 0o666)) // in the way of the directory
	r := zoobreakIn(t, dir, "run", "servers", "--seed", "3", "--out", "out")
	require.Equal(t, 70, r.code)
	require.Contains(t, r.err, "zoobreak: mkdir out: not a directory")
}

// The lock is hunted by real client code in child processes: a calm world is clean.
func TestTheLockIsHuntedInChildProcesses(t *testing.T) {
	r := zoobreak(t, "hunt", "lock-calm", "--seeds", "1..6", "--json")
	require.Zero(t, r.code, r.err)
	for _, o := range r.lines(t)[:6] {
		requireRun(t, o)
		require.Equal(t, false, o["exact"])
		require.Equal(t, "A", o["tier"])
	}
}

// People get words instead: what is hunted, how fast, and how far a clean result reaches.
func TestAHuntForPeople(t *testing.T) {
	r := zoobreak(t, "hunt", "servers", "--seeds", "1..20")
	require.Zero(t, r.code, r.err)
	require.True(t, strings.HasPrefix(r.out, "hunting servers: three servers, three native clients"), r.out)
	for _, part := range []string{"runs that pass  20\n", "agreement ", "leader changed ", "powerloss ", "never reached          log: older snapshot\n", "0 violations in 20 runs: a bug with probability above 0.15 a run"} {
		require.Contains(t, r.out, part)
	}
}

// Ctrl-C ends a hunt after the runs under way; what was printed stays valid, and the last
// line is the summary of it.
func TestAnInterruptLeavesAValidResult(t *testing.T) {
	c := exec.Command(binary, "hunt", "servers", "--seeds", "1..1000000", "--json")
	c.Dir = t.TempDir()
	stdout, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	var last object
	seen := 0
	for s := bufio.NewScanner(stdout); s.Scan(); {
		last = object{}
		require.NoError(t, json.Unmarshal(s.Bytes(), &last), s.Text())
		if seen++; seen == 10 {
			require.NoError(t, c.Process.Signal(os.Interrupt))
		}
	}
	require.NoError(t, c.Wait(), "nothing was found")
	require.Equal(t, "summary", last["type"])
	require.EqualValues(t, seen-1, last["runs"])
	require.Less(t, seen, 1000)
}
