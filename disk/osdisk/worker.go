package osdisk

import (
	"errors"
	"io/fs"
	"os"

	"github.com/zoobreak/zoobreak/disk"
)

// syncFunc is (*os.File).Sync, but for tests.
type syncFunc func(*os.File) error

// worker carries out operations, one at a time, on a goroutine of its own.
type worker struct {
	root    *os.Root
	sync    syncFunc
	handles map[string]*handle

	// lost is the first sync that failed. The system may have dropped what it could not
	// write, and would call a second attempt a success; so there is none.
	lost error
}

func (w *worker) do(ops []disk.Op) error {
	for _, op := range ops {
		if err := failure(op, w.try(op)); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) try(op disk.Op) error {
	if op.Kind == disk.SyncDir {
		return w.syncDir()
	}
	if err := checkName(op.Name); err != nil {
		return err
	}
	switch op.Kind {
	case disk.Create:
		return w.create(op.Name)
	case disk.Append:
		return w.with(op.Name, func(h *handle) error { return h.append(op.Data) })
	case disk.Preallocate:
		return w.with(op.Name, func(h *handle) error { return h.preallocate(op.Size) })
	case disk.Truncate:
		return w.with(op.Name, func(h *handle) error { return h.truncate(op.Size) })
	case disk.Sync:
		return w.with(op.Name, func(h *handle) error { return w.syncFile(op.Name, h) })
	case disk.Rename:
		return w.rename(op.Name, op.To)
	case disk.Remove:
		return w.remove(op.Name)
	}
	return refuse(disk.BadArgument, "no such operation")
}

func (w *worker) create(name string) error {
	f, err := w.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w.forget(name)
	w.handles[name] = &handle{File: f}
	return nil
}

// with gives the handle of a file that is there.
func (w *worker) with(name string, use func(*handle) error) error {
	h := w.handles[name]
	if h == nil {
		var err error
		if h, err = w.open(name); err != nil {
			return err
		}
		w.handles[name] = h
	}
	return use(h)
}

func (w *worker) open(name string) (*handle, error) {
	f, err := w.root.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	h := &handle{File: f}
	if h.end, err = h.size(); err != nil {
		f.Close()
		return nil, err
	}
	return h, nil
}

func (w *worker) syncFile(name string, h *handle) error {
	if err := w.flush(h.File); err != nil {
		return err
	}
	size, err := h.size()
	if err != nil || h.end < size {
		return err
	}
	delete(w.handles, name)
	return h.Close()
}

func (w *worker) syncDir() error {
	dir, err := w.root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	return w.flush(dir)
}

func (w *worker) flush(f *os.File) error {
	if w.lost != nil {
		return refuse(causeOf(w.lost), "an earlier sync failed")
	}
	w.lost = w.sync(f)
	return w.lost
}

// rename also moves the handle: what was not synced under the old name is not under the
// new one either.
func (w *worker) rename(name, to string) error {
	if err := checkName(to); err != nil {
		return refuse(disk.BadName, "%q", to)
	}
	// Releases of Go do not agree on what this is called.
	if info, err := w.root.Lstat(to); err == nil && info.IsDir() {
		return refuse(disk.BadArgument, "%q is a directory", to)
	}
	if err := w.root.Rename(name, to); err != nil || name == to {
		return err
	}
	w.forget(to)
	if h := w.handles[name]; h != nil {
		w.handles[to] = h
		delete(w.handles, name)
	}
	return nil
}

func (w *worker) remove(name string) error {
	err := w.root.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err == nil {
		w.forget(name)
	}
	return err
}

// forget closes the handle of a file that has lost its name: nobody will ask for a sync
// of it.
func (w *worker) forget(name string) {
	if h := w.handles[name]; h != nil {
		h.Close()
		delete(w.handles, name)
	}
}

func (w *worker) close() {
	for _, h := range w.handles {
		h.Close()
	}
	w.root.Close()
}
