package tidy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// importing makes a package that imports the paths, own ones relative.
func importing(path string, imports ...string) *Package {
	p := &Package{Path: path}
	for _, i := range imports {
		p.Imports = append(p.Imports, full(i))
	}
	p.Deps = p.Imports
	return p
}

// full undoes relative for the packages of the fixtures, which all start with "own".
func full(path string) string {
	if strings.HasPrefix(path, "own/") {
		return modulePrefix + path
	}
	return path
}

func sentences(all []Complaint) (s []string) {
	for _, c := range all {
		s = append(s, c.String())
	}
	return s
}

func TestArrowsFire(t *testing.T) {
	table := []Arrow{
		{everyPure, to("own/rng"), "keyed randomness"},
		{"own/rng", nil, "leaf"},
		{"own/leaf", nil, "leaf"},
		{"own/judge", to("own/leaf"), "values"},
		{"own/judge", to("example.org/checker"), "a checker"},
		{"sim/guest", nil, "outside the pure zone"},
	}
	cases := []struct {
		name string
		p    *Package
		want []string
	}{
		{"what a row allows", importing("own/judge", "fmt", "net", "own/leaf"), nil},
		{"what every pure package may use", importing("own/leaf", "own/rng"), nil},
		{"a third-party package below an allowed path", importing("own/judge", "example.org/checker/model"), nil},
		{"an arrow that no row has", importing("own/leaf", "own/judge"),
			[]string{"own/leaf: package own/leaf imports own/judge, which no row of the table of arrows allows (arrows)"}},
		{"a third-party package that no row has", importing("own/judge", "example.org/checkers"),
			[]string{"own/judge: package own/judge imports example.org/checkers, which no row of the table of arrows allows (arrows)"}},
		{"outside the pure zone nothing is free", importing("sim/guest", "own/rng"),
			[]string{"sim/guest: package sim/guest imports own/rng, which no row of the table of arrows allows (arrows)"}},
		{"a package without a row", importing("own/new", "own/leaf"),
			[]string{"own/new: package own/new is in the tree but not in the table of arrows: add a row to Arrows that says what it may import, and why (arrows)"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, sentences(checkArrows([]*Package{c.p}, table)))
		})
	}
}

func TestNeversFire(t *testing.T) {
	nevers := []Never{{From: "own/node/...", To: "own/sim/...", Except: to("own/sim/values"), Reason: "no server knows its world"}}
	cases := []struct {
		name string
		p    *Package
		want int
	}{
		{"the package itself, below the other", importing("own/node", "own/sim/kernel"), 1},
		{"a package below", importing("own/node/tree", "own/sim"), 1},
		{"an exception", importing("own/node", "own/sim/values"), 0},
		{"a name that only begins alike", importing("own/node", "own/simple"), 0},
		{"another package", importing("own/nodes", "own/sim"), 0},
		{"the other direction", importing("own/sim", "own/node"), 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Len(t, checkNevers([]*Package{c.p}, nevers), c.want)
		})
	}
}

func TestNeversSeeThroughOthers(t *testing.T) {
	p := importing("own/node", "own/leaf")
	p.Deps = append(p.Deps, full("own/sim"))
	all := checkNevers([]*Package{p}, []Never{{From: "own/node", To: "own/sim", Reason: "no server knows its world"}})
	require.Equal(t, []string{"own/node: package own/node reaches own/sim, directly or through others, and never may: no server knows its world (never)"}, sentences(all))
}

func TestArrowTableFires(t *testing.T) {
	table := []Arrow{
		{"own/leaf", nil, ""},
		{"own/judge", to("own/leaf own/mistyped example.org/checker"), "values"},
	}
	require.Equal(t, []string{
		"own/judge: the row from own/judge points to own/mistyped, which has no row of its own (table)",
		"own/leaf: the row from own/leaf to [] gives no reason (table)",
	}, sentences(checkTable(table)))
}

func TestModulesFire(t *testing.T) {
	lights := []Light{
		{"own/judge", []string{"example.org/checker"}, "a checker"},
		{"own/client/...", nil, "production code"},
	}
	pulling := func(path string, modules ...string) *Package { return &Package{Path: path, Modules: modules} }
	cases := []struct {
		name string
		p    *Package
		want []string
	}{
		{"a module in the row", pulling("own/judge", "example.org/checker"), nil},
		{"a module outside of it", pulling("own/judge", "example.org/checker", "example.org/plot"),
			[]string{"own/judge: package own/judge pulls in the module example.org/plot, which is not in its row of Lights (modules)"}},
		{"below a pattern", pulling("own/client/native", "example.org/log"),
			[]string{"own/client/native: package own/client/native pulls in the module example.org/log, which is not in its row of Lights (modules)"}},
		{"a package that need not be light", pulling("own/cmd", "example.org/plot"), nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, sentences(checkModules([]*Package{c.p}, lights)))
		})
	}
}

// The modules of a package are seen through everything that it imports.
func TestModulesOfARealPackage(t *testing.T) {
	for _, p := range loaded(t).Packages {
		if p.Path == "checkers" {
			require.Contains(t, p.Modules, porcupine)
			require.NotContains(t, p.Modules, "pgregory.net/rapid", "what only tests import does not count")
			return
		}
	}
	t.Fatal("package checkers was not listed")
}
