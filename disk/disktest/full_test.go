//go:build linux || darwin

package disktest_test

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/disktest"
)

// asLimited in the environment makes TestRealFull the process of which the system limits
// the size of files; such a limit is the one full disk that needs no privileges.
const asLimited = "DISKTEST_LIMITED"

func TestRealFull(t *testing.T) {
	if os.Getenv(asLimited) != "" {
		signal.Ignore(syscall.SIGXFSZ)
		disktest.RunFull(t, realWorld, limit)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestRealFull$", "-test.v")
	cmd.Env = append(os.Environ(), asLimited+"=1")
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", said)
	for _, story := range []string{"an_append_leaves_a_prefix", "what_was_reserved_is_there", "names_can_be_moved_and_removed"} {
		require.Contains(t, string(said), "--- PASS: TestRealFull/"+story)
	}
}

func limit(t *testing.T, _ disk.Disk) (lift func()) {
	var before syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	full := before
	full.Cur = disktest.Limit
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full))
	return func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before)) }
}
