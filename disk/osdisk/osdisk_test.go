package osdisk

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/internal/inbox"
)

// rig is an owner with its disk, on the test's goroutine.
type rig struct {
	t    *testing.T
	dir  string
	box  *inbox.Inbox
	disk *Disk
	done []disk.Done
	sync syncFunc
}

func start(t *testing.T) *rig {
	r := &rig{t: t, dir: filepath.Join(t.TempDir(), "data"), sync: (*os.File).Sync}
	r.restart()
	t.Cleanup(r.stop)
	return r
}

func (r *rig) restart() {
	r.box = inbox.New()
	d, err := open(r.dir, r.box, func(d disk.Done) { r.done = append(r.done, d) }, func(f *os.File) error { return r.sync(f) })
	require.NoError(r.t, err)
	r.disk = d
}

func (r *rig) stop() {
	r.box.Close()
	r.disk.Stop()
}

// do submits one batch and waits for it.
func (r *rig) do(ops ...disk.Op) error {
	r.disk.Submit(uint64(len(r.done)+1), ops)
	require.True(r.t, r.box.Step(20*time.Second))
	return r.done[len(r.done)-1].Err
}

func (r *rig) list() []string {
	names, err := r.disk.List()
	require.NoError(r.t, err)
	return names
}

func appendTo(name, s string) disk.Op {
	return disk.Op{Kind: disk.Append, Name: name, Data: []byte(s)}
}

