package campaign_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/campaign"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// aFinding is one as Hunt returns it, made by hand.
func aFinding() *campaign.Found {
	s := scenarios.Servers()
	original := s.Draw(3)
	plan := *original
	plan.Faults = plan.Faults[:1]
	f := outcome.Finding{Checker: "durability", Rule: "Acked-Write", Class: outcome.Bug, Signature: "acked-write: <lost>", Message: "a & b"}
	return &campaign.Found{
		Scenario: s, Finding: f, Original: original, Plan: &plan, Reproduced: 2, Of: 3, Mismatches: 1, Runs: 7,
		Outcome: &outcome.Outcome{Scenario: "servers", Seed: "3", Exact: true, Digest: "00000000deadbeef", Checks: []outcome.Check{{Name: "durability", Findings: []outcome.Finding{f}}}},
	}
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	return string(b)
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// Everything that a finding needs lies in one directory, which version control ignores.
func TestSaveKeepsEverything(t *testing.T) {
	out := filepath.Join(t.TempDir(), "new", "out")
	f := aFinding()
	dir, err := f.Save(out)
	require.NoError(t, err)
	require.NoError(t, f.Render(dir, "zoobreak replay here"))
	require.Equal(t, filepath.Join(out, "servers-acked-write-"+f.ID()), dir)
	require.Equal(t, "*\n", read(t, out, ".gitignore"))
	require.Equal(t, []string{"finding.json", "original.json", "outcome.json", "plan.json", "report.md", "report.txt"}, names(t, dir))
	require.Equal(t, string(f.Plan.JSON()), read(t, dir, "plan.json"))
	require.Equal(t, string(f.Original.JSON()), read(t, dir, "original.json"))
	require.Contains(t, read(t, dir, "outcome.json"), `"acked-write: <lost>"`, "people read it: nothing is escaped")
	require.Contains(t, read(t, dir, "report.txt"), "zoobreak replay here")
	require.Contains(t, read(t, dir, "report.txt"), "1 of 3 replays of an exact scenario ran differently: that is a bug in zoobreak.")
}

// Saving again replaces the files and leaves the ignore file of the directory alone.
func TestSavingAgainReplacesTheFiles(t *testing.T) {
	out := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(out, ".gitignore"), []byte("!keep\n"), 0o666))
	f := aFinding()
	for _, digest := range []string{"1", "2"} {
		f.Outcome.Digest = digest
		dir, err := f.Save(out)
		require.NoError(t, err)
		_, record, err := campaign.LoadPlan(dir)
		require.NoError(t, err)
		require.Equal(t, digest, record.Digest)
	}
	require.Equal(t, "!keep\n", read(t, out, ".gitignore"))
}

// A file appears whole or not at all: what cannot be written leaves what was there.
func TestWriteFileReplacesWhole(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "plan.json")
	require.NoError(t, campaign.WriteFile(name, []byte("old")))
	require.NoError(t, os.Mkdir(name+".tmp", 0o777)) // in the way
	require.Error(t, campaign.WriteFile(name, []byte("new")))
	require.Equal(t, "old", read(t, name))
	require.NoError(t, os.Remove(name+".tmp"))
	require.NoError(t, campaign.WriteFile(name, []byte("new")))
	require.Equal(t, "new", read(t, name))
	require.Equal(t, []string{"plan.json"}, names(t, dir))
}

func TestSaveNeedsADirectory(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	require.NoError(t, os.WriteFile(out, nil, 0o666))
	_, err := aFinding().Save(out)
	require.ErrorContains(t, err, out)
}

// A plan is found in its file, and in the directory of its finding with the finding.
func TestLoadPlanFindsTheRecordBesideThePlan(t *testing.T) {
	f := aFinding()
	dir, err := f.Save(t.TempDir())
	require.NoError(t, err)
	for _, path := range []string{dir, filepath.Join(dir, "plan.json")} {
		p, record, err := campaign.LoadPlan(path)
		require.NoError(t, err)
		require.Equal(t, f.Plan, p)
		want := f.Record()
		require.Equal(t, &want, record)
	}
	p, record, err := campaign.LoadPlan(filepath.Join(dir, "original.json"))
	require.NoError(t, err)
	require.Equal(t, f.Original, p)
	require.Nil(t, record, "the finding is of the shrunk plan")
}

func TestLoadPlanSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	plan := filepath.Join(dir, "plan.json")
	_, _, err := campaign.LoadPlan(dir)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, plan)
	require.NoError(t, os.WriteFile(plan, []byte("{\n \"version\": 1,\n \"sead\": 2\n}"), 0o666))
	_, _, err = campaign.LoadPlan(dir)
	require.EqualError(t, err, plan+`: plan: json: unknown field "sead"`)
	require.NoError(t, os.WriteFile(plan, aFinding().Plan.JSON(), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "finding.json"), []byte("{"), 0o666))
	_, _, err = campaign.LoadPlan(dir)
	require.EqualError(t, err, filepath.Join(dir, "finding.json")+": unexpected end of JSON input")
}

// The record's JSON is what other programs read; its fields stay.
func TestTheRecordHasItsFields(t *testing.T) {
	var fields map[string]any
	require.NoError(t, json.Unmarshal(campaign.Encode(aFinding().Record()), &fields))
	for _, name := range []string{"version", "scenario", "finding", "digest", "exact", "tier", "reproduced", "of", "shrunk_from", "shrunk_to", "shrink_runs", "go"} {
		require.Contains(t, fields, name)
	}
	require.Len(t, fields, 12)
}

// The same finding has the same name, in whatever run it is found; another has another.
func TestNamesFollowSignatures(t *testing.T) {
	a, b := aFinding(), aFinding()
	b.Finding.Message, b.Outcome.Digest = "elsewhere", "1"
	require.Equal(t, a.Name(), b.Name())
	b.Finding.Signature += " twice"
	require.NotEqual(t, a.Name(), b.Name())
	require.Regexp(t, `^servers-acked-write-[0-9a-f]{4}$`, a.Name())
}
