package simdisk

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/internal/rng"
)

// faults are what is imposed now. A fault is known by its counter, so that overlapping ones
// are lifted independently.
type faults struct {
	slow   []slowness
	syncs  []*int
	writes []*int
	full   []*int
}

type slowness struct {
	extra    time.Duration
	mattered *int
}

// count says whether a fault is imposed, and that it has mattered.
func count(imposed []*int) bool {
	for _, mattered := range imposed {
		*mattered++
	}
	return len(imposed) > 0
}

func lift(imposed []*int, mattered *int) []*int {
	return slices.DeleteFunc(imposed, func(m *int) bool { return m == mattered })
}

func (f *faults) slowness() (extra time.Duration) {
	for _, s := range f.slow {
		*s.mattered++
		extra += s.extra
	}
	return extra
}

// Slow adds to the time of every sync that begins from now on; each counts in mattered.
func (d *Disk) Slow(extra time.Duration, mattered *int) {
	d.faults.slow = append(d.faults.slow, slowness{extra, mattered})
}

// Unslow lifts what Slow with the same mattered imposed.
func (d *Disk) Unslow(mattered *int) {
	d.faults.slow = slices.DeleteFunc(d.faults.slow, func(s slowness) bool { return s.mattered == mattered })
}

// FailSyncs makes every sync of a file or of the directory fail that ends from now on; each
// counts in mattered. Some of what was to be made durable is then on the platter and the
// rest is not, and the system takes all of it for clean: no later sync writes it, although
// the process, and the next one, go on reading it from the cache, until the power fails.
// (ext4 and XFS do that: Rebello et al., "Can Applications Recover from fsync Failures?",
// USENIX ATC 2020, section 3.)
func (d *Disk) FailSyncs(mattered *int) { d.faults.syncs = append(d.faults.syncs, mattered) }

// HealSyncs lifts what FailSyncs with the same mattered imposed. A process that has seen a
// sync fail sees all later ones fail too; its next life does not.
func (d *Disk) HealSyncs(mattered *int) { d.faults.syncs = lift(d.faults.syncs, mattered) }

// FailWrites makes every append, preallocation and creation fail; each counts in mattered.
// An append may leave a prefix.
func (d *Disk) FailWrites(mattered *int) { d.faults.writes = append(d.faults.writes, mattered) }

// HealWrites lifts what FailWrites with the same mattered imposed.
func (d *Disk) HealWrites(mattered *int) { d.faults.writes = lift(d.faults.writes, mattered) }

// Fill takes all free space, and what is freed later as well. Creating a file fails, and so
// do a preallocation, and an append that needs more than was reserved, after a prefix;
// each counts in mattered. Emptying, removing and syncing work.
func (d *Disk) Fill(mattered *int) { d.faults.full = append(d.faults.full, mattered) }

// Unfill lifts what Fill with the same mattered imposed.
func (d *Disk) Unfill(mattered *int) { d.faults.full = lift(d.faults.full, mattered) }

// Wipe leaves the disk empty, as a new one in its place would be, and returns how many files
// there were. No process may run on it.
func (d *Disk) Wipe() (files int) {
	d.mustBeDown("wiped")
	files = len(d.names)
	d.directory = newDirectory()
	return files
}

func (d *Disk) mustBeDown(what string) {
	if d.owner != nil {
		panic("simdisk: a disk cannot be " + what + " under a process that runs on it: kill that first")
	}
}

// dropChanges is a sync of the directory that fails: some of the changes are on the
// platter, and nobody will write the others.
func (d *Disk) dropChanges() {
	d.settle(int(d.luck().Of("directory").Below(uint64(len(d.changes)) + 1)))
}

// drop is a sync of the file that fails.
func (f *file) drop(key rng.Key) {
	c := f.choose(key)
	f.dropped = map[int][]byte{}
	for sector, content := range c.sectors { //tidy:order-free it goes into a map again
		if !sameSector(content, f.content(sector)) {
			f.dropped[sector] = content
		}
	}
	f.size = c.size
	f.settle()
}

// sameSector compares without the zeroes at the end.
func sameSector(a, b []byte) bool {
	return bytes.Equal(bytes.TrimRight(a, "\x00"), bytes.TrimRight(b, "\x00"))
}

// Rot damages synced data of some file: bits of a byte flip, or a whole sector is zeroes.
// Nobody is told, and no sync helps. It returns how many bytes are not what they were: 0 if
// there was nothing to damage.
func (d *Disk) Rot(key rng.Key) (damaged int) {
	var all []*file
	for _, name := range slices.Sorted(maps.Keys(d.names)) {
		if f := d.names[name]; len(f.settled()) > 0 {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		return 0
	}
	f := all[key.Of("file").Below(uint64(len(all)))]
	sectors := f.settled()
	at := sectors[key.Of("sector").Below(uint64(len(sectors)))] * f.sector
	b := f.data[at:min(at+f.sector, f.size, f.end)]
	if before := slices.Clone(b); key.Of("zeroed").Chance(1, 2) {
		if clear(b); !bytes.Equal(b, before) {
			return differing(before, b)
		}
	}
	b[key.Of("byte").Below(uint64(len(b)))] ^= byte(1 + key.Of("bits").Below(255))
	return 1
}

// settled returns the sectors with bytes that are on the platter as the process sees them.
func (f *file) settled() (sectors []int) {
	dirty := f.dirty()
	for at := 0; at < min(f.size, f.end); at += f.sector {
		if _, isDirty := dirty[at/f.sector]; !isDirty {
			sectors = append(sectors, at/f.sector)
		}
	}
	return sectors
}
