package readme

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The go test of the README breaks a real lock in a module outside this one, and its plan
// breaks it again in a new process. Under -short it is only compiled and vetted.
func TestGoTestOfTheREADME(t *testing.T) {
	dir := moduleOf(t, goBlock(t, document(t, "README.md")))
	if testing.Short() {
		out, err := inModule(dir, "vet", "./...")
		require.NoError(t, err, out)
		return
	}
	out, err := inModule(dir, "test", "-count=1")
	require.Error(t, err, "the lock of the README held:\n%s", out)
	first := failure(t, out)
	command := reproduce.FindStringSubmatch(out)
	require.NotNil(t, command, "no command to reproduce:\n%s", out)

	out, err = inModule(dir, "test", "-count=1", "-run", command[1], "-zoobreak.plan="+command[2])
	require.Error(t, err, "the saved plan did not fail:\n%s", out)
	require.Equal(t, first, failure(t, out), "the saved plan failed in another way:\n%s", out)
}

// marker stands before the block that is run.
const marker = "<!-- internal/readme compiles and runs this block -->\n```go\n"

func goBlock(t *testing.T, text string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(text, marker), "blocks that are marked to be run")
	_, rest, _ := strings.Cut(text, marker)
	block, _, found := strings.Cut(rest, "```")
	require.True(t, found, "the block ends")
	return block
}

var (
	finding   = regexp.MustCompile(`lock_test\.go:\d+: (ME-(?:effect|belief) \[limitation\])`)
	reproduce = regexp.MustCompile(`To reproduce:  go test -run '(\S+)' -zoobreak\.plan=(\S+)`)
)

// failure returns the rule and the class that a failing test names.
func failure(t *testing.T, out string) string {
	t.Helper()
	m := finding.FindStringSubmatch(out)
	require.NotNil(t, m, "no ME-effect or ME-belief [limitation] at a line of lock_test.go:\n%s", out)
	return m[1]
}

// moduleOf writes a module of its own around the test. It asks for the versions that this
// repository asks for, so that a filled module cache is all it needs.
func moduleOf(t *testing.T, test string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	here, err := filepath.Abs(root)
	require.NoError(t, err)
	write := func(name, content string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666))
	}
	write("lock_test.go", test)
	write("go.sum", document(t, "go.sum"))
	write("go.mod", strings.Join([]string{
		"module example.org/mylock", version(t, "go"),
		"require github.com/zoobreak/zoobreak v0.0.0",
		"require " + version(t, "github.com/go-zookeeper/zk"),
		"replace github.com/zoobreak/zoobreak => " + here, "",
	}, "\n"))
	return dir
}

// version returns the line of this repository's go.mod that says which version of a thing
// is asked for.
func version(t *testing.T, of string) string {
	t.Helper()
	line := regexp.MustCompile(`(?m)^\s*(` + regexp.QuoteMeta(of) + ` \S+)`).FindStringSubmatch(document(t, "go.mod"))
	require.NotNil(t, line, "go.mod says nothing about %s", of)
	return line[1]
}

func inModule(dir string, args ...string) (string, error) {
	c := exec.Command("go", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := c.CombinedOutput()
	return string(out), err
}
