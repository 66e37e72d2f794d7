package simdisk

import "maps"

// directory is the names of files: as the process sees them, as they are on the platter,
// and what leads from there to here. A file system keeps a journal of such changes, so
// that a crash leaves the first of them, up to some point, and none of the others.
type directory struct {
	names   map[string]*file
	durable map[string]*file
	changes []change
}

func newDirectory() directory {
	return directory{names: map[string]*file{}, durable: map[string]*file{}}
}

// change is one atomic step of the directory: name now refers to f, or to nothing; what
// else was called f is no longer.
type change struct {
	name  string
	f     *file
	moved bool // rename only: f had a name
}

func (c change) on(names map[string]*file) {
	if c.moved {
		maps.DeleteFunc(names, func(_ string, f *file) bool { return f == c.f })
	}
	if c.f == nil {
		delete(names, c.name)
	} else {
		names[c.name] = c.f
	}
}

func (d *directory) change(c change) {
	c.on(d.names)
	d.changes = append(d.changes, c)
}

// after returns the names on the platter when the first n changes are there.
func (d *directory) after(n int) map[string]*file {
	names := maps.Clone(d.durable)
	for _, c := range d.changes[:n] {
		c.on(names)
	}
	return names
}

// settle says that the first n changes are on the platter, and that nothing waits to be
// written any more.
func (d *directory) settle(n int) {
	for _, c := range d.changes[:n] {
		c.on(d.durable)
	}
	clear(d.changes)
	d.changes = d.changes[:0]
}
