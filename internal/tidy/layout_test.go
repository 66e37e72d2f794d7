package tidy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const goodDoc = `// Package p is a fixture.
//
// Owns: nothing.
//
// Does not own: anything
// else.
//
// May import: nothing.
//
// Start reading at: here.
package p
`

func complainAboutLayout(t *testing.T, path, name, source string) []string {
	t.Helper()
	fset, p := fixture(t, name, source)
	p.Path = path
	return sentences(checkLayout(fset, p))
}

func TestDocFires(t *testing.T) {
	const parts = " paragraph where it belongs: the four parts are Owns: Does not own: May import: Start reading at: (doc)"
	cases := []struct{ name, file, source, want string }{
		{"no doc.go", "p.go", goodDoc, "p: package p has no doc.go (doc)"},
		{"no comment", "doc.go", "package p", `doc.go: the package comment has no "Owns:"` + parts},
		{"a part is missing", "doc.go", strings.ReplaceAll(goodDoc, "May import", "Imports"), `doc.go: the package comment has no "May import:"` + parts},
		{"a part is empty", "doc.go", strings.ReplaceAll(goodDoc, "Owns: nothing.", "Owns:"), `doc.go: the package comment has no "Owns:"` + parts},
		{"out of order", "doc.go", swap(goodDoc, "Owns:", "Start reading at:"), `doc.go: the package comment has no "Does not own:"` + parts},
		{"in the middle of a line", "doc.go", strings.ReplaceAll(goodDoc, "// Start", "// See. Start"), `doc.go: the package comment has no "Start reading at:"` + parts},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, []string{c.want}, complainAboutLayout(t, "p", c.file, c.source))
		})
	}
}

func swap(s, a, b string) string { return strings.NewReplacer(a, b, b, a).Replace(s) }

func TestLengthFires(t *testing.T) {
	fits := goodDoc + strings.Repeat("\n", maxLines-strings.Count(goodDoc, "\n"))
	require.Empty(t, complainAboutLayout(t, "p", "doc.go", fits))
	require.Equal(t, []string{"doc.go: 701 lines, more than 700: split the file by responsibility (length)"},
		complainAboutLayout(t, "p", "doc.go", fits+"\n"))
}

func TestTestingFires(t *testing.T) {
	want := []string{`doc.go:13: import of "testing/synctest" outside of tests: it would add its flags to every program (testing)`}
	source := goodDoc + "\nimport \"testing/synctest\"\n"
	require.Equal(t, want, complainAboutLayout(t, "node", "doc.go", source))
	require.Empty(t, complainAboutLayout(t, "zootest", "doc.go", source))
	require.Empty(t, complainAboutLayout(t, "sim/guest", "doc.go", source))
}

func TestTestsMayImportTesting(t *testing.T) {
	fset, p := fixture(t, "p_test.go", `package p; import "testing"; var _ testing.TB`)
	require.Empty(t, checkTesting(fset, p, p.Files[0]))
}

func TestLoadNamesWhatItCannotRead(t *testing.T) {
	_, err := Load(t.TempDir() + "/missing")
	require.ErrorContains(t, err, "tidy: go list in ")

	_, err = decodeListings([]byte(`{"ImportPath":`))
	require.ErrorContains(t, err, "tidy: the output of go list: ")

	_, err = parse(loaded(t).Fset, "broken.go", []byte("package"))
	require.ErrorContains(t, err, "tidy: broken.go:1:")
}
