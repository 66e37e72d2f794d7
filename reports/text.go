package reports

import (
	"fmt"
	"io"
	"strings"
)

// maxNotes bounds the caveats that are printed under a test.
const maxNotes = 3

// Text writes the finding as a person wants to see it under a failed test.
func Text(w io.Writer, f Finding) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", oneLine(f.heading()))
	if f.Finding.Quote != "" {
		fmt.Fprintf(&b, "  Broken: %q\n", oneLine(f.Finding.Quote))
	}
	writeStory(&b, f)
	fmt.Fprintf(&b, "  %s\n", f.shrunk())
	fmt.Fprintf(&b, "  %s: %s.\n", oneLine(f.origin()), f.confirmed())
	writeCaveats(&b, f)
	fmt.Fprintf(&b, "  To reproduce:  %s\n", printable(f.Command))
	_, err := io.WriteString(w, b.String())
	return err
}

func writeCaveats(b *strings.Builder, f Finding) {
	var conditions []string
	for _, c := range f.conditions() {
		conditions = append(conditions, oneLine(c))
	}
	if len(conditions) > 0 {
		fmt.Fprintf(b, "  %s\n", strings.Join(conditions, "  "))
	}
	for _, n := range f.Notes[:min(len(f.Notes), maxNotes)] {
		fmt.Fprintf(b, "  Note: %s\n", oneLine(n))
	}
	if more := len(f.Notes) - maxNotes; more > 0 {
		fmt.Fprintf(b, "  (%s more in the full report.)\n", count(more, "note"))
	}
}

func writeStory(b *strings.Builder, f Finding) {
	steps, leftOut := story(f)
	if len(steps) == 0 {
		b.WriteString("  (No history was kept, so there is no story to tell.)\n")
		return
	}
	width := 0
	for _, s := range steps {
		width = max(width, len(s.At.String()))
	}
	for i, s := range steps {
		line := fmt.Sprintf("%4d. %*s  %s", i+1, width, s.At, oneLine(s.Sentence()))
		if m := mark(s, steps); m != "" {
			line = fmt.Sprintf("%-78s <- %s", line, m)
		}
		b.WriteString(line + "\n")
	}
	if leftOut > 0 {
		fmt.Fprintf(b, "  (%s of less weight left out.)\n", count(leftOut, "event"))
	}
}

// mark says which fault or which contradicting event a step is.
func mark(s Step, all []Step) string {
	if s.Nth == 0 {
		return ""
	}
	of := 0
	for _, t := range all {
		if t.Nth > 0 && t.Contradiction == s.Contradiction {
			of++
		}
	}
	if s.Contradiction {
		return fmt.Sprintf("contradiction, %d of %d", s.Nth, of)
	}
	return fmt.Sprintf("fault %d of %d", s.Nth, of)
}
