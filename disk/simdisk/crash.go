package simdisk

import (
	"maps"
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/internal/rng"
)

// sector is the unit that a disk writes whole or not at all.
const sector = 512

// Kill ends the process: what it had submitted and the disk had not begun is lost,
// because it was still in the process's memory. What was written stays written.
func (d *Disk) Kill() {
	d.owner, d.queue = nil, nil
	d.life++
}

// PowerOff leaves what a real disk may leave: the directory as of the last SyncDir plus
// any prefix of the changes since; each file as of its last Sync plus any prefix of what
// was written since, of which the last sector may be torn. The choice is keyed, so that a
// replay makes the same one. It returns how many written bytes were lost.
func (d *Disk) PowerOff(key rng.Key) (lost int) {
	d.Kill()
	names := maps.Clone(d.durable)
	for _, c := range d.changes[:key.Of("directory").Below(uint64(len(d.changes))+1)] {
		c.on(names)
	}
	for _, n := range slices.Sorted(maps.Keys(names)) {
		lost += names[n].crash(key.Of(n))
	}
	d.names, d.durable, d.changes = names, maps.Clone(names), nil
	return lost
}

func (f *file) crash(key rng.Key) (lost int) {
	written := len(f.data)
	if f.before != nil && key.Of("cut").Chance(1, 2) {
		f.data, f.before, f.synced = f.before, nil, len(f.before)
		return 0
	}
	kept := f.synced + int(key.Of("kept").Below(uint64(written-f.synced)+1))
	f.data = f.data[:kept:kept]
	if torn := max(f.synced, kept/sector*sector); torn < kept && kept < written && key.Of("torn").Chance(1, 2) {
		f.data = slices.Clone(f.data)
		clear(f.data[torn:])
	}
	f.synced, f.before = kept, nil
	return written - kept
}

// Slow adds to the time of every sync that begins from now on; each counts in mattered.
func (d *Disk) Slow(extra time.Duration, mattered *int) {
	d.slow = append(d.slow, slowness{extra, mattered})
}

// Unslow lifts what Slow with the same mattered imposed.
func (d *Disk) Unslow(mattered *int) {
	d.slow = slices.DeleteFunc(d.slow, func(s slowness) bool { return s.mattered == mattered })
}

// WatchSyncs has f called whenever a sync of bytes that are not yet durable begins: from
// then until it is done they are written, and a power failure may take them.
func (d *Disk) WatchSyncs(f func()) { d.watch = f }
