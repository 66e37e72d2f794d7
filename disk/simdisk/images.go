package simdisk

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Image is the files of a disk and their bytes as one comparable value: a line for each
// file, with its name and its bytes in quotes.
type Image string

func imageOf(files map[string]string) Image {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&b, "%s %q\n", name, files[name])
	}
	return Image(b.String())
}

// Files returns the bytes of each file.
func (i Image) Files() map[string][]byte {
	files := map[string][]byte{}
	for line := range strings.Lines(string(i)) {
		var name, content string
		if _, err := fmt.Sscanf(line, "%s %q\n", &name, &content); err != nil {
			panic(fmt.Sprintf("simdisk: %q is no line of an image: %v", line, err))
		}
		files[name] = []byte(content)
	}
	return files
}

// Image returns what the process sees.
func (d *Disk) Image() Image {
	files := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(d.names)) {
		files[name] = string(d.names[name].data)
	}
	return imageOf(files)
}

// maxCombinations bounds what Images tries.
const maxCombinations = 100_000

// Images returns all that PowerOff may leave now, sorted, each once. It is for small states,
// and panics if there are more than a hundred thousand combinations to try.
func (d *Disk) Images() []Image {
	e := enumeration{images: map[Image]bool{}}
	for n := range len(d.changes) + 1 {
		names := d.after(n)
		e.combine(names, slices.Sorted(maps.Keys(names)), map[string]string{})
	}
	return slices.Sorted(maps.Keys(e.images))
}

type enumeration struct {
	images map[Image]bool
	tried  int
}

func (e *enumeration) try() {
	if e.tried++; e.tried > maxCombinations {
		panic(fmt.Sprintf("simdisk: Images is for small states, and this one has more than %d combinations", maxCombinations))
	}
}

// combine takes every state of each file together with every state of the others.
func (e *enumeration) combine(names map[string]*file, left []string, chosen map[string]string) {
	if len(left) == 0 {
		e.try()
		e.images[imageOf(chosen)] = true
		return
	}
	for _, b := range e.remains(names[left[0]]) {
		chosen[left[0]] = b
		e.combine(names, left[1:], chosen)
	}
}

// remains returns everything that a crash may leave of the file, sorted.
func (e *enumeration) remains(f *file) []string {
	all := map[string]bool{}
	dirty := f.dirty()
	sectors := slices.Sorted(maps.Keys(dirty))
	for at := range len(f.steps) + 1 {
		f.eachChoice(choice{f.sizeAt(at), map[int][]byte{}}, dirty, sectors, at, func(c choice) {
			e.try()
			all[string(f.on(c))] = true
		})
	}
	return slices.Sorted(maps.Keys(all))
}

func (f *file) eachChoice(c choice, dirty map[int][]touch, left []int, at int, visit func(choice)) {
	if len(left) == 0 {
		visit(c)
		return
	}
	for _, v := range f.versions(left[0], dirty[left[0]], at) {
		c.sectors[left[0]] = v.content
		f.eachChoice(c, dirty, left[1:], at, visit)
	}
}
