package tidy

import (
	"bytes"
	"fmt"
	"go/token"
	"path"
	"regexp"
	"strings"
)

// maxLines is the length that no file exceeds. Most are far shorter.
const maxLines = 700

// testingAllowed lists the packages that may import testing outside of _test.go files.
var testingAllowed = []struct{ Path, Reason string }{
	{"zootest", "its functions take a *testing.T"},
	{"zooserver", "its functions take a *testing.T"},
	{"clock/clocktest", "its suite takes a *testing.T, as testing/fstest does"},
	{"net/nettest", "its suite takes a *testing.T, as testing/fstest does"},
	{"disk/disktest", "its suite takes a *testing.T, as testing/fstest does"},
	{"client/runtimetest", "its suite takes a *testing.T, as testing/fstest does"},
	{"sim/guest", "testing/synctest is the only door into a bubble"},
}

// docParts are what every package comment says, each at the start of a line, in order.
var docParts = []string{"Owns:", "Does not own:", "May import:", "Start reading at:"}

// checkLayout complains about a package without its doc.go, files that are too long, and
// testing where it does not belong.
func checkLayout(fset *token.FileSet, p *Package) []Complaint {
	all := checkDoc(p)
	for _, f := range p.Files {
		if n := bytes.Count(f.Source, []byte("\n")); n > maxLines {
			all = append(all, Complaint{f.Name, "length", fmt.Sprintf("%d lines, more than %d: split the file by responsibility", n, maxLines)})
		}
		all = append(all, checkTesting(fset, p, f)...)
	}
	return sorted(all)
}

func checkDoc(p *Package) []Complaint {
	for _, f := range p.Files {
		if path.Base(f.Name) != "doc.go" {
			continue
		}
		if missing := missingPart(f.Syntax.Doc.Text()); missing != "" {
			return []Complaint{{f.Name, "doc", fmt.Sprintf("the package comment has no %q paragraph where it belongs: the four parts are %s", missing, strings.Join(docParts, " "))}}
		}
		return nil
	}
	return []Complaint{{p.Path, "doc", fmt.Sprintf("package %s has no doc.go", p.Path)}}
}

// missingPart returns the first part that is absent, empty, or out of order.
func missingPart(text string) string {
	for _, part := range docParts {
		at := regexp.MustCompile(`(?m)^` + part + ` +\S`).FindStringIndex(text)
		if at == nil {
			return part
		}
		text = text[at[1]:]
	}
	return ""
}

func checkTesting(fset *token.FileSet, p *Package, f File) (all []Complaint) {
	if f.IsTest() || mayImportTesting(p.Path) {
		return nil
	}
	for _, spec := range f.Syntax.Imports {
		if matchesPattern(importPath(spec), "testing/...") {
			all = append(all, Complaint{where(fset, spec.Pos()), "testing", fmt.Sprintf("import of %s outside of tests: it would add its flags to every program", spec.Path.Value)})
		}
	}
	return all
}

func mayImportTesting(path string) bool {
	for _, t := range testingAllowed {
		if t.Path == path {
			return true
		}
	}
	return false
}
