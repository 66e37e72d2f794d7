package osdisk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/internal/inbox"
)

// Disk is one directory. It implements disk.Disk. All methods are for the owner's thread;
// one goroutine does what is submitted.
type Disk struct {
	directory
	box     *inbox.Inbox
	owner   func(disk.Done)
	batches *inbox.Queue[batch]
	ended   chan struct{}
}

type batch struct {
	id  uint64
	ops []disk.Op
}

// Open makes the directory if it is not there; its parent must be. Owner is called, from
// the inbox, with completions.
func Open(dir string, box *inbox.Inbox, owner func(disk.Done)) (*Disk, error) {
	return open(dir, box, owner, (*os.File).Sync)
}

func open(dir string, box *inbox.Inbox, owner func(disk.Done), sync syncFunc) (*Disk, error) {
	root, err := makeRoot(dir, sync)
	if err != nil {
		return nil, fmt.Errorf("osdisk: %w", err)
	}
	d := &Disk{directory: directory{root}, box: box, owner: owner, batches: inbox.NewQueue[batch](), ended: make(chan struct{})}
	go d.work(&worker{root: root, sync: sync, handles: map[string]*handle{}})
	return d, nil
}

// makeRoot also makes the directory's own name durable: a power failure that took it away
// would leave a server that believes it is new, and votes as it never voted before. It
// does so every time, because whoever made the directory may have died before the sync.
func makeRoot(dir string, sync syncFunc) (*os.Root, error) {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	parent, err := os.Open(filepath.Dir(filepath.Clean(dir)))
	if err != nil {
		return nil, err
	}
	defer parent.Close()
	if err := sync(parent); err != nil {
		return nil, err
	}
	return os.OpenRoot(dir)
}

// Submit implements disk.Disk.
func (d *Disk) Submit(id uint64, ops []disk.Op) { d.batches.Put(batch{id, ops}) }

// Stop finishes what was submitted and lets go of the directory. The inbox must be closed
// before: completions are nobody's any more.
func (d *Disk) Stop() {
	d.batches.Close()
	<-d.ended
}

func (d *Disk) work(w *worker) {
	defer close(d.ended)
	defer w.close()
	for {
		batches, ok := d.batches.Take()
		if !ok {
			return
		}
		for _, b := range batches {
			done := disk.Done{ID: b.id, Err: w.do(b.ops)}
			d.box.Post(func() { d.owner(done) })
		}
	}
}
