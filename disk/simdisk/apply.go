package simdisk

import (
	"fmt"

	"github.com/zoobreak/zoobreak/disk"
)

// apply does one operation.
func (d *Disk) apply(op disk.Op) error {
	if op.Kind == disk.SyncDir {
		return d.sync(op, func() { d.settle(len(d.changes)) }, d.dropChanges)
	}
	if disk.CheckName(op.Name) != nil {
		return refuse(op, disk.BadName, "")
	}
	switch op.Kind {
	case disk.Create:
		return d.create(op)
	case disk.Remove:
		if d.names[op.Name] != nil {
			d.change(change{name: op.Name})
		}
		return nil
	}
	f, err := d.find(op)
	if err != nil {
		return err
	}
	return d.applyTo(f, op)
}

func (d *Disk) applyTo(f *file, op disk.Op) error {
	switch op.Kind {
	case disk.Append:
		return d.append(f, op)
	case disk.Preallocate:
		return d.preallocate(f, op)
	case disk.Truncate:
		if op.Size < 0 || op.Size > int64(len(f.data)) {
			return refuse(op, disk.BadArgument, fmt.Sprintf("cannot cut %d bytes to %d", len(f.data), op.Size))
		}
		f.truncate(int(op.Size))
		return nil
	case disk.Sync:
		return d.sync(op, f.sync, func() { f.drop(d.luck()) })
	case disk.Rename:
		return d.rename(f, op)
	}
	return refuse(op, disk.BadArgument, "no such operation")
}

// create empties a file that is there: the name stays, and the old bytes may come back.
func (d *Disk) create(op disk.Op) error {
	if count(d.faults.writes) {
		return refuse(op, disk.IOError, "")
	}
	if f := d.names[op.Name]; f != nil {
		f.truncate(0)
		return nil
	}
	if count(d.faults.full) {
		return refuse(op, disk.NoSpace, "")
	}
	d.change(change{name: op.Name, f: &file{sector: d.config.Sector, life: d.life}})
	return nil
}

func (d *Disk) rename(f *file, op disk.Op) error {
	if disk.CheckName(op.To) != nil {
		return refuse(op, disk.BadName, fmt.Sprintf("%q", op.To))
	}
	if op.To != op.Name {
		d.change(change{name: op.To, f: f, moved: true})
	}
	return nil
}

// append leaves a prefix when it fails. What was reserved is there on a full disk too.
func (d *Disk) append(f *file, op disk.Op) error {
	if len(op.Data) == 0 {
		return nil
	}
	if count(d.faults.writes) {
		f.append(op.Data[:d.luck().Of("prefix").Below(uint64(len(op.Data)))])
		return refuse(op, disk.IOError, "")
	}
	if room := len(f.data) - f.end; room < len(op.Data) && count(d.faults.full) {
		f.append(op.Data[:room+int(d.luck().Of("prefix").Below(uint64(len(op.Data)-room)))])
		return refuse(op, disk.NoSpace, "")
	}
	f.append(op.Data)
	return nil
}

func (d *Disk) preallocate(f *file, op disk.Op) error {
	switch {
	case op.Size < 0:
		return refuse(op, disk.BadArgument, fmt.Sprintf("cannot make room for %d bytes", op.Size))
	case op.Size <= int64(len(f.data)):
		return nil
	case count(d.faults.writes):
		return refuse(op, disk.IOError, "")
	case count(d.faults.full):
		return refuse(op, disk.NoSpace, "")
	}
	f.reserve(int(op.Size))
	return nil
}

// sync makes durable, or fails and drops: see disk.Sync.
func (d *Disk) sync(op disk.Op, durable, drop func()) error {
	if d.failed {
		return refuse(op, disk.IOError, "an earlier sync failed")
	}
	if count(d.faults.syncs) {
		d.failed = true
		drop()
		return refuse(op, disk.IOError, "")
	}
	durable()
	return nil
}
