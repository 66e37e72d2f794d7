package reports

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// Run writes one run in a few lines: the verdict, what identifies and measures it, each
// check, each fault. An error of w is dropped: this is for a terminal.
func Run(w io.Writer, o *outcome.Outcome) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s, seed %s, %s\n", strings.ToUpper(o.Verdict.String()), oneLine(o.Scenario), oneLine(o.Seed), precision(o))
	if o.Reason != "" {
		fmt.Fprintf(&b, "  because %s\n", oneLine(o.Reason))
	}
	fmt.Fprintf(&b, "  digest %s, %s, %s, %s of virtual time\n", oneLine(o.Digest),
		count(int(o.Events), "event"), count(o.Ops, "operation"), clock.Instant(o.VirtualNS))
	if o.Beyond {
		b.WriteString("  faults go beyond what is promised to be survived: only safety is checked\n")
	}
	runChecks(&b, o.Checks)
	runFaults(&b, o.Faults)
	_, _ = io.WriteString(w, b.String())
}

func runChecks(b *strings.Builder, checks []outcome.Check) {
	width := 0
	for _, c := range checks {
		width = max(width, utf8.RuneCountInString(oneLine(c.Name)))
	}
	for _, c := range checks {
		fmt.Fprintf(b, "  check  %-*s  %-7s  %d examined", width, oneLine(c.Name), c.Verdict, c.Examined)
		if c.Reason != "" {
			fmt.Fprintf(b, " (%s)", oneLine(c.Reason))
		}
		b.WriteString("\n")
		for _, f := range c.Findings {
			fmt.Fprintf(b, "         %s\n", oneLine(Finding{Finding: f}.heading()))
		}
	}
}

func runFaults(b *strings.Builder, faults []outcome.FaultCount) {
	width := 0
	for _, f := range faults {
		width = max(width, utf8.RuneCountInString(oneLine(f.Clause)))
	}
	for _, f := range faults {
		fmt.Fprintf(b, "  fault  %-*s  armed %d, fired %d, mattered %d", width, oneLine(f.Clause), f.Armed, f.Fired, f.Mattered)
		if f.Refused > 0 {
			fmt.Fprintf(b, ", refused %d", f.Refused)
		}
		b.WriteString("\n")
	}
}
