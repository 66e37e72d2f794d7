package osdisk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/zoobreak/zoobreak/disk"
)

// refusal is what the system was not even asked for, or not again.
type refusal struct {
	cause  disk.Cause
	detail string
}

func (r *refusal) Error() string { return r.detail }

func refuse(c disk.Cause, format string, args ...any) error {
	return &refusal{c, fmt.Sprintf(format, args...)}
}

// failure says what went wrong with the operation; nil and io.EOF stay what they are.
func failure(op disk.Op, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	e := &disk.Error{Op: op.Kind, Name: op.Name}
	var r *refusal
	switch {
	case errors.As(err, &r):
		e.Cause, e.Detail = r.cause, r.detail
	case errors.As(err, &e.Cause):
	default:
		e.Cause, e.Detail = causeOf(err), reason(err)
	}
	if e.Cause == disk.NoSuchFile || e.Detail == e.Cause.Error() {
		e.Detail = ""
	}
	return e
}

// causes are the system's errors that mean one of ours. A limit on the size of files is a
// disk without room as far as a file is concerned.
var causes = map[syscall.Errno]disk.Cause{
	syscall.ENOENT: disk.NoSuchFile,
	syscall.ENOSPC: disk.NoSpace, syscall.EDQUOT: disk.NoSpace, syscall.EFBIG: disk.NoSpace,
	syscall.EIO:    disk.IOError,
	syscall.EINVAL: disk.BadArgument,
}

func causeOf(err error) disk.Cause {
	var errno syscall.Errno
	if errors.Is(err, fs.ErrNotExist) {
		return disk.NoSuchFile
	}
	if !errors.As(err, &errno) {
		return disk.Other
	}
	if isCorrupt(errno) {
		return disk.Corrupt
	}
	return causes[errno]
}

// reason leaves out what disk.Error says already: the operation and the name.
func reason(err error) string {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err.Error()
	case errors.As(err, &link):
		return link.Err.Error()
	}
	return err.Error()
}
