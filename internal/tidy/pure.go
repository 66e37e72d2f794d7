package tidy

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"strconv"
	"strings"
)

// forbiddenImports are packages that nothing in the pure zone may import, with all that
// is below them.
var forbiddenImports = []struct{ Path, Reason string }{
	{"math/rand", "randomness comes from internal/rng keys only"},
	{"crypto/rand", "randomness comes from internal/rng keys only"},
	{"hash/maphash", "its seed differs in every process"},
	{"os", "the outside world differs from run to run"},
	{"net", "the outside world differs from run to run; the connection interface is this module's own net"},
	{"syscall", "the outside world differs from run to run"},
	{"log", "it writes the wall clock to a global; report a fact or return an error"},
	{"runtime", "its answers differ from run to run"},
	{"sync", "one thread needs no locks, and a sync.Pool is emptied by the collector"},
	{"unsafe", "addresses differ from run to run"},
}

// harmless are packages below those that may be imported all the same.
var harmless = map[string]bool{
	"net/netip": true, // addresses as values
}

// forbiddenUses are functions, by their full names, of packages that are otherwise fine.
var forbiddenUses = map[string]string{
	"time.Now":                  "the wall clock",
	"time.Since":                "the wall clock",
	"time.Until":                "the wall clock",
	"time.Sleep":                "a real wait",
	"time.After":                "a real timer",
	"time.AfterFunc":            "a real timer",
	"time.NewTimer":             "a real timer",
	"time.NewTicker":            "a real timer",
	"time.Tick":                 "a real timer",
	"context.WithTimeout":       "a real timer",
	"context.WithTimeoutCause":  "a real timer",
	"context.WithDeadline":      "a real timer",
	"context.WithDeadlineCause": "a real timer",
	"context.AfterFunc":         "a hidden goroutine",
}

// checkPure complains about everything in a package of the pure zone that could make two
// runs of one seed differ.
func checkPure(fset *token.FileSet, p *Package, imports types.Importer) []Complaint {
	all := checkForbiddenImports(fset, p)
	for _, f := range p.Files {
		if !f.Built && !f.IsTest() {
			all = append(all, Complaint{f.Name, "pure", "this file is not built here, so nobody has looked at it: the pure zone is the same on every platform"})
		}
	}
	t, err := typeCheck(fset, p, imports)
	if err != nil {
		return sorted(append(all, Complaint{p.Path, "pure", fmt.Sprintf("package %s could not be checked, because it does not compile: %v", p.Path, err)}))
	}
	all = append(all, t.forbiddenSyntax()...)
	return sorted(append(all, t.checkOrder()...))
}

func checkForbiddenImports(fset *token.FileSet, p *Package) (all []Complaint) {
	for _, f := range p.Files {
		for _, spec := range f.Syntax.Imports {
			if reason := forbiddenImport(spec); reason != "" && !f.IsTest() {
				all = append(all, Complaint{where(fset, spec.Pos()), "pure", fmt.Sprintf("import of %s in the pure zone: %s", spec.Path.Value, reason)})
			}
		}
	}
	return all
}

func forbiddenImport(spec *ast.ImportSpec) (reason string) {
	for _, f := range forbiddenImports {
		if path := importPath(spec); matchesPattern(path, f.Path+"/...") && !harmless[path] {
			return f.Reason
		}
	}
	return ""
}

func importPath(spec *ast.ImportSpec) string {
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		panic("tidy: the parser accepted an import path that is no string: " + spec.Path.Value)
	}
	return path
}

func (t *Typed) forbiddenSyntax() (all []Complaint) {
	for _, f := range t.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			if what := t.forbiddenNode(n); what != "" {
				all = append(all, Complaint{where(t.Fset, n.Pos()), "pure", what + " in the pure zone"})
			}
			return true
		})
	}
	return all
}

// forbiddenNode says what a node does that the pure zone may not.
func (t *Typed) forbiddenNode(n ast.Node) string {
	switch n := n.(type) {
	case *ast.GoStmt:
		return "a goroutine is started"
	case *ast.SelectStmt:
		return "a select statement"
	case *ast.ChanType:
		return "a channel type"
	case *ast.SendStmt:
		return "a channel send"
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			return "a channel receive"
		}
	case *ast.RangeStmt:
		if over[*types.Chan](t.Info.TypeOf(n.X)) {
			return "a range over a channel"
		}
	case *ast.BasicLit:
		if n.Kind == token.STRING && printsPointer(n.Value) {
			return "%p, which prints an address,"
		}
	case *ast.Ident:
		return t.forbiddenUse(n)
	}
	return ""
}

// forbiddenUse looks at what an identifier means, so that a renamed or dot import, or a
// function taken as a value, hides nothing.
func (t *Typed) forbiddenUse(id *ast.Ident) string {
	name := t.function(id)
	if reason := forbiddenUses[name]; reason != "" {
		return fmt.Sprintf("%s (%s)", name, reason)
	}
	return ""
}

// function returns the full name of the function that an identifier means: "time.Now",
// "(time.Time).After".
func (t *Typed) function(id *ast.Ident) string {
	if f, ok := t.Info.Uses[id].(*types.Func); ok {
		return f.FullName()
	}
	return ""
}

var pointerVerb = regexp.MustCompile(`%[-+# 0-9.*\[\]]*p`)

func printsPointer(literal string) bool {
	return pointerVerb.MatchString(strings.ReplaceAll(literal, "%%", ""))
}

// over reports whether a type, or one of the types that a type parameter stands for, is
// a T: *types.Map or *types.Chan.
func over[T types.Type](typ types.Type) bool {
	if typ == nil {
		return false
	}
	switch u := typ.Underlying().(type) {
	case T:
		return true
	case *types.Interface:
		for e := range u.EmbeddedTypes() {
			if over[T](e) {
				return true
			}
		}
	case *types.Union:
		for term := range u.Terms() {
			if over[T](term.Type()) {
				return true
			}
		}
	}
	return false
}
