package disk_test

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
)

// The order is what makes it atomic and durable: bytes before the name, the name before
// it is relied on.
func TestReplaceIsDurableBeforeItIsVisible(t *testing.T) {
	require.Equal(t, []disk.Op{
		{Kind: disk.Create, Name: "epoch.tmp"},
		{Kind: disk.Append, Name: "epoch.tmp", Data: []byte("7")},
		{Kind: disk.Sync, Name: "epoch.tmp"},
		{Kind: disk.Rename, Name: "epoch.tmp", To: "epoch"},
		{Kind: disk.SyncDir},
	}, disk.Replace("epoch", []byte("7")))
}

func TestKindsForPeople(t *testing.T) {
	for k, want := range map[disk.Kind]string{
		disk.Create: "create", disk.Append: "append", disk.Truncate: "truncate", disk.Sync: "sync", disk.Rename: "rename", disk.Remove: "remove",
		disk.SyncDir: "syncdir", disk.Preallocate: "preallocate", disk.ReadAt: "read", disk.Size: "size", disk.List: "list",
		0: "disk.Kind(0)", 99: "disk.Kind(99)",
	} {
		require.Equal(t, want, k.String())
	}
}

func TestErrorsNameWhatAndWhere(t *testing.T) {
	for want, err := range map[string]*disk.Error{
		"disk: sync log.1: input/output error":                        {Op: disk.Sync, Name: "log.1", Cause: disk.IOError},
		"disk: syncdir: input/output error: an earlier sync failed":   {Op: disk.SyncDir, Cause: disk.IOError, Detail: "an earlier sync failed"},
		"disk: append log.1: is a directory":                          {Op: disk.Append, Name: "log.1", Detail: "is a directory"},
		"disk: create a/b: not the name of a file in this directory":  {Op: disk.Create, Name: "a/b", Cause: disk.BadName},
		"disk: append log.1: no space left: disk quota exceeded":      {Op: disk.Append, Name: "log.1", Cause: disk.NoSpace, Detail: "disk quota exceeded"},
		"disk: read log.1: corrupt: structure needs cleaning":         {Op: disk.ReadAt, Name: "log.1", Cause: disk.Corrupt, Detail: "structure needs cleaning"},
		"disk: truncate log.1: bad argument: cannot cut 2 bytes to 3": {Op: disk.Truncate, Name: "log.1", Cause: disk.BadArgument, Detail: "cannot cut 2 bytes to 3"},
		"disk: size log.1: disk.Cause(99)":                            {Op: disk.Size, Name: "log.1", Cause: 99},
		"disk: read log.1: no such file":                              {Op: disk.ReadAt, Name: "log.1", Cause: disk.NoSuchFile},
		"disk: preallocate log.1: failed":                             {Op: disk.Preallocate, Name: "log.1"},
	} {
		require.EqualError(t, err, want)
		require.ErrorIs(t, err, err.Cause)
		require.NotErrorIs(t, err, disk.Cause(98))
	}
}

func TestNamesLeadNowhere(t *testing.T) {
	for _, name := range []string{"log", "log.0000000100000001", "..log", "-"} {
		require.NoError(t, disk.CheckName(name))
	}
	for _, name := range []string{"", ".", "..", "a/b", "/a", "a/", `a\b`, "c:log", "a\x00"} {
		require.Equal(t, disk.BadName, disk.CheckName(name), "%q", name)
	}
}

// shrinking is a disk with one file, which is shorter than it says.
type shrinking struct {
	disk.Disk
	claimed int64
	bytes   string
	err     error
}

func (s shrinking) Size(string) (int64, error) { return s.claimed, nil }

func (s shrinking) ReadAt(_ string, b []byte, _ int64) (int, error) {
	n := copy(b, s.bytes)
	if s.err != nil {
		return n, s.err
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func TestReadReturnsAllThereIsOrWhy(t *testing.T) {
	b, err := disk.Read(shrinking{claimed: 5, bytes: "abc"}, "log")
	require.NoError(t, err)
	require.Equal(t, "abc", string(b))
	bad := errors.New("bad")
	_, err = disk.Read(shrinking{claimed: 3, bytes: "abc", err: bad}, "log")
	require.Equal(t, bad, err)
}
