package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/zoobreak/zoobreak/scenarios/campaign"
)

// printSummary shows a whole campaign: what was run, what was found, what really happened
// to whom, and how far a clean result reaches.
func printSummary(w io.Writer, speed string, s campaign.Summary, found []campaign.Told) {
	fmt.Fprintf(w, "\n%s\n", speed)
	t := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	printVerdicts(t, s)
	printChecks(t, s)
	printFaults(t, s)
	printMarks(t, s)
	printFindings(t, s, found)
	t.Flush()
	if s.Missing > 0 {
		fmt.Fprintf(w, "incomplete: of %d runs there is no result\n", s.Missing)
	}
	for _, h := range s.Hollow {
		fmt.Fprintln(w, "vacuous:", h)
	}
	if s.Findings == 0 && s.Runs > 0 {
		fmt.Fprintf(w, "0 violations in %d runs: a bug with probability above %.2g a run would have been seen with 95 %% confidence, for these faults and this workload only\n",
			s.Runs, 3/float64(s.Runs))
	}
}

func printVerdicts(w io.Writer, s campaign.Summary) {
	for _, v := range []string{"pass", "fail", "vacuous", "unknown"} {
		if n := s.Verdicts[v]; n > 0 {
			fmt.Fprintf(w, "runs that %s\t%d\n", map[string]string{"pass": "pass", "fail": "fail", "vacuous": "are vacuous", "unknown": "are undecided"}[v], n)
		}
	}
}

func printChecks(w io.Writer, s campaign.Summary) {
	fmt.Fprintf(w, "\ncheck\texamined\n")
	for _, name := range slices.Sorted(maps.Keys(s.Examined)) {
		fmt.Fprintf(w, "%s\t%d\n", name, s.Examined[name])
	}
	fmt.Fprintf(w, "\nthreat\toccurred\n")
	for _, name := range slices.Sorted(maps.Keys(s.Threats)) {
		fmt.Fprintf(w, "%s\t%d\n", name, s.Threats[name])
	}
}

func printFaults(w io.Writer, s campaign.Summary) {
	if len(s.Faults) == 0 {
		return
	}
	fmt.Fprintf(w, "\nfault\tarmed\tfired\tmattered\trefused\n")
	for _, kind := range slices.Sorted(maps.Keys(s.Faults)) {
		t := s.Faults[kind]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\n", kind, t.Armed, t.Fired, t.Mattered, t.Refused)
	}
}

// printMarks names the marks that were missed: those that were reached are in the JSON.
func printMarks(w io.Writer, s campaign.Summary) {
	if len(s.Marks) == 0 {
		return
	}
	never := s.NeverReached()
	fmt.Fprintf(w, "\nrare branches reached\t%d of %d\n", len(s.Marks)-len(never), len(s.Marks))
	for _, name := range never {
		fmt.Fprintf(w, "never reached\t%s\n", name)
	}
}

// count says how many there are of something.
func count(n int, what string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(what, "ch"):
		what += "es"
	default:
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func printFindings(w io.Writer, s campaign.Summary, found []campaign.Told) {
	if len(found) == 0 {
		return
	}
	fmt.Fprintf(w, "\nfinding\tclass\truns\tsize\treplayed\tdirectory\n")
	for _, f := range found {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s, %s\t%d of %d\t%s\n",
			f.Finding.Signature, f.Finding.Class, s.Failing[f.Finding.Signature], count(f.Size.Faults, "fault"), count(f.Size.Ops, "operation"), f.Reproduced, f.Of, f.Dir)
	}
}
