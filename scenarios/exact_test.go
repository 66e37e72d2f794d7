package scenarios_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/scenarios"
)

var soak = flag.Int("soak.repeats", 3, "how many processes run each plan of the exactness test; make soak takes 500")

// digestOnly is set for a process that prints the digest of the plan on its standard
// input, and ends.
const digestOnly = "ZOOBREAK_TEST_DIGEST"

func TestMain(m *testing.M) {
	if os.Getenv(digestOnly) == "" {
		os.Exit(m.Run())
	}
	s := scenarios.Servers()
	out, _ := scenarios.Run(s, s.Draw(exactSeed), scenarios.Options{})
	fmt.Print(out.Digest)
}

const exactSeed = 11

// The same plan runs alike, event for event: again in this process, and in others, on one
// processor and on two.
func TestServersRunAlikeInEveryProcess(t *testing.T) {
	s := scenarios.Servers()
	want := mustRun(t, s, s.Draw(exactSeed), scenarios.Options{}).Digest
	require.Equal(t, want, mustRun(t, s, s.Draw(exactSeed), scenarios.Options{}).Digest, "in one process")
	require.NotEqual(t, want, mustRun(t, s, s.Draw(exactSeed+1), scenarios.Options{}).Digest, "another seed")
	for i := range *soak {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), digestOnly+"=1", fmt.Sprintf("GOMAXPROCS=%d", 1+i%2))
		var stderr strings.Builder
		c.Stderr = &stderr
		got, err := c.Output()
		require.NoError(t, err, stderr.String())
		require.Equal(t, want, string(got), "process %d, %s", i+1, c.Env[len(c.Env)-1])
	}
}
