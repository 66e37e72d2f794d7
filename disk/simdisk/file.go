package simdisk

// file is what a name refers to; renaming moves the name, not the file.
//
// The process sees data: what has been written is in the machine's cache. What is on
// the platter is the same, except for what the lists say: steps are the changes since the
// last sync, and touches the sectors that they wrote to, with what was there before.
type file struct {
	sector int
	data   []byte
	end    int    // data[end:] is reserved, and zeroes
	life   uint64 // of the process that knows end

	size    int // on the platter, when no step is
	steps   []step
	touches []touch
	// dropped holds sectors that a failed sync left on the platter as they are here, while
	// the cache believes that they are clean: nobody will write them again.
	dropped map[int][]byte
}

// step is one change of a file; the file has that size when it is on the platter.
type step struct{ size int }

// touch is one sector that a step wrote to. Bytes that are not in before were zero, or
// beyond the end.
type touch struct {
	step   int // index of the step, plus one
	sector int
	before []byte
	how    touching
}

type touching uint8

const (
	written touching = iota
	cut              // its end was zeroed, in place
	freed            // it is the file's no longer; what follows goes to another place
)

// touch remembers the sector as it is, for the step that is about to be made.
func (f *file) touch(sector int, how touching) {
	f.touches = append(f.touches, touch{step: len(f.steps) + 1, sector: sector, before: f.content(sector), how: how})
}

func (f *file) step() { f.steps = append(f.steps, step{len(f.data)}) }

// content is what the process sees of a sector, without the zeroes behind what has been
// written. It stays as it is: nothing is ever written in front of end into the same
// memory.
func (f *file) content(sector int) []byte {
	at := sector * f.sector
	if at >= f.end {
		return nil
	}
	return f.data[at:min(at+f.sector, f.end)]
}

// append writes behind what has been written, sector by sector: the size may get to the
// platter at any boundary.
func (f *file) append(b []byte) {
	for len(b) > 0 {
		n := min(len(b), f.sector-f.end%f.sector)
		f.touch(f.end/f.sector, written)
		room := min(n, len(f.data)-f.end)
		copy(f.data[f.end:], b[:room])
		f.data = append(f.data, b[room:n]...)
		f.end += n
		f.step()
		b = b[n:]
	}
}

// reserve makes the file longer by zeroes.
func (f *file) reserve(size int) {
	if size > len(f.data) {
		f.data = append(f.data, make([]byte, size-len(f.data))...)
		f.step()
	}
}

// truncate leaves the memory behind the cut alone: it is what sectors held before.
func (f *file) truncate(size int) {
	if size == len(f.data) {
		return
	}
	at := size / f.sector
	if size%f.sector > 0 {
		f.touch(at, cut)
		at++
	}
	for ; at*f.sector < len(f.data); at++ {
		f.touch(at, freed)
	}
	f.data, f.end = f.data[:size:size], min(f.end, size)
	f.step()
}

// sync makes the platter hold what the process sees, but for what was dropped.
func (f *file) sync() {
	if len(f.steps) > 0 {
		f.size = len(f.data)
	}
	for _, t := range f.touches {
		delete(f.dropped, t.sector)
	}
	f.settle()
}

// settle says that nothing waits to be written any more.
func (f *file) settle() {
	clear(f.touches) // let go of the memory
	f.steps, f.touches = f.steps[:0], f.touches[:0]
}