// Whatever a name says, what is outside the directory is neither read nor changed, and
// the directory itself is no file.
func TestNamesStayInside(t *testing.T) {
	r := start(t)
	outside := filepath.Join(r.dir, "..", "secret")
	require.NoError(t, os.WriteFile(outside, []byte("untouched"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(r.dir, "link")))
	require.NoError(t, os.Symlink("..", filepath.Join(r.dir, "up")))
	require.NoError(t, r.do(disk.Op{Kind: disk.Create, Name: "own"}))
	for _, name := range []string{"", ".", "..", "../secret", "up/secret", "link", "./own", "sub/own", "own/", outside} {
		for _, op := range []disk.Op{
			{Kind: disk.Create, Name: name}, appendTo(name, "x"), {Kind: disk.Truncate, Name: name}, {Kind: disk.Sync, Name: name},
		} {
			var e *disk.Error
			require.ErrorAs(t, r.do(op), &e, "%s %q", op.Kind, name)
			require.Equal(t, op.Kind, e.Op)
			require.Equal(t, name, e.Name)
		}
		_, err := disk.Read(r.disk, name)
		require.Error(t, err, "read %q", name)
		if name == "link" {
			continue // the link itself is inside, and may be renamed and removed
		}
		require.Error(t, r.do(disk.Op{Kind: disk.Remove, Name: name}), "remove %q", name)
		require.Error(t, r.do(disk.Op{Kind: disk.Rename, Name: name, To: "own"}), "rename %q", name)
		require.Error(t, r.do(disk.Op{Kind: disk.Rename, Name: "own", To: name}), "rename to %q", name)
	}
	require.Equal(t, []string{"own"}, r.list(), "links and directories are no files of the disk")
	b, err := os.ReadFile(outside)
	require.NoError(t, err)
	require.Equal(t, "untouched", string(b))
}

func TestErrorsSayWhatAndWhere(t *testing.T) {
	r := start(t)
	require.NoError(t, r.do(disk.Op{Kind: disk.Create, Name: "own"}, appendTo("own", "ab")))
	require.NoError(t, os.Mkdir(filepath.Join(r.dir, "sub"), 0o700))
	for want, op := range map[string]disk.Op{
		"disk: append none: no such file":                                        appendTo("none", "x"),
		"disk: append sub: is a directory":                                       appendTo("sub", "x"),
		"disk: rename own: bad argument: \"sub\" is a directory":                 {Kind: disk.Rename, Name: "own", To: "sub"},
		"disk: truncate own: bad argument: cannot cut 2 bytes to 3":              {Kind: disk.Truncate, Name: "own", Size: 3},
		"disk: truncate own: bad argument: cannot cut 2 bytes to -1":             {Kind: disk.Truncate, Name: "own", Size: -1},
		"disk: remove ../own: not the name of a file in this directory":          {Kind: disk.Remove, Name: "../own"},
		"disk: rename own: not the name of a file in this directory: \"../own\"": {Kind: disk.Rename, Name: "own", To: "../own"},
		"disk: disk.Kind(99) own: bad argument: no such operation":               {Kind: 99, Name: "own"},
	} {
		require.EqualError(t, r.do(op), want)
	}
}

// What is synced, and in which order: every file and the directory, and at the very start
// the directory that this one stands in.
func TestEverySyncReachesTheSystem(t *testing.T) {
	r := start(t)
	r.stop()
	var synced []string
	r.sync = func(f *os.File) error {
		synced = append(synced, filepath.Base(f.Name()))
		return f.Sync()
	}
	r.restart()
	require.NoError(t, r.do(disk.Replace("epoch", []byte("7"))...))
	require.NoError(t, r.do(disk.Op{Kind: disk.Sync, Name: "epoch"}), "a file that is not dirty is synced all the same")
	require.Equal(t, []string{filepath.Base(filepath.Dir(r.dir)), "epoch.tmp", filepath.Base(r.dir), "epoch"}, clean(synced, r.dir))
}

// clean names the directory itself, which os.Root calls by its path and a dot.
func clean(names []string, dir string) (out []string) {
	for _, n := range names {
		if n == "." {
			n = filepath.Base(dir)
		}
		out = append(out, n)
	}
	return out
}

// After a sync that failed nothing is durable any more, whatever the system says later.
func TestAFailedSyncIsNotTriedAgain(t *testing.T) {
	r := start(t)
	require.NoError(t, r.do(disk.Op{Kind: disk.Create, Name: "log"}, disk.Op{Kind: disk.SyncDir}))
	r.sync = func(f *os.File) error {
		return &os.PathError{Op: "sync", Path: f.Name(), Err: syscall.EIO}
	}
	require.EqualError(t, r.do(appendTo("log", "ab"), disk.Op{Kind: disk.Sync, Name: "log"}, appendTo("log", "never")), "disk: sync log: input/output error")
	r.sync = (*os.File).Sync
	require.EqualError(t, r.do(disk.Op{Kind: disk.Sync, Name: "log"}), "disk: sync log: input/output error: an earlier sync failed")
	require.EqualError(t, r.do(disk.Op{Kind: disk.SyncDir}), "disk: syncdir: input/output error: an earlier sync failed")
	require.NoError(t, r.do(appendTo("log", "cd")), "it is only durability that is lost")
	b, err := disk.Read(r.disk, "log")
	require.NoError(t, err)
	require.Equal(t, "abcd", string(b))
}

// A handle belongs to a file, not to a name: what is written after a rename goes to the
// file that now has the name.
func TestHandlesFollowTheirFiles(t *testing.T) {
	r := start(t)
	require.NoError(t, r.do(
		disk.Op{Kind: disk.Create, Name: "a"}, appendTo("a", "1"), disk.Op{Kind: disk.Create, Name: "b"}, appendTo("b", "2"),
		disk.Op{Kind: disk.Rename, Name: "a", To: "b"}, appendTo("b", "3"), disk.Op{Kind: disk.Rename, Name: "b", To: "b"}, appendTo("b", "4"),
		disk.Op{Kind: disk.Create, Name: "a"}, appendTo("a", "5"), disk.Op{Kind: disk.Remove, Name: "a"},
	))
	require.ErrorContains(t, r.do(appendTo("a", "6")), "no such file")
	require.Equal(t, []string{"b"}, r.list())
	b, err := disk.Read(r.disk, "b")
	require.NoError(t, err)
	require.Equal(t, "134", string(b))
}

func TestStopFinishesWhatWasSubmitted(t *testing.T) {
	r := start(t)
	r.disk.Submit(1, []disk.Op{{Kind: disk.Create, Name: "log"}})
	for i := range uint64(50) {
		r.disk.Submit(i+2, []disk.Op{appendTo("log", "x"), {Kind: disk.Sync, Name: "log"}})
	}
	r.stop()
	require.Empty(t, r.done)
	r.restart()
	b, err := disk.Read(r.disk, "log")
	require.NoError(t, err)
	require.Len(t, b, 50)
}

func TestADirectoryThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{file, filepath.Join(file, "data"), filepath.Join(t.TempDir(), "no", "parent")} {
		_, err := Open(dir, inbox.New(), nil)
		require.ErrorContains(t, err, "osdisk: ")
		require.ErrorContains(t, err, dir)
	}
	_, err := open(t.TempDir(), inbox.New(), nil, func(*os.File) error { return errors.New("input/output error") })
	require.EqualError(t, err, "osdisk: input/output error")
}

// An owner that takes "cannot be read" for "empty" would begin anew.
func TestAListThatFailsIsNotAnEmptyOne(t *testing.T) {
	r := start(t)
	r.disk.root.Close()
	_, err := r.disk.List()
	require.EqualError(t, err, "disk: list: file already closed")
}
