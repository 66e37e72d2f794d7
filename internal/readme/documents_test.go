package readme

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the repository, as seen from this package.
const root = "../.."

func document(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return string(b)
}

// section returns what follows a heading, up to the next one of that level or above.
func section(t *testing.T, text, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, "\n"+heading+"\n")
	require.True(t, found, "README.md has no heading %q", heading)
	if end := strings.Index(rest, "\n## "); end >= 0 {
		rest = rest[:end]
	}
	return rest
}

var link = regexp.MustCompile(`\]\(([^)#:]+)\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	for _, name := range []string{"README.md", "ARCHITECTURE.md", "CHANGELOG.md"} {
		for _, m := range link.FindAllStringSubmatch(document(t, name), -1) {
			require.FileExists(t, filepath.Join(root, m[1]), "linked from %s", name)
		}
	}
	require.Regexp(t, link, "[a](b.md)", "the pattern of links finds links")
}
