package reports

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files instead of comparing with them")

func TestGolden(t *testing.T) {
	bare := lostUpdate()
	bare.Outcome.History, bare.Outcome.Plan = nil, nil
	bare.Notes, bare.Holds, bare.Breaks, bare.NotExercised, bare.Of, bare.ShrinkRuns = nil, nil, nil, nil, 0, 0
	for _, c := range []struct {
		file   string
		render func(io.Writer) error
	}{
		{"lost-update.txt", func(w io.Writer) error { return Text(w, lostUpdate()) }},
		{"lost-update.md", func(w io.Writer) error { return Markdown(w, lostUpdate()) }},
		{"bare.txt", func(w io.Writer) error { return Text(w, bare) }},
		{"bare.md", func(w io.Writer) error { return Markdown(w, bare) }},
		{"run.txt", func(w io.Writer) error { Run(w, lostUpdate().Outcome); return nil }},
	} {
		t.Run(c.file, func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, c.render(&got))
			path := filepath.Join("testdata", c.file)
			if *rewrite {
				require.NoError(t, os.WriteFile(path, got.Bytes(), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err, "run the test with -rewrite to make the golden file")
			require.Equal(t, string(want), got.String())
		})
	}
}
