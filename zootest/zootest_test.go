package zootest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/scenarios"
)

// victimsOnly is set for a process that runs the victims instead of the tests: most of
// them fail, as a user's test does.
const victimsOnly = "ZOOTEST_VICTIMS"

func TestMain(m *testing.M) {
	if os.Getenv(victimsOnly) == "" {
		os.Exit(m.Run())
	}
	testing.Main(regexp.MatchString, victims, nil, nil)
}

var victims = []testing.InternalTest{
	{Name: "Broken", F: func(t *testing.T) { Hunt(t, World{Clients: 2, Duration: 3 * time.Second}, unlocked) }},
	{Name: "Fine", F: func(t *testing.T) { Hunt(t, World{Servers: 1, Clients: 1, Duration: 3 * time.Second}, alone) }},
	{Name: "Lazy", F: func(t *testing.T) { Hunt(t, World{Clients: 1, Duration: 3 * time.Second}, func(*Process) {}) }},
	{Name: "Large", F: func(t *testing.T) { Hunt(t, World{Servers: 10}, alone) }},
	{Name: "Forgetful", F: func(t *testing.T) { Hunt(t, World{Clients: 1}, alone, Accept("ME-beleif", "a slip")) }},
	{Name: "Forgiven", F: func(t *testing.T) {
		Hunt(t, World{Clients: 2, Duration: 3 * time.Second}, believers, Accept("ME-belief", "nothing is written"), Accept("lock-linearizable", "nor locked"))
	}},
	{Name: "Nested", F: func(t *testing.T) {
		t.Run("(case 1)", func(t *testing.T) { Hunt(t, World{Clients: 2, Duration: 3 * time.Second}, unlocked) })
	}},
}

// unlocked writes without any lock, unless it is told to behave.
func unlocked(p *Process) {
	if os.Getenv("ZOOTEST_FIXED") != "" && p.Name() != "client A" {
		return
	}
	alone(p)
}

// alone is right as long as nobody else runs it.
func alone(p *Process) {
	for p.Running() {
		p.Acquired(0)
		n := p.Counter("db").Read()
		time.Sleep(100 * time.Millisecond)
		p.Counter("db").Write(n + 1)
		p.Released()
	}
}

// believers all believe that they hold the lock, and do nothing under it.
func believers(p *Process) {
	for p.Running() {
		p.Acquired(0)
		time.Sleep(100 * time.Millisecond)
		p.Released()
	}
}

// victim runs one victim in a directory, as go test would, and returns what it printed.
func victim(t *testing.T, dir, pattern string, args ...string) (passed bool, output string) {
	t.Helper()
	var out bytes.Buffer
	c := exec.Command(os.Args[0], append([]string{"-test.v", "-test.run=" + pattern, "-zoobreak.seeds=1..3"}, args...)...)
	c.Dir, c.Stdout, c.Stderr = dir, &out, &out
	c.Env = append(os.Environ(), victimsOnly+"=1", "GORACE=atexit_sleep_ms=0") // or each would end a second late
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return err == nil, out.String()
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	all, err := filepath.Glob(pattern)
	require.NoError(t, err)
	return all
}

// A failure is told as a story, kept as a plan, and reported; from then on the plan is run
// first, until the program is fixed, and after that, too.
func TestAFailureIsKeptAndRunFirst(t *testing.T) {
	dir := t.TempDir()
	passed, output := victim(t, dir, "^Broken$")
	require.False(t, passed, output)
	require.Contains(t, output, "ME-effect [")
	plans := files(t, filepath.Join(dir, "testdata/zoobreak/*"))
	require.Len(t, plans, 1)
	name := filepath.Base(plans[0])
	require.Regexp(t, `^Broken-[0-9a-f]{4}\.json$`, name)
	require.Contains(t, output, "go test -run '^Broken$' -zoobreak.plan=testdata/zoobreak/"+name)
	report := filepath.Join("zoobreak-out", name[:len(name)-len(".json")], "report.md")
	require.Contains(t, output, "Report:        "+report)
	require.FileExists(t, filepath.Join(dir, report))
	require.FileExists(t, filepath.Join(dir, "zoobreak-out/.gitignore"))

	for _, args := range [][]string{{"-zoobreak.plan=testdata/zoobreak/" + name}, {"-zoobreak.seeds=no range"}} {
		passed, output = victim(t, dir, "^Broken$", args...)
		require.False(t, passed)
		require.Contains(t, output, "ME-effect [", "the kept plan fails before anything is hunted")
		require.NotContains(t, output, "is no range")
	}

	t.Setenv("ZOOTEST_FIXED", "1")
	passed, output = victim(t, dir, "^Broken$")
	require.True(t, passed, output)
	require.Contains(t, output, "testdata/zoobreak/"+name+": pass; this plan does not fail")
	require.Contains(t, output, "3 runs, 0 of them vacuous, no failure")
	require.FileExists(t, plans[0], "it is a regression test now")
}

// A clean hunt says how far it reaches.
func TestACleanHuntSaysHowFarItReaches(t *testing.T) {
	passed, output := victim(t, t.TempDir(), "^Fine$")
	require.True(t, passed, output)
	require.Contains(t, output, "3 runs, 0 of them vacuous, no failure: one with probability above 1 a run would have been seen")
	require.Contains(t, output, "What could have endangered the rules, and how often it happened:")
	require.Contains(t, output, "Faults, and how often each changed anything:")
}

