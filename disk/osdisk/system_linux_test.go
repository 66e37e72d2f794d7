package osdisk

import (
	"io/fs"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
)

func TestCorruptionHasItsOwnCause(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EUCLEAN, syscall.EBADMSG} {
		err := failure(disk.Op{Kind: disk.ReadAt, Name: "log"}, &fs.PathError{Op: "read", Path: "/data/log", Err: errno})
		require.ErrorIs(t, err, disk.Corrupt)
		require.ErrorContains(t, err, "disk: read log: corrupt: ")
	}
	require.NotErrorIs(t, failure(disk.Op{}, syscall.EIO), disk.Corrupt)
}
