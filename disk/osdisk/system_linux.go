package osdisk

import (
	"errors"
	"os"
	"syscall"
)

// isCorrupt knows how ext4, XFS and btrfs say that a checksum or a structure on the disk is
// wrong.
func isCorrupt(e syscall.Errno) bool { return e == syscall.EUCLEAN || e == syscall.EBADMSG }

// reserve makes room up to size. Where the file system cannot, zeroes are written.
func reserve(f *os.File, from, size int64) error {
	for {
		err := syscall.Fallocate(int(f.Fd()), 0, from, size-from)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EOPNOTSUPP), errors.Is(err, syscall.ENOSYS):
			return fill(f, from, size)
		default:
			return err
		}
	}
}
