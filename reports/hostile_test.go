package reports

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

const hostile = "/a|b`c\n# h\r\n<script>alert(1)</script>;end\x1b[2J@all ![x](y) *_$ %%{init}%% \u202e\xff ~~~"

// withNames puts s wherever the program under test chooses a text.
func withNames(s string) Finding {
	f := lostUpdate()
	for i := range f.Outcome.History.Ops {
		op := &f.Outcome.History.Ops[i]
		op.Name, op.Error = s, s
	}
	for i := range f.Outcome.History.Facts {
		f.Outcome.History.Facts[i].Note = s
	}
	f.Title, f.Program, f.Notes, f.Holds, f.Breaks = s, s, []string{s, s, s, s}, []string{s}, []string{s}
	f.Finding.Message, f.Finding.Quote, f.Finding.Rule, f.Finding.Checker = s, s, s, s
	f.Outcome.Checks = append(f.Outcome.Checks, outcome.Check{Name: s, Reason: s, Findings: []outcome.Finding{f.Finding}})
	f.Outcome.Faults[0].Clause, f.Outcome.Tier, f.Outcome.Digest = s, s, s
	f.Outcome.Scenario, f.Outcome.Seed, f.Outcome.Reason = s, s, s
	return f
}

func markdownOf(t require.TestingT, f Finding) string {
	var b bytes.Buffer
	require.NoError(t, Markdown(&b, f))
	return b.String()
}

func textOf(t require.TestingT, f Finding) string {
	var b bytes.Buffer
	require.NoError(t, Text(&b, f))
	return b.String()
}

// outsideFences returns the lines that are Markdown and not a code block, and the body of
// the diagram.
func outsideFences(report string) (prose, diagram string) {
	for i, part := range strings.Split(report, "```") {
		switch {
		case i%2 == 0:
			prose += part
		case strings.HasPrefix(part, "mermaid\n"):
			diagram += part
		}
	}
	return prose, diagram
}

func TestHostileNamesStayText(t *testing.T) {
	prose, diagram := outsideFences(markdownOf(t, withNames(hostile)))
	require.NotContains(t, prose, "<script")
	require.NotContains(t, prose, "@all")
	require.NotRegexp(t, regexp.MustCompile(`(?m)^# h`), prose)
	require.NotContains(t, prose, "\x1b")
	require.NotContains(t, prose, "\u202e")
	for _, line := range strings.Split(prose, "\n") {
		if strings.HasPrefix(line, "| ") {
			cells := len(regexp.MustCompile(`(^|[^\\])\|`).FindAllString(line, -1))
			require.Contains(t, []int{5, 6}, cells, "a table row has as many cells as its head: %s", line)
		}
	}
	require.NotEmpty(t, diagram)
	for _, c := range []string{"<script", "%%", "`", "|"} {
		require.NotContains(t, diagram, c)
	}
}

var (
	entity      = regexp.MustCompile(`#\d+;`)
	diagramLine = regexp.MustCompile(`^  (participant [CSR]\d+ as |Note over [CSR]\d+(,[CSR]\d+)?: |[CSR]\d+(->>|-x)[CSR]\d+: |rect rgba\(|end$)`)
)

func TestDiagramOfAnyNamesKeepsItsGrammar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := Story(withNames(rapid.String().Draw(t, "name")))
		lines := strings.Split(strings.TrimSpace(sequence(steps)), "\n")
		require.Equal(t, "sequenceDiagram", lines[0])
		for _, l := range lines[1:] {
			require.Regexp(t, diagramLine, l)
			require.False(t, strings.ContainsAny(entity.ReplaceAllString(l, ""), "#;%<`"), l)
		}
	})
}

func TestTextOfAnyNamesKeepsItsLines(t *testing.T) {
	want := strings.Count(textOf(t, withNames("x")), "\n")
	rapid.Check(t, func(t *rapid.T) {
		got := textOf(t, withNames("x"+rapid.String().Draw(t, "name")))
		require.Equal(t, want, strings.Count(got, "\n"))
		require.NotContains(t, got, "\x1b")
	})
	require.LessOrEqual(t, want, 30)
}

func TestRunOfHostileNamesKeepsItsLines(t *testing.T) {
	lines := func(s string) (n int) {
		var b bytes.Buffer
		Run(&b, withNames(s).Outcome)
		require.NotContains(t, b.String(), "\x1b")
		return strings.Count(b.String(), "\n")
	}
	require.Equal(t, lines("x"), lines(hostile))
}

func TestFenceOutlastsItsContent(t *testing.T) {
	require.Equal(t, "`````sh\na ```` b\n`````\n", fenced("sh", "a ```` b"))
	require.Equal(t, "```sh\na\n```\n", fenced("sh", "a\n"))
}

func TestClipKeepsCharactersWhole(t *testing.T) {
	require.Equal(t, "ab", clip("ab", 2))
	require.Equal(t, "a...", clip("aé", 2))
}

// crowded is a finding with too much of everything.
func crowded(unit string) Finding {
	f := withNames(strings.Repeat(unit, 2000))
	for i := range 500 {
		f.Outcome.Checks = append(f.Outcome.Checks, outcome.Check{Name: fmt.Sprint(unit, i), Reason: f.Title})
		f.Outcome.Faults = append(f.Outcome.Faults, outcome.FaultCount{Clause: fmt.Sprint(f.Title, i)})
		f.Notes = append(f.Notes, f.Title)
		f.Outcome.History.Ops = append(f.Outcome.History.Ops, history.Op{Client: clientA, Kind: history.EffectWrite, Name: f.Title, Call: uint64(1000 + i), Status: history.Fail})
	}
	f.Outcome.Plan = []byte(`{"x":"` + strings.Repeat("y", 100_000) + `"}`)
	return f
}

func TestReportFitsIntoAnIssue(t *testing.T) {
	for _, unit := range []string{"x", "@", "|", "<", "\u00e9", "`", "\U0001F980"} {
		t.Run(unit, func(t *testing.T) {
			report := markdownOf(t, crowded(unit))
			require.LessOrEqual(t, len(report), maxMarkdown)
			require.Contains(t, report, "zoobreak replay", "the command survives")
			require.Contains(t, report, "\n1. 2.100000s", "the story survives")
			require.Contains(t, report, "## Plan\n\nLeft out: its 100", "what is missing is said")
			require.Less(t, strings.Count(textOf(t, crowded(unit)), "\n"), 32)
		})
	}
}

func TestTablesSayWhatTheyLeftOut(t *testing.T) {
	f := lostUpdate()
	for i := range 100 {
		f.Outcome.Faults = append(f.Outcome.Faults, outcome.FaultCount{Clause: fmt.Sprint("pause ", i), Fired: 1})
	}
	require.Contains(t, markdownOf(t, f), "\n72 more left out.\n")
	require.NotContains(t, markdownOf(t, lostUpdate()), "left out")
}

func TestPlanThatIsNoJSONIsNotShown(t *testing.T) {
	f := lostUpdate()
	f.Outcome.Plan = []byte("{")
	require.Contains(t, markdownOf(t, f), "not valid JSON")
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestWriteErrorsAreReported(t *testing.T) {
	require.EqualError(t, Text(brokenPipe{}, lostUpdate()), "broken pipe")
	require.EqualError(t, Markdown(brokenPipe{}, lostUpdate()), "broken pipe")
}
