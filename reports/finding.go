package reports

import (
	"fmt"
	"strings"

	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// Size measures a plan.
type Size struct{ Faults, Ops, Clients int }

func (s Size) String() string {
	return count(s.Faults, "fault") + ", " + count(s.Ops, "operation") + " and " + count(s.Clients, "client")
}

// Finding is everything that a report says about one broken rule.
type Finding struct {
	Outcome *outcome.Outcome // the run that shows it, with History and Plan
	Finding outcome.Finding
	Title   string // heading of the Markdown report; empty means rule, class and message
	Program string // what was run: a scenario, or a package and a test function
	Command string // the command that replays it

	Reproduced, Of       int  // replays that showed it again; Of is 0 if nobody tried
	ShrunkFrom, ShrunkTo Size // of the plan; equal if it was not shrunk
	ShrinkRuns           int
	Holds, Breaks        []string // conditions tried around the finding
	NotExercised         []string // conditions nobody tried
	Notes                []string // caveats a reader must know before believing it
}

func (f Finding) heading() string {
	return fmt.Sprintf("%s [%s]: %s", f.Finding.Rule, f.Finding.Class, f.Finding.Message)
}

func (f Finding) shrunk() string {
	if f.ShrunkTo == (Size{}) {
		return "Not shrunk."
	}
	if f.ShrinkRuns == 0 || f.ShrunkFrom == f.ShrunkTo {
		return fmt.Sprintf("Not shrunk: %s.", f.ShrunkTo)
	}
	return fmt.Sprintf("Shrunk from %s to %s, in %s.", f.ShrunkFrom, f.ShrunkTo, count(f.ShrinkRuns, "run"))
}

func (f Finding) confirmed() string {
	how := precision(f.Outcome)
	if f.Of == 0 {
		return how + ", not replayed yet"
	}
	return fmt.Sprintf("%s, replayed %d of %d", how, f.Reproduced, f.Of)
}

// precision says how far a replay of the run can be trusted to repeat it.
func precision(o *outcome.Outcome) string {
	if o.Exact {
		return "exact"
	}
	return "tier " + oneLine(o.Tier)
}

// origin says what was run.
func (f Finding) origin() string {
	program := f.Program
	if program == "" {
		program = f.Outcome.Scenario
	}
	return fmt.Sprintf("%s, seed %s", program, f.Outcome.Seed)
}

// conditions says where the program holds and where it breaks, as far as known.
func (f Finding) conditions() []string {
	var all []string
	for _, c := range []struct {
		label string
		items []string
	}{{"Holds", f.Holds}, {"Breaks", f.Breaks}, {"Not exercised", f.NotExercised}} {
		if len(c.items) > 0 {
			all = append(all, c.label+": "+strings.Join(c.items, ", ")+".")
		}
	}
	return all
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
