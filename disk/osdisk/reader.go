package osdisk

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/zoobreak/zoobreak/disk"
)

// Reader is a directory that is only looked at. It implements disk.Reader.
type Reader struct{ directory }

// Look opens a directory that is there; nothing in it is changed.
func Look(dir string) (*Reader, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("osdisk: %w", err)
	}
	return &Reader{directory{root}}, nil
}

// Close lets go of the directory.
func (r *Reader) Close() error { return r.root.Close() }

// directory is what can be read, by those who also write and by those who do not.
type directory struct{ root *os.Root }

// List implements disk.Reader.
func (r *directory) List() ([]string, error) {
	entries, err := fs.ReadDir(r.root.FS(), ".") // sorted
	if err != nil {
		return nil, failure(disk.Op{Kind: disk.List}, err)
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Size implements disk.Reader.
func (r *directory) Size(name string) (size int64, err error) {
	err = r.look(name, func(f *os.File) error {
		info, err := f.Stat()
		if err == nil {
			size = info.Size()
		}
		return err
	})
	return size, failure(disk.Op{Kind: disk.Size, Name: name}, err)
}

// ReadAt implements disk.Reader.
func (r *directory) ReadAt(name string, b []byte, offset int64) (n int, err error) {
	err = r.look(name, func(f *os.File) error {
		var err error
		n, err = f.ReadAt(b, offset)
		return err
	})
	return n, failure(disk.Op{Kind: disk.ReadAt, Name: name}, err)
}

func (r *directory) look(name string, use func(*os.File) error) error {
	if err := checkName(name); err != nil {
		return err
	}
	f, err := r.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return use(f)
}

// checkName also refuses what this system reserves. (Links that lead elsewhere are refused
// by os.Root.)
func checkName(name string) error {
	if err := disk.CheckName(name); err != nil {
		return err
	}
	if !filepath.IsLocal(name) {
		return disk.BadName
	}
	return nil
}
