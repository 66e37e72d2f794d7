package campaign

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// Result is a campaign, or a shard of one, as data: what ran, seed by seed, and what was
// made of the findings. Everything that a hunt prints at its end follows from it, so that
// results can be merged and tell what one hunt would have told.
type Result struct {
	Program  Program
	Ranges   []Range // seeds that were to be run, in order, apart from each other
	Runs     []Run   // by seed, and of one seed by scenario
	Findings []Told  // in the same order, and of one run by signature
}

// Program is what must be equal for results to belong to one campaign.
type Program struct {
	Version   string   `json:"version"`  // of zoobreak
	Revision  string   `json:"revision"` // of its source
	Scenarios []string `json:"scenarios"`
	Bugs      []string `json:"bugs,omitempty"`
	Accept    []string `json:"accept,omitempty"`
}

// Range is seeds, both ends included.
type Range struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// Run is what a campaign keeps of one run.
type Run struct {
	Scenario  string                    `json:"scenario"`
	Seed      scenarios.Seed            `json:"seed"`
	Exact     bool                      `json:"exact"`
	Digest    string                    `json:"digest"`
	Verdict   outcome.Verdict           `json:"verdict"`
	Events    uint64                    `json:"events"`
	Ops       int                       `json:"ops"`
	VirtualNS int64                     `json:"virtual_ns"`
	WallNS    int64                     `json:"wall_ns"` // the only thing that a repeat of an exact run may have different
	Examined  map[string]int            `json:"examined"`
	Threats   map[string]int            `json:"threats,omitempty"`
	Faults    map[string]outcome.Totals `json:"faults,omitempty"` // by kind
	Marks     map[string]int            `json:"marks,omitempty"`
	Seen      []Sight                   `json:"seen,omitempty"`
}

// Sight is a finding in one run.
type Sight struct {
	Signature string        `json:"signature"`
	Checker   string        `json:"checker"`
	Rule      string        `json:"rule"`
	Class     outcome.Class `json:"class"`
}

// Told is a finding that a hunt has told: the run in which it was first seen, and what
// shrinking made of that run's plan.
type Told struct {
	Scenario   string          `json:"scenario"`
	Seed       scenarios.Seed  `json:"seed"`
	Exact      bool            `json:"exact"`
	Finding    outcome.Finding `json:"finding"`
	Plan       json.RawMessage `json:"plan"`
	Digest     string          `json:"digest"` // of the plan
	Size       scenarios.Size  `json:"size"`
	Reproduced int             `json:"reproduced"`
	Of         int             `json:"of"` // 0: told as seen, neither shrunk nor repeated
	Mismatches int             `json:"mismatches"`
	Dir        string          `json:"dir"` // its directory, in that of the hunt
}

// Begin returns the result of a hunt that has run nothing yet.
func Begin(c Config, version, revision string) *Result {
	r := &Result{Program: Program{Version: version, Revision: revision, Bugs: c.Bugs, Accept: c.Accept}}
	for _, s := range c.Scenarios {
		r.Program.Scenarios = append(r.Program.Scenarios, s.Name)
	}
	if c.For == 0 && c.Only == nil {
		r.Ranges = []Range{{c.From, c.To}}
	}
	return r
}

// Add adds a run.
func (r *Result) Add(x Run) { r.Runs = append(r.Runs, x) }

// Tell adds a finding.
func (r *Result) Tell(f Found) {
	r.Findings = append(r.Findings, f.Told())
	r.sort()
}

// Told returns what a result keeps of the finding.
func (f *Found) Told() Told {
	return Told{
		Scenario: f.Scenario.Name, Seed: f.Seed, Exact: f.Scenario.Exact(), Finding: f.Finding, Plan: compact(f.Plan.JSON()), Digest: f.Outcome.Digest,
		Size: f.Plan.Size(), Reproduced: f.Reproduced, Of: f.Of, Mismatches: f.Mismatches, Dir: f.Name(),
	}
}

// recordOf returns what a campaign keeps of a run.
func recordOf(j job, out *outcome.Outcome) Run {
	x := Run{
		Scenario: j.scenario.Name, Seed: j.seed, Exact: j.scenario.Exact(), Digest: out.Digest, Verdict: out.Verdict,
		Events: out.Events, Ops: out.Ops, VirtualNS: out.VirtualNS, WallNS: out.WallNS,
		Examined: map[string]int{}, Threats: map[string]int{}, Faults: map[string]outcome.Totals{}, Marks: out.Marks,
	}
	for _, c := range out.Checks {
		x.Examined[c.Name] += c.Examined
		for name, n := range c.Threats {
			x.Threats[name] += n
		}
	}
	for _, f := range out.Faults {
		t := x.Faults[f.Kind]
		t.Add(f)
		x.Faults[f.Kind] = t
	}
	for _, f := range out.Findings() {
		x.Seen = append(x.Seen, Sight{f.Signature, f.Checker, f.Rule, f.Class})
	}
	return x
}

// Summary adds up the runs, as the hunt that ran them all would have. Its time is that of
// the runs, not that of shrinking and repeating.
func (r *Result) Summary() Summary {
	s := newSummary()
	for _, x := range r.Runs {
		s.add(x, r.Program.Accept)
		s.WallNS += x.WallNS
	}
	for _, f := range r.Findings {
		s.Mismatches += f.Mismatches
	}
	s.Findings = len(s.Failing)
	s.Missing = r.missing()
	s.hollow()
	return s
}

// missing counts the runs that the ranges promise and that are not there.
func (r *Result) missing() uint64 {
	promised, there := uint64(0), uint64(0)
	for _, a := range r.Ranges {
		promised += (a.To - a.From + 1) * uint64(len(r.Program.Scenarios))
	}
	for _, x := range r.Runs {
		if slices.ContainsFunc(r.Ranges, func(a Range) bool { return len(x.Seed.Branches) == 0 && a.From <= x.Seed.Root && x.Seed.Root <= a.To }) {
			there++
		}
	}
	return promised - there
}

// Table returns one finding for each signature, most telling first: that of the run which
// showed it first, which is the one that a single hunt would have told.
func (r *Result) Table() (all []Told) {
	place := map[string]int{}
	for _, x := range r.Runs {
		for _, f := range x.Seen {
			if _, known := place[f.Signature]; !known && !slices.Contains(r.Program.Accept, f.Rule) {
				place[f.Signature] = len(place)
			}
		}
	}
	told := map[string]bool{}
	for _, f := range r.Findings { // in the order of runs
		if !told[f.Finding.Signature] {
			told[f.Finding.Signature] = true
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b Told) int {
		return cmp.Or(weight(a.Finding)-weight(b.Finding), place[a.Finding.Signature]-place[b.Finding.Signature])
	})
	return all
}

// sort puts runs and findings into their order.
func (r *Result) sort() {
	slices.SortFunc(r.Runs, func(a, b Run) int { return r.order(a.Seed, a.Scenario, b.Seed, b.Scenario) })
	slices.SortFunc(r.Findings, func(a, b Told) int {
		return cmp.Or(r.order(a.Seed, a.Scenario, b.Seed, b.Scenario), cmp.Compare(a.Finding.Signature, b.Finding.Signature))
	})
}

func (r *Result) order(seed scenarios.Seed, scenario string, other scenarios.Seed, otherScenario string) int {
	return cmp.Or(seed.Compare(other), slices.Index(r.Program.Scenarios, scenario)-slices.Index(r.Program.Scenarios, otherScenario))
}
