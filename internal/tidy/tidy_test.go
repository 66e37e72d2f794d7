package tidy

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// repository reads the tree once for all tests.
var repository = sync.OnceValues(func() (*Repository, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return nil, err
	}
	return Load(root)
})

func loaded(t *testing.T) *Repository {
	t.Helper()
	r, err := repository()
	require.NoError(t, err)
	return r
}

func report(t *testing.T, all []Complaint) {
	t.Helper()
	for _, c := range all {
		t.Error(c)
	}
}

func TestTheTreeWasRead(t *testing.T) {
	pure, files := 0, 0
	for _, p := range loaded(t).Packages {
		files += len(p.Files)
		if inPureZone(p.Path) {
			pure++
		}
	}
	require.Greater(t, pure, 10, "packages of the pure zone")
	require.Greater(t, files, 40, "files")
}

func TestArrows(t *testing.T) { report(t, checkArrows(loaded(t).Packages, Arrows)) }

func TestArrowTable(t *testing.T) { report(t, checkTable(Arrows)) }

func TestNevers(t *testing.T) { report(t, checkNevers(loaded(t).Packages, Nevers)) }

func TestModules(t *testing.T) { report(t, checkModules(loaded(t).Packages, Lights)) }

func TestPureZone(t *testing.T) {
	r := loaded(t)
	imports := r.Exports.Importer(r.Fset)
	for _, p := range r.Packages {
		if inPureZone(p.Path) {
			report(t, checkPure(r.Fset, p, imports))
		}
	}
}

func TestLayout(t *testing.T) {
	r := loaded(t)
	for _, p := range r.Packages {
		report(t, checkLayout(r.Fset, p))
	}
}

// Every exemption says why, so that the tables explain themselves.
func TestExemptionsHaveReasons(t *testing.T) {
	for _, o := range Outside {
		require.NotEmpty(t, o.Reason, o.Path)
	}
	for _, a := range testingAllowed {
		require.NotEmpty(t, a.Reason, a.Path)
	}
	for _, l := range Lights {
		require.NotEmpty(t, l.Reason, l.Pattern)
	}
	for _, n := range Nevers {
		require.NotEmpty(t, n.Reason, n.From)
	}
}
