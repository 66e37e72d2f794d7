package invariant

import "fmt"

// Mark is a rare branch: one that testing must reach to have tested what it is about.
type Mark struct {
	Name     string
	Sentence string // what happened when it is reached
}

// Declared are the marks of one package, which declares them in variables:
//
//	var declared invariant.Declared
//	var torn = declared.Mark("log: torn tail", "a start finds half a record at the end of the log")
type Declared struct{ marks []*Mark }

// Mark declares a mark. Names are unique: they are keys in results.
func (d *Declared) Mark(name, sentence string) *Mark {
	for _, m := range d.marks {
		if m.Name == name {
			panic(fmt.Sprintf("invariant: the mark %q is declared twice", name))
		}
	}
	m := &Mark{Name: name, Sentence: sentence}
	d.marks = append(d.marks, m)
	return m
}

// All returns the marks, in the order of their declaration.
func (d *Declared) All() []*Mark { return append([]*Mark(nil), d.marks...) }

// Marks counts how often one run reaches each of the marks that it was made for. It is
// handed to whoever reaches them, with the rest of its configuration: runs in one process,
// also at the same time, do not see each other's. It is used by one goroutine.
type Marks struct {
	marks []*Mark
	count map[*Mark]int
}

// Collect begins a run.
func Collect(marks ...*Mark) *Marks {
	m := &Marks{marks: marks, count: map[*Mark]int{}}
	names := map[string]bool{}
	for _, x := range marks {
		That(!names[x.Name], "no two marks of a run are called %q", x.Name)
		names[x.Name] = true
		m.count[x] = 0
	}
	return m
}

// Sometimes counts the mark if ok is true. Without a collector nothing is counted: the real
// world has no campaign. A mark that the collector was not made for panics: it would be
// missing in the list of those that were never reached.
func Sometimes(m *Marks, ok bool, mark *Mark) {
	if !ok || m == nil {
		return
	}
	n, known := m.count[mark]
	That(known, "the mark %q is one that this run collects", mark.Name)
	m.count[mark] = n + 1
}

// Counts returns how often each mark was reached, zeros included.
func (m *Marks) Counts() map[string]int {
	if m == nil || len(m.marks) == 0 {
		return nil
	}
	all := make(map[string]int, len(m.marks))
	for _, x := range m.marks {
		all[x.Name] = m.count[x]
	}
	return all
}
