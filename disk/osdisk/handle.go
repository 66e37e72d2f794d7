package osdisk

import (
	"os"

	"github.com/zoobreak/zoobreak/disk"
)

// handle is an open file. It is open from the first change to the sync, because the sync
// must be of the same handle: an operating system reports a write that failed later, in the
// background, only to handles that were open at the time. It stays open longer if some of
// the file is reserved, because only the handle knows where.
type handle struct {
	*os.File
	end int64 // of what has been written
}

func (h *handle) size() (int64, error) {
	info, err := h.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// append may leave a prefix, behind which the next one goes.
func (h *handle) append(b []byte) error {
	n, err := h.WriteAt(b, h.end)
	h.end += int64(n)
	return err
}

func (h *handle) truncate(to int64) error {
	size, err := h.size()
	if err != nil {
		return err
	}
	if to < 0 || to > size {
		return refuse(disk.BadArgument, "cannot cut %d bytes to %d", size, to)
	}
	if err := h.Truncate(to); err != nil {
		return err
	}
	h.end = min(h.end, to)
	return nil
}

// preallocate leaves the file as it was if there is no room for all of it.
func (h *handle) preallocate(to int64) error {
	size, err := h.size()
	if err != nil {
		return err
	}
	if to < 0 {
		return refuse(disk.BadArgument, "cannot make room for %d bytes", to)
	}
	if to <= size {
		return nil
	}
	if err := reserve(h.File, size, to); err != nil {
		h.Truncate(size) // best effort: what is left is reserved, and does no harm
		return err
	}
	return nil
}

// fill writes zeroes.
func fill(f *os.File, from, size int64) error {
	zeroes := make([]byte, 1<<16)
	for from < size {
		n, err := f.WriteAt(zeroes[:min(size-from, int64(len(zeroes)))], from)
		if err != nil {
			return err
		}
		from += int64(n)
	}
	return nil
}
