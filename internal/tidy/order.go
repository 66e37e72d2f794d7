package tidy

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// permit is the comment that allows one loop over a map, on its line or the line above.
// What follows it is the reason why the order cannot be observed.
const permit = "//tidy:order-free"

// mapIterators give the entries of a map in random order.
var mapIterators = map[string]bool{"maps.Keys": true, "maps.Values": true, "maps.All": true}

// sorters take an iterator and forget its order.
var sorters = map[string]bool{"slices.Sorted": true, "slices.SortedFunc": true, "slices.SortedStableFunc": true}

// checkOrder complains about iterations over maps whose order could be observed, and
// about permits that give no reason or permit nothing.
func (t *Typed) checkOrder() (all []Complaint) {
	for _, f := range t.Files {
		permits, complaints := t.permits(f)
		all = append(all, complaints...)
		for _, n := range t.mapIterations(f) {
			line := t.Fset.Position(n.Pos()).Line
			if !use(permits, line) && !use(permits, line-1) {
				all = append(all, Complaint{where(t.Fset, n.Pos()), "order", fmt.Sprintf("iteration over a map in the pure zone: sort the keys first, or say why the order cannot be observed: %s reason", permit)})
			}
		}
		for line, used := range permits {
			if !used {
				all = append(all, Complaint{fmt.Sprintf("%s:%d", t.Fset.Position(f.Pos()).Filename, line), "order", permit + " permits nothing: there is no iteration over a map here"})
			}
		}
	}
	return all
}

func use(permits map[int]bool, line int) bool {
	_, ok := permits[line]
	if ok {
		permits[line] = true
	}
	return ok
}

// permits returns the lines that bear a permit with a reason; true will mean used.
func (t *Typed) permits(f *ast.File) (lines map[int]bool, all []Complaint) {
	lines = map[int]bool{}
	for _, group := range f.Comments {
		for _, c := range group.List {
			reason, ok := strings.CutPrefix(c.Text, permit)
			switch {
			case !ok:
			case strings.TrimSpace(reason) == "":
				all = append(all, Complaint{where(t.Fset, c.Pos()), "order", permit + " gives no reason"})
			default:
				lines[t.Fset.Position(c.Pos()).Line] = false
			}
		}
	}
	return lines, all
}

// mapIterations finds loops over maps, and map iterators that are not sorted at once.
func (t *Typed) mapIterations(f *ast.File) (found []ast.Node) {
	harmless := map[ast.Node]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			if over[*types.Map](t.Info.TypeOf(n.X)) {
				found = append(found, n)
			}
		case *ast.CallExpr:
			if sorters[t.function(name(n.Fun))] && len(n.Args) > 0 {
				if inner, ok := n.Args[0].(*ast.CallExpr); ok {
					harmless[name(inner.Fun)] = true
				}
			}
		case *ast.Ident:
			if mapIterators[t.function(n)] && !harmless[n] {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}

// name returns the identifier that an expression for a function ends in, or nil.
func name(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	case *ast.IndexExpr:
		return name(e.X)
	case *ast.IndexListExpr:
		return name(e.X)
	}
	return nil
}
