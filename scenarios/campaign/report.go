package campaign

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/zoobreak/zoobreak/reports"
)

// The rendered files of a finding.
const (
	TextFile     = "report.txt"
	MarkdownFile = "report.md"
)

// Report returns the finding as reports renders it. Command is what replays it.
func (f *Found) Report(command string) reports.Finding {
	return reports.Finding{
		Outcome: f.Outcome, Finding: f.Finding, Program: f.Scenario.Name, Command: command,
		Reproduced: f.Reproduced, Of: f.Of, ShrunkFrom: reports.Size(f.Original.Size()), ShrunkTo: reports.Size(f.Plan.Size()),
		ShrinkRuns: f.Runs, Notes: f.notes(),
	}
}

// notes are the caveats that a reader must know.
func (f *Found) notes() (notes []string) {
	if f.Reproduced < f.Of {
		notes = append(notes, fmt.Sprintf("%d of %d replays did not show it: tier A cannot promise that a schedule repeats.", f.Of-f.Reproduced, f.Of))
	}
	if f.Mismatches > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d replays of an exact scenario ran differently: that is a bug in zoobreak.", f.Mismatches, f.Of))
	}
	if f.Scenario.Guest != nil {
		notes = append(notes, "In tier A an isolated client's bytes and marked calls are held while its own timers run on; a client is not paused.")
	}
	return notes
}

// Render writes the text and Markdown reports beside the finding's other files.
func (f *Found) Render(dir, command string) error {
	r := f.Report(command)
	var text, markdown bytes.Buffer
	if err := reports.Text(&text, r); err != nil {
		return err
	}
	if err := reports.Markdown(&markdown, r); err != nil {
		return err
	}
	if err := WriteFile(filepath.Join(dir, TextFile), text.Bytes()); err != nil {
		return err
	}
	return WriteFile(filepath.Join(dir, MarkdownFile), markdown.Bytes())
}
