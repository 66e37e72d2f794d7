package tidy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// modulePrefix is what the import paths of all own packages begin with. The tables leave
// it out.
const modulePrefix = "github.com/zoobreak/zoobreak/"

// File is one Go source file, test or not, whatever its build constraints.
type File struct {
	Name   string // relative to the repository
	Source []byte
	Syntax *ast.File
	Built  bool // compiled into the package on this platform; false for tests too
}

// IsTest reports whether the file is compiled by go test only.
func (f File) IsTest() bool { return strings.HasSuffix(f.Name, "_test.go") }

// Package is one package of the repository.
type Package struct {
	Path    string   // relative to the module: "sim/kernel"
	Imports []string // full import paths, of the package itself, not of its tests
	Deps    []string // Imports, and theirs, and so on
	Modules []string // third-party modules among Deps
	Files   []File
}

// Repository is what the checks look at.
type Repository struct {
	Fset     *token.FileSet
	Packages []*Package
	Exports  Exports
}

// Load reads the module whose root is dir.
func Load(dir string) (*Repository, error) {
	listed, err := goList(dir, "./...")
	if err != nil {
		return nil, err
	}
	r := &Repository{Fset: token.NewFileSet(), Exports: exportsOf(listed)}
	modules := modulesOf(listed)
	for _, l := range listed {
		if l.DepOnly {
			continue
		}
		p, err := l.load(r.Fset, dir, modules)
		if err != nil {
			return nil, err
		}
		r.Packages = append(r.Packages, p)
	}
	return r, nil
}

// listing is what go list says of one package.
type listing struct {
	ImportPath string
	Dir        string
	Export     string
	DepOnly    bool // listed because another package needs it
	GoFiles    []string
	Imports    []string
	Deps       []string
	Module     *struct {
		Path string
		Main bool
	}
}

func goList(dir string, patterns ...string) ([]listing, error) {
	fields := "-json=ImportPath,Dir,Export,DepOnly,GoFiles,Imports,Deps,Module"
	cmd := exec.Command("go", append([]string{"list", "-e", "-export", "-deps", fields}, patterns...)...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("tidy: go list in %s: %w: %s", dir, err, stderr.Bytes())
	}
	return decodeListings(out)
}

func decodeListings(out []byte) (all []listing, err error) {
	d := json.NewDecoder(bytes.NewReader(out))
	for {
		var l listing
		switch err := d.Decode(&l); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("tidy: the output of go list: %w", err)
		}
		all = append(all, l)
	}
}

func exportsOf(listed []listing) Exports {
	e := Exports{}
	for _, l := range listed {
		e[l.ImportPath] = l.Export
	}
	return e
}

// modulesOf maps the import path of every third-party package to its module.
func modulesOf(listed []listing) map[string]string {
	m := map[string]string{}
	for _, l := range listed {
		if l.Module != nil && !l.Module.Main {
			m[l.ImportPath] = l.Module.Path
		}
	}
	return m
}

func (l listing) load(fset *token.FileSet, root string, modules map[string]string) (*Package, error) {
	p := &Package{Path: strings.TrimPrefix(l.ImportPath, modulePrefix), Imports: l.Imports, Deps: l.Deps}
	for _, path := range l.Deps {
		if m := modules[path]; m != "" && !slices.Contains(p.Modules, m) {
			p.Modules = append(p.Modules, m)
		}
	}
	slices.Sort(p.Modules)
	return p, p.readFiles(fset, root, l)
}

// readFiles reads the folder itself rather than the names that go list gives, because
// go test repeats a cached result unless it saw which files and folders were read.
func (p *Package) readFiles(fset *token.FileSet, root string, l listing) error {
	entries, err := os.ReadDir(l.Dir)
	if err != nil {
		return fmt.Errorf("tidy: package %s: %w", p.Path, err)
	}
	for _, e := range entries {
		if e.IsDir() || filepath.Ext(e.Name()) != ".go" {
			continue
		}
		f, err := readFile(fset, root, filepath.Join(l.Dir, e.Name()))
		if err != nil {
			return err
		}
		f.Built = slices.Contains(l.GoFiles, e.Name())
		p.Files = append(p.Files, f)
	}
	return nil
}

func readFile(fset *token.FileSet, root, path string) (File, error) {
	name, err := filepath.Rel(root, path)
	if err != nil {
		return File{}, fmt.Errorf("tidy: %w", err)
	}
	source, err := os.ReadFile(path)
	if err != nil {
		return File{}, fmt.Errorf("tidy: %w", err)
	}
	return parse(fset, filepath.ToSlash(name), source)
}

func parse(fset *token.FileSet, name string, source []byte) (File, error) {
	syntax, err := parser.ParseFile(fset, name, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return File{}, fmt.Errorf("tidy: %w", err)
	}
	return File{Name: name, Source: source, Syntax: syntax}, nil
}

// where names a position as file:line.
func where(fset *token.FileSet, pos token.Pos) string {
	p := fset.Position(pos)
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}
