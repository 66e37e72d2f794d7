package tidy

import (
	"fmt"
	"slices"
	"strings"
)

// Arrow allows From to import To: packages of this module, named relative to it, or
// third-party import paths (a path allows what is below it too). A package may have
// several rows, so that each gives one reason. The standard library is not the table's
// business.
type Arrow struct {
	From   string
	To     []string
	Reason string
}

// Never forbids that From reaches To, however many packages lie between. A pattern that
// ends in "/..." means the package and everything below it. It guards the table of
// arrows itself: a row added in good faith cannot undo the design.
type Never struct {
	From, To string
	Except   []string
	Reason   string
}

// checkArrows complains about every import that no row allows, and about packages that
// the table does not know.
func checkArrows(packages []*Package, arrows []Arrow) (all []Complaint) {
	for _, p := range packages {
		allowed, known := allowedImports(p.Path, arrows)
		if !known {
			all = append(all, Complaint{p.Path, "arrows", fmt.Sprintf("package %s is in the tree but not in the table of arrows: add a row to Arrows that says what it may import, and why", p.Path)})
			continue
		}
		for _, path := range p.Imports {
			if !isStandard(path) && !matchesAny(relative(path), allowed) {
				all = append(all, Complaint{p.Path, "arrows", fmt.Sprintf("package %s imports %s, which no row of the table of arrows allows", p.Path, relative(path))})
			}
		}
	}
	return sorted(all)
}

// allowedImports gathers the rows of a package; known is false if it has none.
func allowedImports(from string, arrows []Arrow) (allowed []string, known bool) {
	for _, a := range arrows {
		if a.From == from || a.From == everyPure && inPureZone(from) {
			allowed = append(allowed, a.To...)
		}
		known = known || a.From == from
	}
	return allowed, known
}

// isStandard reports whether a full import path is of the standard library: only there
// does the first element have no dot.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func relative(path string) string { return strings.TrimPrefix(path, modulePrefix) }

func matchesAny(path string, allowed []string) bool {
	return slices.ContainsFunc(allowed, func(to string) bool {
		return path == to || !isStandard(to) && strings.HasPrefix(path, to+"/")
	})
}

// checkNevers complains about every forbidden pair that is connected in any way.
func checkNevers(packages []*Package, nevers []Never) (all []Complaint) {
	for _, p := range packages {
		for _, n := range nevers {
			if !matchesPattern(p.Path, n.From) {
				continue
			}
			for _, d := range n.reached(p) {
				all = append(all, Complaint{p.Path, "never", fmt.Sprintf("package %s reaches %s, directly or through others, and never may: %s", p.Path, d, n.Reason)})
			}
		}
	}
	return sorted(all)
}

func (n Never) reached(p *Package) (found []string) {
	for _, d := range p.Deps {
		if own, ok := strings.CutPrefix(d, modulePrefix); ok && matchesPattern(own, n.To) && !slices.Contains(n.Except, own) {
			found = append(found, own)
		}
	}
	return found
}

func matchesPattern(path, pattern string) bool {
	base, below := strings.CutSuffix(pattern, "/...")
	return path == base || below && strings.HasPrefix(path, base+"/")
}

// checkTable complains about rows that give no reason, or point to what has no row.
func checkTable(arrows []Arrow) (all []Complaint) {
	for _, a := range arrows {
		if a.Reason == "" {
			all = append(all, Complaint{a.From, "table", fmt.Sprintf("the row from %s to [%s] gives no reason", a.From, strings.Join(a.To, " "))})
		}
		for _, to := range a.To {
			if _, known := allowedImports(to, arrows); !known && isStandard(to) {
				all = append(all, Complaint{a.From, "table", fmt.Sprintf("the row from %s points to %s, which has no row of its own", a.From, to)})
			}
		}
	}
	return sorted(all)
}
