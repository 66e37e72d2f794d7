package simdisk

import (
	"io"
	"maps"
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// Owner receives completions. A nil owner is a disk without a process.
type Owner interface {
	DiskDone(disk.Done)
}

// Latency bounds the time that an operation takes.
type Latency struct{ Min, Max time.Duration }

// Config is what kind of disk it is. What it does not name is into memory, and takes no
// time of its own.
type Config struct {
	Sync   Latency // of a file or of the directory
	Append Latency // zero: an append takes no time
	Sector int     // bytes that are written whole or not at all; 0 means 512
}

const usualSector = 512

// Disk is one host's disk. It implements disk.Disk.
type Disk struct {
	k      *kernel.Kernel
	actor  kernel.Actor
	noise  *kernel.Stream
	config Config
	owner  Owner

	directory
	queue   []batch
	life    uint64 // of the process: a completion for an earlier life is nobody's
	repeats repeats
	faults  faults
	failed  bool   // a sync failed in this life
	watch   func() // told when a sync of unsynced bytes begins; nil: nobody
}

// New returns an empty disk.
func New(k *kernel.Kernel, name string, c Config) *Disk {
	if c.Sector == 0 {
		c.Sector = usualSector
	}
	d := &Disk{k: k, noise: k.Stream("disk " + name), config: c, directory: newDirectory()}
	d.actor = k.Register("disk "+name, d)
	return d
}

// Run gives the disk a process to report to.
func (d *Disk) Run(o Owner) { d.owner = o }

// WatchSyncs has f called whenever a sync of bytes that are not yet durable begins: from
// then until it is done they are written, and a power failure may take them.
func (d *Disk) WatchSyncs(f func()) { d.watch = f }

// List implements disk.Disk.
func (d *Disk) List() ([]string, error) { return slices.Sorted(maps.Keys(d.names)), nil }

// Size implements disk.Disk.
func (d *Disk) Size(name string) (int64, error) {
	f, err := d.find(disk.Op{Kind: disk.Size, Name: name})
	if err != nil {
		return 0, err
	}
	return int64(len(f.data)), nil
}

// ReadAt implements disk.Disk.
func (d *Disk) ReadAt(name string, b []byte, offset int64) (int, error) {
	op := disk.Op{Kind: disk.ReadAt, Name: name}
	f, err := d.find(op)
	if err != nil {
		return 0, err
	}
	if offset < 0 {
		return 0, refuse(op, disk.BadArgument, "a negative offset")
	}
	n := copy(b, f.data[min(offset, int64(len(f.data))):])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// find returns the file that the operation is about.
func (d *Disk) find(op disk.Op) (*file, error) {
	if disk.CheckName(op.Name) != nil {
		return nil, refuse(op, disk.BadName, "")
	}
	f := d.names[op.Name]
	if f == nil {
		return nil, refuse(op, disk.NoSuchFile, "")
	}
	if f.life != d.life {
		f.life, f.end = d.life, len(f.data) // where its content ends is not known any more
	}
	return f, nil
}

func refuse(op disk.Op, c disk.Cause, detail string) error {
	return &disk.Error{Op: op.Kind, Name: op.Name, Cause: c, Detail: detail}
}

// Kill ends the process: what it had submitted and the disk had not begun is lost,
// because it was still in the process's memory. What was written stays written.
func (d *Disk) Kill() {
	d.owner, d.queue, d.failed = nil, nil, false
	d.life++
}
