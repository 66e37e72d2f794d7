package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	program "github.com/zoobreak/zoobreak/cmd/zoobreak"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) {
	if os.Getenv(leaksEnv)+os.Getenv(greetingEnv) != "" {
		program.MainWith(leaks()...)
		return
	}
	flag.Parse()
	dir, err := os.MkdirTemp("", "zoobreak")
	if err == nil {
		binary = filepath.Join(dir, "zoobreak")
		err = build()
	}
	code := 1
	if err == nil {
		code = m.Run()
	}
	os.RemoveAll(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func build() error {
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	if err != nil {
		return fmt.Errorf("the program does not build: %w\n%s", err, out)
	}
	return nil
}

// result is what one call of the program did.
type result struct {
	out, err string
	code     int
}

// zoobreak runs the program in a directory of its own.
func zoobreak(t *testing.T, args ...string) result {
	t.Helper()
	return zoobreakIn(t, t.TempDir(), args...)
}

func zoobreakIn(t *testing.T, dir string, args ...string) result {
	t.Helper()
	c := exec.Command(binary, args...)
	c.Dir = dir
	return run(t, c)
}

func run(t *testing.T, c *exec.Cmd) result {
	t.Helper()
	var out, stderr bytes.Buffer
	c.Stdout, c.Stderr = &out, &stderr
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{out.String(), stderr.String(), c.ProcessState.ExitCode()}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o777))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o666))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "after an intended change: go test ./cmd/zoobreak -update")
}

// object is one JSON line.
type object map[string]any

func (o object) fields() (names []string) {
	for name := range o {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (o object) list(t *testing.T, name string) (all []object) {
	t.Helper()
	require.IsType(t, []any{}, o[name], name)
	for _, x := range o[name].([]any) {
		all = append(all, object(x.(map[string]any)))
	}
	return all
}

// lines reads JSON lines; what is no object fails the test.
func (r result) lines(t *testing.T) (all []object) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSuffix(r.out, "\n"), "\n") {
		var o object
		require.NoError(t, json.Unmarshal([]byte(line), &o), line)
		all = append(all, o)
	}
	return all
}

// The words of the program: what can be asked for, and what there is.
func TestHelpAndLists(t *testing.T) {
	cores := regexp.MustCompile(`\(default [0-9]+\)`)
	for _, c := range [][]string{
		{"--help"}, {"run", "--help"}, {"hunt", "--help"}, {"replay", "--help"}, {"shrink", "--help"}, {"merge", "--help"}, {"doctor", "--help"}, {"list", "--help"}, {"serve", "--help"}, {"fsck", "--help"},
		{"list"}, {"list", "scenarios"}, {"list", "workloads"}, {"list", "recipes"}, {"list", "bugs"}, {"list", "faults"}, {"list", "checkers"}, {"list", "knobs"}, {"list", "marks"},
	} {
		r := zoobreak(t, c...)
		require.Zero(t, r.code, c)
		require.Empty(t, r.err, c)
		name := strings.ReplaceAll(strings.Join(c, "-"), "--", "")
		text := r.out
		if c[0] == "hunt" { // its workers are as many as the machine has cores
			text = cores.ReplaceAllString(text, "(default N)")
		}
		golden(t, name+".golden", text)
	}
}

// Scripts read lists as JSON lines with the same items and at least name and summary.
func TestListsAsJSON(t *testing.T) {
	for name, extra := range map[string]string{
		"scenarios": "exact", "workloads": "", "recipes": "naive", "bugs": "", "faults": "", "checkers": "", "knobs": "", "marks": "",
	} {
		r := zoobreak(t, "list", name, "--json")
		require.Zero(t, r.code)
		want := []string{"name", "summary"}
		if extra != "" {
			want = append([]string{extra}, want...)
		}
		all := r.lines(t)
		require.Len(t, all, strings.Count(zoobreak(t, "list", name).out, "\n"))
		for _, o := range all {
			require.Equal(t, want, o.fields())
			require.NotEmpty(t, o["name"])
			require.NotEmpty(t, o["summary"])
		}
	}
}

