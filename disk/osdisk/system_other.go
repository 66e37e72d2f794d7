//go:build !linux

package osdisk

import (
	"os"
	"syscall"
)

// isCorrupt: this system has no error of its own for it.
func isCorrupt(syscall.Errno) bool { return false }

func reserve(f *os.File, from, size int64) error { return fill(f, from, size) }
