//go:build unix

package server

import (
	"fmt"
	"os"
	"syscall"
)

// lock makes sure that no two processes have one directory: each would append to the same
// log, and both would be server N. The lock is gone with the process, however it ends.
func lock(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: another server has this directory (%w)", name, err)
	}
	return f, nil
}
