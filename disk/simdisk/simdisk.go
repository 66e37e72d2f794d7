package simdisk

import (
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

// Latency bounds the time that a sync takes. Everything else is into memory and takes no
// time of its own.
type Latency struct{ Min, Max time.Duration }

// Disk is one host's disk. It implements disk.Disk.
type Disk struct {
	k       *kernel.Kernel
	actor   kernel.Actor
	noise   *kernel.Stream
	latency Latency
	owner   Owner

	names   map[string]*file // as the process sees it
	durable map[string]*file // as of the last SyncDir
	changes []change         // of names since then, in order

	queue []batch
	life  uint64 // of the process: a completion for an earlier life is nobody's
	syncs uint64 // syncs begun, ever
	slow  []slowness
	watch func() // told when a sync of unsynced bytes begins; nil: nobody
}

// file is what a name refers to; renaming moves the name, not the file.
type file struct {
	data   []byte
	synced int // data[:synced] is durable ...
	// ... unless before is not nil: then the file was cut since its last sync, and a
	// crash may bring back these bytes instead.
	before []byte
}

// change is one atomic step of the directory: name now refers to f, or to nothing, and
// what was called was no longer is.
type change struct {
	name string
	f    *file
	was  string // rename only
}

func (c change) on(names map[string]*file) {
	delete(names, c.was)
	if c.f == nil {
		delete(names, c.name)
	} else {
		names[c.name] = c.f
	}
}

// batch is a submitted list of operations; next is the first that is not done.
type batch struct {
	id   uint64
	ops  []disk.Op
	next int
}

type slowness struct {
	extra    time.Duration
	mattered *int
}

// New returns an empty disk.
func New(k *kernel.Kernel, name string, l Latency) *Disk {
	d := &Disk{k: k, noise: k.Stream("disk " + name), latency: l, names: map[string]*file{}, durable: map[string]*file{}}
	d.actor = k.Register("disk "+name, d)
	return d
}

// Run gives the disk a process to report to.
func (d *Disk) Run(o Owner) { d.owner = o }

// List implements disk.Disk.
func (d *Disk) List() []string { return slices.Sorted(maps.Keys(d.names)) }

// Read implements disk.Disk.
func (d *Disk) Read(name string) ([]byte, error) {
	f := d.names[name]
	if f == nil {
		return nil, &disk.Error{Op: disk.Create, Name: name, Why: "no such file"}
	}
	return f.data, nil
}

// Submit implements disk.Disk.
func (d *Disk) Submit(id uint64, ops []disk.Op) {
	d.queue = append(d.queue, batch{id: id, ops: ops})
	if len(d.queue) == 1 {
		d.k.At(d.k.Now(), d.actor, begin, d.life)
	}
}

// Events of a disk in the kernel. A batch begins in an event of its own, so that no
// completion arrives from inside Submit.
const (
	begin  int32 = iota
	synced       // the sync that the first batch waits for is done
)

// Fire implements kernel.Handler.
func (d *Disk) Fire(kind int32, life uint64) {
	if life != d.life || len(d.queue) == 0 {
		return
	}
	b := &d.queue[0]
	if kind == synced {
		if err := d.apply(b.ops[b.next]); err != nil {
			d.finish(err)
			return
		}
		b.next++
	}
	d.proceed(b)
}

// proceed does operations until one takes time, or the batch is done.
func (d *Disk) proceed(b *batch) {
	for ; b.next < len(b.ops); b.next++ {
		op := b.ops[b.next]
		if op.Kind == disk.Sync || op.Kind == disk.SyncDir {
			d.tell(op)
			d.k.At(d.k.Now().Add(d.delay()), d.actor, synced, d.life)
			return
		}
		if err := d.apply(op); err != nil {
			d.finish(err)
			return
		}
	}
	d.finish(nil)
}

// tell reports a sync that begins while there is something to lose.
func (d *Disk) tell(op disk.Op) {
	if f := d.names[op.Name]; d.watch != nil && op.Kind == disk.Sync && f != nil && len(f.data) > f.synced {
		d.watch()
	}
}

func (d *Disk) finish(err error) {
	id := d.queue[0].id
	d.queue = d.queue[1:]
	if len(d.queue) > 0 {
		d.k.At(d.k.Now(), d.actor, begin, d.life)
	}
	d.k.Fold(id)
	if d.owner != nil {
		d.owner.DiskDone(disk.Done{ID: id, Err: err})
	}
}

func (d *Disk) delay() time.Duration {
	d.syncs++
	t := d.latency.Min + time.Duration(d.noise.Key().Int(d.syncs).Below(uint64(d.latency.Max-d.latency.Min)+1))
	for _, s := range d.slow {
		*s.mattered++
		t += s.extra
	}
	return t
}

func (d *Disk) apply(op disk.Op) error {
	switch op.Kind {
	case disk.Create:
		d.rename(change{name: op.Name, f: &file{}})
	case disk.Rename:
		f := d.names[op.Name]
		if f == nil {
			return missing(op)
		}
		d.rename(change{name: op.To, f: f, was: op.Name})
	case disk.Remove:
		d.rename(change{name: op.Name})
	case disk.SyncDir:
		d.durable, d.changes = maps.Clone(d.names), nil
	default:
		f := d.names[op.Name]
		if f == nil {
			return missing(op)
		}
		f.change(op)
	}
	return nil
}

func missing(op disk.Op) error { return &disk.Error{Op: op.Kind, Name: op.Name, Why: "no such file"} }

func (d *Disk) rename(c change) {
	c.on(d.names)
	d.changes = append(d.changes, c)
}

func (f *file) change(op disk.Op) {
	switch op.Kind {
	case disk.Append:
		f.data = append(f.data, op.Data...)
	case disk.Truncate:
		if int(op.Size) < f.synced && f.before == nil {
			f.before = slices.Clone(f.data[:f.synced])
		}
		f.data = f.data[:op.Size:op.Size]
		f.synced = min(f.synced, int(op.Size))
	case disk.Sync:
		f.synced, f.before = len(f.data), nil
	}
}

// Describe implements kernel.Describer.
func (d *Disk) Describe(kind int32, life uint64) string {
	if life != d.life || len(d.queue) == 0 {
		return "nothing: the process it was for is gone"
	}
	b := &d.queue[0]
	if kind == synced {
		op := b.ops[b.next]
		return op.Kind.String() + " " + op.Name + " done"
	}
	return "begins the next batch"
}
