package campaign

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/scenarios/worker"
)

// Config says what to hunt.
type Config struct {
	Scenarios []*scenarios.Scenario
	From, To  uint64          // seeds, both included
	Only      *scenarios.Seed // instead of both
	For       time.Duration   // instead of To: as many seeds as this takes
	Shard     Shard           // of the seeds; the zero value takes all
	Bugs      []string        // switched on in the servers
	Accept    []string        // rules whose findings are counted and not reported
	KeepGoing bool            // go on after the first finding
	Extra     int             // without KeepGoing: runs after a finding to look for a more telling one
	Confirm   int             // repeats of a finding
	Shrink    int             // runs that shrinking a finding may take
	Pool      *worker.Pool
	Listen    Listener
}

// Shard is one of several parts of the seeds: every Of-th, from the one at Index, from 1.
// Neighbouring seeds go to different shards, so that also hunts for a time cover what one
// hunt would.
type Shard struct{ Index, Of uint64 }

// has reports whether the n-th seed, from 0, is in the shard.
func (s Shard) has(n uint64) bool { return s.Of == 0 || n%s.Of == s.Index-1 }

// Listener is told what happens, in order, on one goroutine. Nil functions are skipped.
type Listener struct {
	Run      func(*outcome.Outcome)
	Record   func(Run) // the same run, as a Result keeps it
	Progress func(Summary)
	Finding  func(Found) error
}

// Summary counts a campaign.
type Summary struct {
	Runs       int                       `json:"runs"`
	Events     uint64                    `json:"events"`
	Ops        int                       `json:"ops"`
	VirtualNS  int64                     `json:"virtual_ns"`
	WallNS     int64                     `json:"wall_ns"`
	Findings   int                       `json:"findings"` // distinct signatures
	Unknown    int                       `json:"unknown"`
	Vacuous    int                       `json:"vacuous"`
	Mismatches int                       `json:"mismatches"`
	Missing    uint64                    `json:"missing,omitempty"` // runs of which merged results have none
	Verdicts   map[string]int            `json:"verdicts"`
	Threats    map[string]int            `json:"threats"`
	Faults     map[string]outcome.Totals `json:"faults"` // by kind
	Examined   map[string]int            `json:"examined"`
	Failing    map[string]int            `json:"failing"`  // runs with each signature
	Accepted   map[string]int            `json:"accepted"` // runs with each accepted rule
	Marks      map[string]int            `json:"marks"`    // runs that reached each mark, zeros included
	// Hollow says what makes the campaign vacuous as a whole: a kind of fault that was
	// armed and never fired, a check that never had anything to examine.
	Hollow []string `json:"hollow,omitempty"`
}

// Found is a finding that was confirmed and shrunk.
type Found struct {
	Scenario   *scenarios.Scenario
	Finding    outcome.Finding
	Seed       scenarios.Seed // of the first run that showed it
	Original   *scenarios.Plan
	Plan       *scenarios.Plan
	Outcome    *outcome.Outcome // of the shrunk plan, with history
	Reproduced int
	Of         int
	Mismatches int // repeats of an exact scenario with another digest
	Runs       int // that shrinking took
	Variants   int // runs of the campaign with this signature
}

// Hunt runs plans until its seeds or its time are used up, or, unless it is to keep
// going, it has a finding; one in which time stands still ends it in any case. Then it confirms and shrinks each distinct finding, most
// telling first. When ctx ends, it finishes what is under way and returns what it has:
// findings are then told as they were seen.
func Hunt(ctx context.Context, c Config) (Summary, []Found, error) {
	start := time.Now()
	h := &hunt{Config: c, first: map[string]sighting{}}
	h.summary = newSummary()
	err := h.search(ctx, start)
	h.summary.Findings = len(h.first)
	h.summary.hollow()
	var found []Found
	for _, s := range h.ranked() {
		if err != nil || len(found) > 0 && h.stuck() {
			break // after an abort there are no workers to look at more with
		}
		var f Found
		if f, err = h.triage(s, ctx.Err() != nil); err == nil {
			found = append(found, f)
			h.summary.Mismatches += f.Mismatches
			if c.Listen.Finding != nil {
				err = c.Listen.Finding(f)
			}
		}
	}
	h.summary.WallNS = int64(time.Since(start))
	return h.summary, found, err
}

