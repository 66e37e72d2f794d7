package txnlog

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zoobreak/zoobreak/disk"
)

// medium is a disk without time: operations happen at once, and it can say everything
// that a power failure at this moment may leave.
type medium struct {
	names   map[string]*file
	durable map[string]*file
	changes []rename // of names, since the last SyncDir

	unreadable map[string]error // what reading a file ends with; "" is the directory
}

// file is bytes, of which the first synced are safe; and what was safe before a cut that
// has not been synced.
type file struct {
	data     []byte
	synced   int
	reserved int // the size, if that is more than is written
	uncut    []byte
}

// all returns what a reader sees.
func (f *file) all() []byte { return padded(f.data, f.reserved) }

func padded(b []byte, size int) []byte {
	return append(slices.Clone(b), make([]byte, max(0, size-len(b)))...)
}

// rename makes to the name of f, and from the name of nothing.
type rename struct {
	from, to string
	f        *file
}

func (r rename) on(names map[string]*file) {
	delete(names, r.from)
	delete(names, r.to)
	if r.f != nil {
		names[r.to] = r.f
	}
}

func newMedium() *medium { return &medium{names: map[string]*file{}, durable: map[string]*file{}} }

func (m *medium) list() []string { return slices.Sorted(maps.Keys(m.names)) }

func (m *medium) List() ([]string, error) { return m.list(), m.unreadable[""] }

func (m *medium) Size(name string) (int64, error) {
	if m.names[name] == nil {
		return 0, &disk.Error{Op: disk.Size, Name: name, Cause: disk.NoSuchFile}
	}
	return int64(len(m.names[name].all())), nil
}

func (m *medium) ReadAt(name string, b []byte, offset int64) (int, error) {
	if err := m.unreadable[name]; err != nil {
		return 0, err
	}
	return copy(b, m.names[name].all()[offset:]), nil
}

func (m *medium) Submit(_ uint64, ops []disk.Op) {
	for _, op := range ops {
		m.do(op)
	}
}

func (m *medium) do(op disk.Op) {
	switch op.Kind {
	case disk.Create:
		m.change(rename{to: op.Name, f: &file{}})
	case disk.Rename:
		m.change(rename{op.Name, op.To, m.names[op.Name]})
	case disk.Remove:
		m.change(rename{to: op.Name})
	case disk.SyncDir:
		m.durable, m.changes = maps.Clone(m.names), nil
	default:
		m.names[op.Name].write(op)
	}
}

func (m *medium) change(r rename) {
	r.on(m.names)
	m.changes = append(m.changes, r)
}

func (f *file) write(op disk.Op) {
	switch op.Kind {
	case disk.Append:
		f.data = append(f.data, op.Data...)
	case disk.Preallocate:
		f.reserved = max(f.reserved, int(op.Size))
	case disk.Truncate:
		if f.reserved = 0; int(op.Size) >= len(f.data) {
			return
		}
		if int(op.Size) < f.synced && f.uncut == nil {
			f.uncut = slices.Clone(f.data[:f.synced])
		}
		f.data = f.data[:op.Size:op.Size]
		f.synced = min(f.synced, int(op.Size))
	case disk.Sync:
		f.synced, f.uncut = len(f.data), nil
	}
}

// copy returns a medium in the same state: what a killed process leaves.
func (m *medium) copy() *medium {
	files := map[*file]*file{}
	same := func(f *file) *file {
		if f != nil && files[f] == nil {
			c := *f
			c.data = slices.Clone(f.data)
			files[f] = &c
		}
		return files[f]
	}
	out := newMedium()
	for name, f := range m.names {
		out.names[name] = same(f)
	}
	for name, f := range m.durable {
		out.durable[name] = same(f)
	}
	for _, r := range m.changes {
		out.changes = append(out.changes, rename{r.from, r.to, same(r.f)})
	}
	return out
}

// images calls f with everything that a power failure now may leave: any prefix of the
// directory's changes; of each file any prefix of what is not synced, alone or followed
// by the zeros of sectors that were allocated and not written.
func (m *medium) images(f func(*medium)) {
	for n := range len(m.changes) + 1 {
		names := maps.Clone(m.durable)
		for _, r := range m.changes[:n] {
			r.on(names)
		}
		choose(names, slices.Sorted(maps.Keys(names)), map[string][]byte{}, f)
	}
}

func choose(names map[string]*file, left []string, chosen map[string][]byte, f func(*medium)) {
	if len(left) == 0 {
		f(mediumOf(chosen))
		return
	}
	remains := names[left[0]].remains()
	if strings.HasSuffix(left[0], ".tmp") {
		remains = remains[len(remains)-1:] // nobody reads it under this name
	}
	for _, b := range remains {
		chosen[left[0]] = b
		choose(names, left[1:], chosen, f)
	}
}

func (f *file) remains() (all [][]byte) {
	for n := f.synced; n <= len(f.data); n++ {
		all = append(all, f.data[:n])
		if n < len(f.data) {
			all = append(all, padded(f.data[:n], len(f.data)))
		}
		if f.reserved > len(f.data) {
			all = append(all, padded(f.data[:n], f.reserved))
		}
	}
	if f.uncut != nil {
		all = append(all, f.uncut)
	}
	return all
}

// mediumOf returns a disk that safely holds the files.
func mediumOf(files map[string][]byte) *medium {
	m := newMedium()
	for name, b := range files {
		m.names[name] = &file{data: slices.Clone(b), synced: len(b)}
	}
	m.durable = maps.Clone(m.names)
	return m
}

// String returns the names and the bytes, as a process sees them.
func (m *medium) String() string {
	var b strings.Builder
	for _, name := range m.list() {
		fmt.Fprintf(&b, "%s %q\n", name, m.names[name].all())
	}
	return b.String()
}
