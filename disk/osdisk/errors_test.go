package osdisk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
)

// What the system says becomes a cause, and the words that the cause has not said already.
func TestFailuresHaveCauses(t *testing.T) {
	op := disk.Op{Kind: disk.Append, Name: "log"}
	for err, want := range map[error]string{
		&fs.PathError{Op: "write", Path: "/data/log", Err: syscall.ENOSPC}:   "disk: append log: no space left: no space left on device",
		&fs.PathError{Op: "write", Path: "/data/log", Err: syscall.EDQUOT}:   "disk: append log: no space left: disk quota exceeded",
		&fs.PathError{Op: "write", Path: "/data/log", Err: syscall.EFBIG}:    "disk: append log: no space left: file too large",
		&fs.PathError{Op: "write", Path: "/data/log", Err: syscall.EIO}:      "disk: append log: input/output error",
		&fs.PathError{Op: "open", Path: "/data/log", Err: syscall.ENOENT}:    "disk: append log: no such file",
		&fs.PathError{Op: "open", Path: "/data/log", Err: syscall.EROFS}:     "disk: append log: read-only file system",
		&os.LinkError{Op: "rename", Old: "a", New: "b", Err: syscall.EISDIR}: "disk: append log: is a directory",
		syscall.EINVAL: "disk: append log: bad argument: invalid argument",
		disk.BadName:   "disk: append log: not the name of a file in this directory",
		refuse(disk.BadArgument, "cannot cut to %d", 3): "disk: append log: bad argument: cannot cut to 3",
		errors.New("odd"): "disk: append log: odd",
	} {
		require.EqualError(t, failure(op, err), want)
	}
	require.NoError(t, failure(op, nil))
	require.Equal(t, io.EOF, failure(op, io.EOF))
	require.Equal(t, &disk.Error{Op: disk.Append, Name: "log", Cause: disk.IOError}, failure(op, syscall.EIO))
}

// Where a file system cannot reserve, zeroes are written.
func TestRoomByZeroes(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer f.Close()
	_, err = f.WriteString("abc")
	require.NoError(t, err)
	require.NoError(t, fill(f, 3, 200_000))
	b, err := os.ReadFile(f.Name())
	require.NoError(t, err)
	require.Equal(t, "abc"+string(make([]byte, 200_000-3)), string(b))
	require.NoError(t, f.Close())
	require.ErrorIs(t, fill(f, 200_000, 200_001), os.ErrClosed)
}

// A file is open as long as there is something to sync, or room of which only the handle
// knows how much is filled. More would be a leak.
func TestHandlesAreOpenAsLongAsTheyAreNeeded(t *testing.T) {
	r := start(t)
	w := &worker{root: r.disk.root, sync: (*os.File).Sync, handles: map[string]*handle{}}
	count := func(ops ...disk.Op) int {
		require.NoError(t, w.do(ops))
		return len(w.handles)
	}
	sync := disk.Op{Kind: disk.Sync, Name: "log"}
	room := disk.Op{Kind: disk.Preallocate, Name: "log", Size: 4}
	require.Equal(t, 1, count(disk.Op{Kind: disk.Create, Name: "log"}))
	require.Zero(t, count(sync))
	require.Equal(t, 1, count(appendTo("log", "a")))
	require.Zero(t, count(sync))
	require.Equal(t, 1, count(room, sync), "three bytes are reserved")
	require.Equal(t, 1, count(appendTo("log", "bc"), sync))
	require.Zero(t, count(appendTo("log", "d"), sync))
	require.Equal(t, 1, count(appendTo("log", "e")))
	require.Zero(t, count(disk.Op{Kind: disk.Remove, Name: "log"}))
	w.handles["closed"] = &handle{File: closed(t, r.disk)}
	require.ErrorContains(t, w.do([]disk.Op{appendTo("closed", "x")}), "file already closed")
	require.ErrorContains(t, w.do([]disk.Op{{Kind: disk.Truncate, Name: "closed"}}), "file already closed")
	require.ErrorContains(t, w.do([]disk.Op{{Kind: disk.Preallocate, Name: "closed", Size: 1}}), "file already closed")
}

// closed returns a handle that is closed.
func closed(t *testing.T, d *Disk) *os.File {
	f, err := d.root.Open(".")
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return f
}
