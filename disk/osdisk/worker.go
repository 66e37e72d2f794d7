package osdisk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/zoobreak/zoobreak/disk"
)

// syncFunc is (*os.File).Sync, but for tests.
type syncFunc func(*os.File) error

// worker carries out operations, one at a time, on a goroutine of its own.
type worker struct {
	root *os.Root
	sync syncFunc

	// dirty holds files from their first write to their sync. The sync must be of the
	// same handle: an operating system reports a write that failed later, in the
	// background, only to handles that were open at the time.
	dirty map[string]*os.File

	// lost is the first sync that failed. The system may have dropped what it could not
	// write, and would call a second attempt a success; so there is none.
	lost error
}

func (w *worker) do(ops []disk.Op) error {
	for _, op := range ops {
		if err := w.try(op); err != nil {
			return &disk.Error{Op: op.Kind, Name: op.Name, Why: why(err)}
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
		return w.with(op.Name, func(f *os.File) error { _, err := f.Write(op.Data); return err })
	case disk.Truncate:
		return w.with(op.Name, func(f *os.File) error { return cut(f, op.Size) })
	case disk.Sync:
		return w.with(op.Name, func(f *os.File) error { return w.syncFile(op.Name, f) })
	case disk.Rename:
		return w.rename(op.Name, op.To)
	case disk.Remove:
		return w.remove(op.Name)
	}
	return errors.New("no such operation")
}

func (w *worker) create(name string) error {
	f, err := w.root.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w.forget(name)
	w.dirty[name] = f
	return nil
}

// with gives the handle of a file that is there.
func (w *worker) with(name string, use func(*os.File) error) error {
	f := w.dirty[name]
	if f == nil {
		var err error
		if f, err = w.root.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0); err != nil {
			return err
		}
		w.dirty[name] = f
	}
	return use(f)
}

func cut(f *os.File, size int64) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if size < 0 || size > info.Size() {
		return fmt.Errorf("cannot cut %d bytes to %d", info.Size(), size)
	}
	return f.Truncate(size)
}

func (w *worker) syncFile(name string, f *os.File) error {
	if err := w.flush(f); err != nil {
		return err
	}
	delete(w.dirty, name)
	return f.Close()
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
		return fmt.Errorf("an earlier sync failed: %s", why(w.lost))
	}
	w.lost = w.sync(f)
	return w.lost
}

// rename also moves the handle: what was not synced under the old name is not under the
// new one either.
func (w *worker) rename(name, to string) error {
	if err := checkName(to); err != nil {
		return fmt.Errorf("to %q: %w", to, err)
	}
	if err := w.root.Rename(name, to); err != nil || name == to {
		return err
	}
	w.forget(to)
	if f := w.dirty[name]; f != nil {
		w.dirty[to] = f
		delete(w.dirty, name)
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
	if f := w.dirty[name]; f != nil {
		f.Close()
		delete(w.dirty, name)
	}
}

func (w *worker) close() {
	for _, f := range w.dirty {
		f.Close()
	}
	w.root.Close()
}
