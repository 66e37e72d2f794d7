package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// maxMarkdown keeps a report below what an issue tracker accepts (65,536 characters), in
// bytes. maxRows bounds each table and list.
const (
	maxMarkdown = 60_000
	maxRows     = 30
)

// section is a part of the report that can be left out whole.
type section struct{ title, body string }

// Markdown writes the finding for pasting into an issue. What does not fit is named.
func Markdown(w io.Writer, f Finding) error {
	var b strings.Builder
	b.WriteString(introduction(f))
	for _, s := range []section{
		{"Reproduce", fenced("sh", f.Command)},
		{"What happened", narrative(f)},
		{"Diagram", chart(f)},
		{"Where it holds and breaks", list(f.conditions())},
		{"What this does not show", list(caveats(f))},
		{"Checks", checkTable(f.Outcome.Checks)},
		{"Faults", faultTable(f.Outcome.Faults)},
		{"Plan", plan(f.Outcome.Plan)},
	} {
		b.WriteString(s.fit(maxMarkdown - b.Len()))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// roomForNotices is kept free in every budget, so that the sections that follow can at
// least say that they were left out.
const roomForNotices = 1000

func (s section) fit(budget int) string {
	if s.body == "" {
		return ""
	}
	whole := "\n## " + s.title + "\n\n" + s.body
	if len(whole) > budget-roomForNotices {
		return fmt.Sprintf("\n## %s\n\nLeft out: its %d bytes do not fit into an issue.\n", s.title, len(s.body))
	}
	return whole
}

func introduction(f Finding) string {
	var b strings.Builder
	title := f.Title
	if title == "" {
		title = f.heading()
	}
	fmt.Fprintf(&b, "# %s\n\n", markdown(title))
	fmt.Fprintf(&b, "**%s**, class *%s*, found by the checker %s: %s\n\n",
		markdown(f.Finding.Rule), markdown(string(f.Finding.Class)), markdown(f.Finding.Checker), markdown(f.Finding.Message))
	if f.Finding.Quote != "" {
		fmt.Fprintf(&b, "> %s\n\n", markdown(f.Finding.Quote))
	}
	fmt.Fprintf(&b, "%s: %s, digest %s. %s\n", markdown(f.origin()), markdown(f.confirmed()), markdown(f.Outcome.Digest), f.shrunk())
	return b.String()
}

func narrative(f Finding) string {
	steps, leftOut := story(f)
	if len(steps) == 0 {
		return "No history was kept, so there is no story to tell.\n"
	}
	var b strings.Builder
	for i, s := range steps {
		fmt.Fprintf(&b, "%d. %s %s", i+1, s.At, markdown(s.Sentence()))
		if m := mark(s, steps); m != "" {
			fmt.Fprintf(&b, " **(%s)**", m)
		}
		b.WriteString("\n")
	}
	if leftOut > 0 {
		fmt.Fprintf(&b, "\n%s of less weight left out.\n", count(leftOut, "event"))
	}
	return b.String()
}

func chart(f Finding) string {
	steps, _ := story(f)
	if len(steps) == 0 {
		return ""
	}
	return fenced("mermaid", sequence(steps))
}

func list(items []string) string {
	var b strings.Builder
	for i, item := range items {
		if i == maxRows {
			fmt.Fprintf(&b, "- %d more left out\n", len(items)-maxRows)
			break
		}
		fmt.Fprintf(&b, "- %s\n", markdown(item))
	}
	return b.String()
}

// table renders at most maxRows rows; cells are escaped here.
func table(header []string, rows [][]string) string {
	if len(rows) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(header, " | "), strings.Repeat(" --- |", len(header)))
	for _, row := range rows[:min(len(rows), maxRows)] {
		for _, cell := range row {
			fmt.Fprintf(&b, "| %s ", markdown(name(cell)))
		}
		b.WriteString("|\n")
	}
	if len(rows) > maxRows {
		fmt.Fprintf(&b, "\n%d more left out.\n", len(rows)-maxRows)
	}
	return b.String()
}

func checkTable(checks []outcome.Check) string {
	var rows [][]string
	for _, c := range checks {
		rows = append(rows, []string{c.Name, c.Verdict.String(), fmt.Sprint(c.Examined), fmt.Sprint(len(c.Findings)), c.Reason})
	}
	return table([]string{"check", "verdict", "examined", "findings", "remark"}, rows)
}

func faultTable(faults []outcome.FaultCount) string {
	var rows [][]string
	for _, f := range faults {
		rows = append(rows, []string{f.Clause, fmt.Sprint(f.Armed), fmt.Sprint(f.Fired), fmt.Sprint(f.Mattered), fmt.Sprint(f.Refused)})
	}
	return table([]string{"fault", "armed", "fired", "mattered", "refused"}, rows)
}

// plan shows the plan as it can be saved and replayed; half a plan would be none.
func plan(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, raw, "", "  "); err != nil {
		return "The plan is not valid JSON and is not shown.\n"
	}
	return "<details><summary>plan.json</summary>\n\n" + fenced("json", pretty.String()) + "\n</details>\n"
}

// caveats are the given notes, and those that follow from the numbers.
func caveats(f Finding) []string {
	all := append([]string{}, f.Notes...)
	if !f.Outcome.Exact {
		all = append(all, "The run is not exact: code outside the simulator's control took part, so a replay may differ.")
	}
	if f.Reproduced < f.Of {
		all = append(all, fmt.Sprintf("%d of %d replays did not show it.", f.Of-f.Reproduced, f.Of))
	}
	for _, c := range f.Outcome.Checks {
		if c.Verdict == outcome.Unknown || c.Verdict == outcome.Vacuous {
			all = append(all, fmt.Sprintf("The check %s says nothing (%s): %s.", name(c.Name), c.Verdict, c.Reason))
		}
	}
	for _, c := range f.Outcome.Faults {
		if c.Fired == 0 {
			all = append(all, fmt.Sprintf("The fault %s never fired, so it explains nothing.", name(c.Clause)))
		}
	}
	return append(all, "One run that breaks a rule proves that it can be broken, not how often it would be.")
}