func newSummary() Summary {
	return Summary{
		Verdicts: map[string]int{}, Threats: map[string]int{}, Faults: map[string]outcome.Totals{}, Examined: map[string]int{},
		Failing: map[string]int{}, Accepted: map[string]int{}, Marks: map[string]int{},
	}
}

type hunt struct {
	Config
	summary Summary
	first   map[string]sighting // by signature
}

// sighting is the first run that showed a signature.
type sighting struct {
	finding  outcome.Finding
	outcome  *outcome.Outcome
	scenario *scenarios.Scenario
	seed     scenarios.Seed
	order    int // of the run
	place    int // among all findings; a run may have several
}

// costly reports whether time stood still in the run that shows the finding. Most such
// runs take seconds of real time, until a watchdog gives up, so the finding ends the hunt
// and is told as it was seen.
func costly(f outcome.Finding) bool { return f.Rule == "stuck" || f.Rule == "worker-hung" }

// job is one run; its result comes through its channel.
type job struct {
	scenario *scenarios.Scenario
	seed     scenarios.Seed
	result   chan result
}

type result struct {
	out *outcome.Outcome
	err error
}

// search keeps the workers busy and takes the outcomes in the order of the jobs.
func (h *hunt) search(ctx context.Context, start time.Time) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	jobs := make(chan job, 4*h.Pool.Size())
	go h.schedule(ctx, start, jobs)
	enough := false
	var err error
	for j := range jobs {
		r := <-j.result
		if enough || err != nil {
			continue // drain what was under way
		}
		if err = r.err; err == nil {
			h.take(j, r.out)
			enough = h.enough()
		}
		if enough || err != nil {
			stop()
		}
		if enough && h.stuck() {
			h.Pool.Abort() // what else is under way would only take its seconds as well
		}
	}
	return err
}

// schedule starts jobs in order until there are no more, no more at a time than there are
// workers. The channel's room bounds how far ahead of the slowest it gets.
func (h *hunt) schedule(ctx context.Context, start time.Time, jobs chan<- job) {
	defer close(jobs)
	running := make(chan struct{}, h.Pool.Size())
	for seed := range h.seeds().All() {
		if !h.Shard.has(seed.Root - h.From) {
			continue
		}
		for _, s := range h.Scenarios {
			if ctx.Err() != nil || h.For > 0 && time.Since(start) > h.For {
				return
			}
			select {
			case running <- struct{}{}:
			case <-ctx.Done():
				return
			}
			j := job{s, seed, make(chan result, 1)}
			jobs <- j
			go func() {
				defer func() { <-running }()
				out, err := h.Pool.Run(worker.Request{Scenario: s.Name, Seed: seed, Bugs: h.Bugs})
				j.result <- result{out, err}
			}()
		}
	}
}

// seeds are those to run, as far as time allows.
func (h *hunt) seeds() scenarios.Seeds {
	if h.For > 0 {
		return scenarios.Seeds{First: h.From, Last: math.MaxUint64}
	}
	return scenarios.Seeds{First: h.From, Last: h.To, Only: h.Only}
}

// enough reports whether there is a finding, and no reason to look for a better one.
func (h *hunt) enough() bool {
	if h.stuck() {
		return true
	}
	for _, s := range h.first { //tidy:order-free any one of them is enough
		if !h.KeepGoing && (weight(s.finding) == 0 || h.summary.Runs-s.order >= h.Extra) {
			return true
		}
	}
	return false
}

// stuck reports whether time stood still in a run.
func (h *hunt) stuck() bool {
	for _, s := range h.first { //tidy:order-free any one of them is enough
		if costly(s.finding) {
			return true
		}
	}
	return false
}

