package tidy

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
)

// Exports maps import paths to the compiler's export data, where go list keeps it. Types
// of imports come from there: checking the standard library from source on every run
// would take many times as long.
type Exports map[string]string

// Importer resolves imports, each once.
func (e Exports) Importer(fset *token.FileSet) types.Importer {
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if e[path] == "" {
			return nil, fmt.Errorf("tidy: package %s does not compile or was not listed", path)
		}
		return os.Open(e[path])
	})
}

// Typed is a package with the meaning of its identifiers.
type Typed struct {
	Fset  *token.FileSet
	Files []*ast.File
	Info  *types.Info
}

// typeCheck resolves the files that are built. An error means that the checks which need
// types have not looked, and is a complaint of its own.
func typeCheck(fset *token.FileSet, p *Package, imports types.Importer) (*Typed, error) {
	t := &Typed{Fset: fset, Info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{},
		Uses:  map[*ast.Ident]types.Object{},
	}}
	for _, f := range p.Files {
		if f.Built {
			t.Files = append(t.Files, f.Syntax)
		}
	}
	config := types.Config{Importer: imports}
	_, err := config.Check(modulePrefix+p.Path, fset, t.Files, t.Info)
	return t, err
}