// A hunt that proves nothing fails, and asks what is likely to be missing.
func TestAHuntThatProvesNothingFails(t *testing.T) {
	passed, output := victim(t, t.TempDir(), "^Lazy$")
	require.False(t, passed)
	require.Contains(t, output, "zootest: 3 runs prove nothing: 3 were vacuous, 0 undecided")
	require.Contains(t, output, "Does the program call Acquired, Released or a Counter?")
}

// What is accepted is counted and does not fail the test.
func TestAcceptedRulesAreCounted(t *testing.T) {
	passed, output := victim(t, t.TempDir(), "^Forgiven$")
	require.True(t, passed, output)
	require.Contains(t, output, "Accepted: ME-belief, broken in 3 runs: nothing is written")
}

func TestMistakesOfTheCaller(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other.json"), scenarios.Servers().Draw(1).JSON(), 0o666))
	for _, c := range []struct {
		pattern, arg, sentence string
	}{
		{"^Fine$", "-zoobreak.seeds=9..1", `zootest: -zoobreak.seeds: "9..1" is empty: the first is greater than the last`},
		{"^Fine$", "-zoobreak.seeds=7", `zootest: -zoobreak.seeds: "7" is no range; write 1..1000`},
		{"^Fine$", "-zoobreak.seeds=1..2x", `zootest: -zoobreak.seeds: "1..2x" is no range; write 1..1000`},
		{"^Fine$", "-zoobreak.seeds=7@9:1", "zootest: seed 7@9:1: scenario Fine has guests"},
		{"^Fine$", "-zoobreak.plan=nowhere.json", "zootest: open nowhere.json: no such file or directory"},
		{"^Fine$", "-zoobreak.plan=other.json", `zootest: the plan is of scenario "servers", not of "Fine"`},
		{"^Forgetful$", "-test.v", `zootest: Accept: there is no rule "ME-beleif"`},
		{"^Large$", "-test.v", "zootest: the world is impossible: servers is 10; it must be 1 to 9"},
	} {
		passed, output := victim(t, dir, c.pattern, c.arg)
		require.False(t, passed)
		require.Contains(t, output, c.sentence)
	}
}

// A subtest is a test like others: its workers run it and nothing else, and its command
// means it, whatever characters its name has.
func TestSubtests(t *testing.T) {
	dir := t.TempDir()
	passed, output := victim(t, dir, "^Nested$")
	require.False(t, passed)
	require.Contains(t, output, "ME-effect [")
	require.Contains(t, output, `go test -run '^Nested$/^\(case_1\)$' -zoobreak.plan=testdata/zoobreak/Nested-(case_1)-`)
	require.Len(t, files(t, filepath.Join(dir, "testdata/zoobreak/Nested-(case_1)-*.json")), 1)
}

func TestPatternsMeanOneTest(t *testing.T) {
	require.Equal(t, "^TestLock$", pattern("TestLock"))
	require.Equal(t, `^TestLock$/^a\+b$/^#01$`, pattern("TestLock/a+b/#01"))
	c := command("TestLock/x")()
	require.Equal(t, os.Args[0], c.Args[0])
	require.Equal(t, []string{"-test.run=^TestLock$/^x$", "-test.count=1", "-test.timeout=0"}, c.Args[1:])
}

// Plans that are kept belong to the test that they name, not to others of a similar name.
func TestSavedPlansAreOfOneTest(t *testing.T) {
	t.Chdir(t.TempDir())
	require.Empty(t, savedPlans("TestLock"))
	require.NoError(t, os.MkdirAll(kept, 0o777))
	keep := func(file, test string) {
		p := scenario(test, World{}.orDefault(), alone).Draw(1)
		require.NoError(t, os.WriteFile(filepath.Join(kept, file), p.JSON(), 0o666))
	}
	keep("TestLock-2b2b.json", "TestLock")
	keep("TestLock-1a1a.json", "TestLock")
	keep("TestLock-[x]-1a1a.json", "TestLock/[x]")
	keep("TestLockTwo-1a1a.json", "TestLockTwo")
	keep("TestLock-notes.txt", "TestLock")
	require.NoError(t, os.WriteFile(filepath.Join(kept, "TestLock-edited.json"), []byte("{"), 0o666))
	in := func(names ...string) (all []string) {
		for _, n := range names {
			all = append(all, filepath.Join(kept, n))
		}
		return all
	}
	require.Equal(t, in("TestLock-1a1a.json", "TestLock-2b2b.json", "TestLock-edited.json"), savedPlans("TestLock"), "a broken one is run, to be complained about")
	require.Equal(t, in("TestLock-[x]-1a1a.json"), savedPlans("TestLock/[x]"))
	require.Equal(t, in("TestLockTwo-1a1a.json"), savedPlans("TestLockTwo"))
	require.Empty(t, savedPlans("TestLo"))
}

func TestTheDefaultWorld(t *testing.T) {
	require.Equal(t, World{Servers: 3, Clients: 3, Session: 4 * time.Second, Duration: 10 * time.Second}, World{}.orDefault())
	small := World{Servers: 1, Clients: 2, Session: time.Second, Duration: time.Minute}
	require.Equal(t, small, small.orDefault())
}
