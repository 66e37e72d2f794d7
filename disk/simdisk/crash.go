package simdisk

import (
	"maps"
	"slices"

	"github.com/zoobreak/zoobreak/internal/rng"
)

// What a power failure leaves. The machine's cache is gone; what is on the platter depends
// on what the file system had written back by then, in an order of its own:
//
//   - The directory is journaled: of the changes of names since the last SyncDir the first n
//     are there, for some n. Sync of a file says nothing about its name.
//   - A file has one of the sizes that it had since its last Sync. An append gets longer by
//     one sector after the other.
//   - A sector is written whole or not at all, in any order, earlier or later than the
//     size: it holds what it held at any one time since the last Sync. Where the size is
//     there and the bytes are not, they are zeroes.
//   - What a cut took away does not show through a size from after the cut: the end of the
//     sector that it falls into is zeroed first. That zeroing is in place, so it may be
//     there and the new size not. Sectors that a cut frees are not written to until it
//     is durable.
//
// Nothing ties one file to another, or a file to the directory. Single file systems do
// better here and there (ext4 with data=ordered writes new blocks before the size). Some do
// worse, and are not simulated: btrfs may persist names out of their order, and old blocks
// may show where here are zeroes (ext4 with data=writeback; Pillai et al., OSDI 2014).

// PowerOff leaves what a real disk may leave, see above. The choice is keyed, so that a
// replay makes the same one. It returns how many changes of names and bytes were lost.
func (d *Disk) PowerOff(key rng.Key) (lost int) {
	d.Kill()
	n := int(key.Of("directory").Below(uint64(len(d.changes)) + 1))
	lost = len(d.changes) - n
	names := d.after(n)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		lost += names[name].crash(key.Of(name))
	}
	d.directory = directory{names: names, durable: maps.Clone(names)}
	return lost
}

// crash makes the file what is on the platter, and returns how many bytes that changes.
func (f *file) crash(key rng.Key) (lost int) {
	if len(f.steps) == 0 && len(f.dropped) == 0 && f.size == len(f.data) {
		return 0
	}
	left := f.on(f.choose(key))
	lost = differing(f.data, left)
	*f = file{sector: f.sector, data: left, end: len(left), life: f.life, size: len(left)}
	return lost
}

func differing(a, b []byte) (n int) {
	common := min(len(a), len(b))
	for i := range common {
		if a[i] != b[i] {
			n++
		}
	}
	return n + len(a) + len(b) - 2*common
}

// choice is one state of a file's platter: a size, and the content of each sector that may
// not be what the process sees.
type choice struct {
	size    int
	sectors map[int][]byte
}

// on returns the bytes that the file then has.
func (f *file) on(c choice) []byte {
	b := make([]byte, c.size)
	copy(b, f.data[:f.end])
	for sector, content := range c.sectors { //tidy:order-free each writes to its own place
		if at := sector * f.sector; at < c.size {
			clear(b[at:min(at+f.sector, c.size)])
			copy(b[at:], content)
		}
	}
	return b
}

// choose takes one of the states. In two of three cases what was written first got to
// the platter first, which is what mostly happens; else in any order.
func (f *file) choose(key rng.Key) choice {
	at := int(key.Of("size").Below(uint64(len(f.steps)) + 1))
	inOrder := key.Of("order").Chance(2, 3)
	c := choice{f.sizeAt(at), map[int][]byte{}}
	for sector, touches := range f.dirty() { //tidy:order-free the choice for each is keyed by its number
		all := f.versions(sector, touches, at)
		n := int(key.Of("sector").Int(uint64(sector)).Below(uint64(len(all))))
		if inOrder {
			n = newest(all, at)
		}
		c.sectors[sector] = all[n].content
	}
	return c
}

// newest returns the last version that is not from after the step; if all are, the first.
func newest(all []version, step int) int {
	n := 0
	for i, v := range all {
		if v.step <= step {
			n = i
		}
	}
	return n
}

// sizeAt is the size when the first n steps are on the platter.
func (f *file) sizeAt(n int) int {
	if n == 0 {
		return f.size
	}
	return f.steps[n-1].size
}

// dirty returns the sectors whose content on the platter may not be what the process
// sees, with what was done to each, in order.
func (f *file) dirty() map[int][]touch {
	m := map[int][]touch{}
	for sector := range f.dropped { //tidy:order-free it goes into a map again
		m[sector] = nil
	}
	for _, t := range f.touches {
		m[t.sector] = append(m[t.sector], t)
	}
	return m
}

// version is what a sector held from a step on.
type version struct {
	step    int
	content []byte
}

// versions returns what the platter may hold of a sector if it has the size as of a step.
func (f *file) versions(sector int, touches []touch, at int) []version {
	var all []version
	first, isDropped := f.dropped[sector]
	if !isDropped {
		first = touches[0].before
	}
	all = append(all, version{0, first})
	for i, t := range touches {
		if t.how == freed && t.step > at {
			break
		}
		if t.how != written && t.step <= at {
			all = all[:0]
		}
		content := f.content(sector)
		if i+1 < len(touches) {
			content = touches[i+1].before
		}
		all = append(all, version{t.step, content})
	}
	return all
}
