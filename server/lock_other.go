//go:build !unix

package server

import "os"

// lock keeps the file open, which keeps nobody else out.
func lock(name string) (*os.File, error) { return os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600) }
