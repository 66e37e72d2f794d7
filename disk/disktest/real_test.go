package disktest_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/disktest"
	"github.com/zoobreak/zoobreak/disk/osdisk"
	"github.com/zoobreak/zoobreak/internal/inbox"
)

func TestReal(t *testing.T) { disktest.Run(t, realWorld) }

func realWorld(t *testing.T, done func(disk.Done)) disktest.World {
	box, dir := inbox.New(), filepath.Join(t.TempDir(), "data")
	d := opened(t, dir, box, done)
	return disktest.World{
		Disk: d, Crash: killed,
		Restart: func() disk.Disk {
			box.Close()
			d.Stop()
			box = inbox.New()
			d = opened(t, dir, box, done)
			return d
		},
		Pump: func(until func() bool) bool {
			for end := time.Now().Add(20 * time.Second); !until() && time.Now().Before(end); {
				box.Step(time.Millisecond)
			}
			return until()
		},
	}
}

func opened(t *testing.T, dir string, box *inbox.Inbox, done func(disk.Done)) *osdisk.Disk {
	d, err := osdisk.Open(dir, box, done)
	require.NoError(t, err)
	t.Cleanup(func() {
		box.Close()
		d.Stop()
	})
	return d
}

// asJournal in the environment makes this program the process that is killed; it says in
// which directory.
const asJournal = "DISKTEST_JOURNAL"

func TestMain(m *testing.M) {
	dir := os.Getenv(asJournal)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := journal(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// journal says each record that is acknowledged. It ends when nobody listens any more.
func journal(dir string) error {
	box := inbox.New()
	var j *disktest.Journal
	d, err := osdisk.Open(dir, box, func(d disk.Done) { j.DiskDone(d) })
	if err != nil {
		return err
	}
	j = disktest.NewJournal(d, func(n int) {
		if _, err := fmt.Println(n); err != nil {
			box.Close()
		}
	})
	box.Run()
	return nil
}

// killed also reads what the process said between the last record that was waited for and
// its end: it was acknowledged too.
func killed(t *testing.T, records int) (acknowledged int, left disk.Disk) {
	dir := filepath.Join(t.TempDir(), "data")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asJournal+"="+dir)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	said := bufio.NewScanner(stdout)
	for said.Scan() {
		n, err := strconv.Atoi(said.Text())
		require.NoError(t, err)
		if acknowledged = n; n == records {
			require.NoError(t, cmd.Process.Kill())
		}
	}
	require.Error(t, cmd.Wait(), "it was killed")
	return acknowledged, opened(t, dir, inbox.New(), func(disk.Done) {})
}
