package simdisk

import (
	"time"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/internal/rng"
)

// batch is a submitted list of operations; next is the first that is not done.
type batch struct {
	id    uint64
	ops   []disk.Op
	next  int
	cause uint64 // a hash of what it does; 0 before it begins
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
	begin int32 = iota
	ended       // the time of the operation that the first batch waits for is over
)

// Fire implements kernel.Handler.
func (d *Disk) Fire(kind int32, life uint64) {
	if life != d.life || len(d.queue) == 0 {
		return
	}
	b := &d.queue[0]
	if kind == begin {
		b.cause = d.repeats.distinguish(causeOf(b.ops))
	} else {
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
		d.tell(op)
		if t := d.duration(op); t > 0 {
			d.k.At(d.k.Now().Add(t), d.actor, ended, d.life)
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
	if f := d.names[op.Name]; d.watch != nil && op.Kind == disk.Sync && f != nil && len(f.steps) > 0 {
		d.watch()
	}
}

func (d *Disk) finish(err error) {
	id := d.queue[0].id
	d.queue[0] = batch{}
	if len(d.queue) == 1 {
		d.queue = d.queue[:0] // the memory is used again
	} else {
		d.queue = d.queue[1:]
		d.k.At(d.k.Now(), d.actor, begin, d.life)
	}
	d.k.Fold(id)
	if err != nil {
		d.k.Fold(rng.HashString(err.Error()))
	}
	if d.owner != nil {
		d.owner.DiskDone(disk.Done{ID: id, Err: err})
	}
}

// duration is how long an operation takes. Its noise is keyed by what the batch does and
// the place in it, so that nobody else's latency moves when another operation goes.
func (d *Disk) duration(op disk.Op) time.Duration {
	switch op.Kind {
	case disk.Sync, disk.SyncDir:
		return d.within(d.config.Sync) + d.faults.slowness()
	case disk.Append:
		return d.within(d.config.Append)
	}
	return 0
}

func (d *Disk) within(l Latency) time.Duration {
	if l.Max == 0 {
		return 0
	}
	return l.Min + time.Duration(d.luck().Below(uint64(l.Max-l.Min)+1))
}

// luck is the noise of the operation that the first batch is at.
func (d *Disk) luck() rng.Key {
	b := &d.queue[0]
	return d.noise.Key().Int(b.cause).Int(uint64(b.next))
}

// causeOf is a hash of the operations with names and content.
func causeOf(ops []disk.Op) (h uint64) {
	for i := range ops {
		op := &ops[i]
		h = rng.Mix(h, uint64(op.Kind))
		h = rng.Mix(h, rng.HashString(op.Name))
		h = rng.Mix(h, rng.HashString(op.To))
		h = rng.Mix(h, rng.HashBytes(op.Data))
		h = rng.Mix(h, uint64(op.Size))
	}
	return h
}

// repeats tells batches apart that do the same: an ordinal within one cause, never across
// causes. It remembers the last cause of each slot. One that was displaced begins again,
// and has the luck that it had before; what would be wrong is only to take another's.
type repeats [256]struct {
	cause uint64
	count uint64
}

func (r *repeats) distinguish(cause uint64) uint64 {
	slot := &r[cause%uint64(len(r))]
	if slot.cause != cause {
		slot.cause, slot.count = cause, 0
	}
	slot.count++
	return rng.Mix(cause, slot.count)
}

// Describe implements kernel.Describer.
func (d *Disk) Describe(kind int32, life uint64) string {
	if life != d.life || len(d.queue) == 0 {
		return "nothing: the process it was for is gone"
	}
	b := &d.queue[0]
	if kind == ended {
		op := b.ops[b.next]
		return op.Kind.String() + " " + op.Name + " done"
	}
	return "begins the next batch"
}