func TestVersion(t *testing.T) {
	r := zoobreak(t, "version", "--json")
	require.Zero(t, r.code)
	require.Len(t, r.lines(t), 1)
	v := r.lines(t)[0]
	require.Equal(t, []string{"go", "revision", "type", "version"}, v.fields())
	require.Equal(t, "version", v["type"])
	require.Contains(t, v["go"], "go1.")
	require.Equal(t, fmt.Sprintf("zoobreak %s %s %s\n", v["version"], v["revision"], v["go"]), zoobreak(t, "version").out)
}

// Bad input gets one sentence, code 64, and nothing half-written.
func TestUsageErrors(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.json")
	require.NoError(t, os.WriteFile(bad, []byte(`{"version": 2}`), 0o666))
	for _, c := range []struct {
		args     string
		sentence string
	}{
		{"hunting", `unknown command "hunting" for "zoobreak"`},
		{"hunt servers --sead 1..2", `unknown flag: --sead`},
		{"hunt servers --seeds 10", `--seeds "10" is no range; write 1..1000`},
		{"hunt servers --seeds 1..x", `--seeds "1..x" is no range; write 1..1000`},
		{"hunt servers --seeds 1..2x", `--seeds "1..2x" is no range; write 1..1000`},
		{"hunt servers --seeds 9..1", `--seeds "9..1" is empty: the first is greater than the last`},
		{"hunt servers --workers 0", `--workers is 0; it must be at least 1`},
		{"hunt servers --for=-1s", `--for is -1s; it must be positive`},
		{"hunt servers --for 1s --seeds 1..2", `if any flags in the group [seeds for] are set none of the others can be; [for seeds] were all set`},
		{"hunt servers --bug typo", `scenario servers has no bug "typo"; it has: ack-before-sync`},
		{"hunt serves", `no scenario is called "serves"; there are lock, lock-calm, servers, servers-calm`},
		{"doctor serves", `no scenario is called "serves"; there are lock, lock-calm, servers, servers-calm`},
		{"doctor --seeds 3", `--seeds "3" is no range; write 1..1000`},
		{"run servers", `run needs --seed S or --plan FILE`},
		{"run", `accepts 1 arg(s), received 0`},
		{"run servers --seed x", `invalid argument "x" for "--seed" flag: "x" is no seed; write 42, or 42@1500:7 to go on with seed 7 after event 1500`},
		{"run servers --seed 1@5", `invalid argument "1@5" for "--seed" flag: "1@5" is no seed;`},
		{"hunt servers --seeds 1@5:x", `--seeds "1@5:x" is no seed;`},
		{"doctor --seeds 1@5:2@5:3", `--seeds seed "1@5:2@5:3" branches after event 5, and no earlier than event 6 is possible there`},
		{"run servers --seed 1@50000:2", `seed 1@50000:2: the run has only `},
		{"run lock --seed 1@5:2", `seed 1@5:2: scenario lock has guests, `},
		{"doctor lock --seeds 1@5:2", `seed 1@5:2: scenario lock has guests, `},
		{"run servers --seed 1 --plan bad.json", `if any flags in the group [seed plan] are set none of the others can be; [plan seed] were all set`},
		{"run servers --plan nowhere.json", `open nowhere.json: no such file or directory`},
		{"run servers --plan bad.json", `bad.json: plan: version is 2; this zoobreak reads 1`},
		{"replay nowhere", `open nowhere: no such file or directory`},
		{"replay bad.json", `bad.json: plan: version is 2; this zoobreak reads 1`},
		{"shrink bad.json", `bad.json: plan: version is 2; this zoobreak reads 1`},
		{"list everything", `there is no list of "everything"; there are scenarios, workloads, recipes, bugs, faults, triggers, checkers, knobs, marks`},
	} {
		r := zoobreakIn(t, dir, strings.Fields(c.args)...)
		require.Equal(t, 64, r.code, c.args)
		require.Empty(t, r.out, c.args)
		require.Contains(t, r.err, "zoobreak: "+c.sentence, c.args)
		require.Equal(t, 1, strings.Count(r.err, "\n"), "one sentence: %s", r.err)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "nothing was written")
}
