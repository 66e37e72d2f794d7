package readme

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// zoobreak is the program, built once for all tests.
var zoobreak string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "readme")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	zoobreak = filepath.Join(dir, "zoobreak")
	c := exec.Command("go", "build", "-o", zoobreak, "./cmd/zoobreak")
	c.Dir = root
	if out, err := c.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "readme: zoobreak does not build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// call runs the program in a directory of its own, and returns its output and exit code.
func call(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	c := exec.Command(zoobreak, args...)
	c.Dir = t.TempDir()
	b, err := c.CombinedOutput()
	if _, exited := err.(*exec.ExitError); !exited {
		require.NoError(t, err)
	}
	return string(b), c.ProcessState.ExitCode()
}

var (
	verbRow = regexp.MustCompile("(?m)^\\| `zoobreak ([a-z]+)[^\n]*")
	flag    = regexp.MustCompile(`--[a-z-]+`)
	verb    = regexp.MustCompile(`(?m)^  ([a-z]+) {2,}[A-Z]`)
)

// The README's table has the verbs that there are, and each has the flags that its row names.
func TestCommandLineTable(t *testing.T) {
	var documented []string
	for _, row := range verbRow.FindAllStringSubmatch(section(t, document(t, "README.md"), "## Command line"), -1) {
		documented = append(documented, row[1])
		help, code := call(t, row[1], "--help")
		require.Equal(t, 0, code)
		require.Contains(t, help, "zoobreak "+row[1], "the help of %s", row[1])
		for _, f := range flag.FindAllString(row[0], -1) {
			require.Contains(t, help, f, "the help of %s", row[1])
		}
	}
	help, _ := call(t, "--help")
	var there []string
	for _, m := range verb.FindAllStringSubmatch(help, -1) {
		there = append(there, m[1])
	}
	require.ElementsMatch(t, there, append(documented, "help"))
}

// Exit codes 1 and 70 need a failure, which the tests of cmd/zoobreak have at hand.
func TestExitCodes(t *testing.T) {
	saved := t.TempDir()
	table := section(t, document(t, "README.md"), "## Command line")
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{0, "PASS  servers, seed 1, exact", []string{"run", "servers", "--seed", "1", "--out", saved}},
		{2, "stopped on request", []string{"replay", filepath.Join(saved, "servers-seed-1"), "--until", "5"}},
		{64, `no scenario is called "nothing"`, []string{"run", "nothing", "--seed", "1"}},
		{64, `--seeds "5" is no range`, []string{"hunt", "--seeds", "5"}},
		{64, "no such file", []string{"replay", "missing.json"}},
	} {
		out, code := call(t, c.args...)
		require.Equal(t, c.code, code, "%v:\n%s", c.args, out)
		require.Contains(t, out, c.says)
		require.Contains(t, table, fmt.Sprintf("\n| %d | ", c.code))
	}
}