// take counts an outcome.
func (h *hunt) take(j job, out *outcome.Outcome) {
	out.Exact, out.Tier = j.scenario.Exact(), j.scenario.Tier() // a lost worker could not say
	x := recordOf(j, out)
	h.summary.add(x, h.Accept)
	for _, f := range out.Findings() {
		if slices.Contains(h.Accept, f.Rule) {
			continue
		}
		if _, known := h.first[f.Signature]; !known {
			h.first[f.Signature] = sighting{f, out, j.scenario, j.seed, h.summary.Runs, len(h.first)}
		}
	}
	if h.Listen.Record != nil {
		h.Listen.Record(x)
	}
	if h.Listen.Run != nil {
		h.Listen.Run(out)
	}
	if h.Listen.Progress != nil {
		h.summary.Findings = len(h.first)
		h.Listen.Progress(h.summary)
	}
}

// add counts a run. A finding of an accepted rule is counted as such, and does not fail it.
func (s *Summary) add(x Run, accept []string) {
	s.Runs++
	s.Events += x.Events
	s.Ops += x.Ops
	s.VirtualNS += x.VirtualNS
	s.Verdicts[x.Verdict.String()]++
	switch x.Verdict {
	case outcome.Unknown:
		s.Unknown++
	case outcome.Vacuous:
		s.Vacuous++
	}
	addUp(s.Examined, x.Examined)
	addUp(s.Threats, x.Threats)
	for kind, n := range x.Faults {
		t := s.Faults[kind]
		s.Faults[kind] = outcome.Totals{Armed: t.Armed + n.Armed, Fired: t.Fired + n.Fired, Mattered: t.Mattered + n.Mattered, Refused: t.Refused + n.Refused}
	}
	for name, n := range x.Marks {
		s.Marks[name] += min(n, 1)
	}
	for _, f := range x.Seen {
		if slices.Contains(accept, f.Rule) {
			s.Accepted[f.Rule]++
		} else {
			s.Failing[f.Signature]++
		}
	}
}

func addUp(sum, more map[string]int) {
	for name, n := range more {
		sum[name] += n
	}
}

// NeverReached names the marks that no run has reached: what they are about was not tested.
func (s *Summary) NeverReached() (names []string) {
	for name, n := range s.Marks {
		if n == 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (s *Summary) hollow() {
	for kind, t := range s.Faults {
		if t.Armed > 0 && t.Fired == 0 {
			why := ""
			if t.Refused > 0 {
				why = fmt.Sprintf("; %d times it was outside the budget", t.Refused)
			}
			s.Hollow = append(s.Hollow, fmt.Sprintf("%s was armed %d times and never fired%s", kind, t.Armed, why))
		}
	}
	for name, n := range s.Examined {
		if n == 0 {
			s.Hollow = append(s.Hollow, name+" never had anything to examine")
		}
	}
	if s.Runs == 0 {
		s.Hollow = append(s.Hollow, "nothing was run")
	}
	slices.Sort(s.Hollow)
}

// ranked puts findings about effects first, then other bugs, then limitations; equals in
// the order in which they were seen.
func (h *hunt) ranked() []sighting {
	all := make([]sighting, 0, len(h.first))
	for _, s := range h.first { //tidy:order-free sorted below
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b sighting) int {
		if x, y := weight(a.finding), weight(b.finding); x != y {
			return x - y
		}
		return a.place - b.place
	})
	return all
}

// Telling returns the finding that says most about a run that has several.
func Telling(all []outcome.Finding) outcome.Finding {
	return slices.MinFunc(all, func(a, b outcome.Finding) int { return weight(a) - weight(b) })
}

func weight(f outcome.Finding) int {
	switch {
	case costly(f):
		return -1 // nothing else can be found before this is out of the way
	case f.Checker == "effects" || f.Checker == "fenced-effects":
		return 0
	case f.Class == outcome.Bug:
		return 1
	}
	return 2
}
