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
	Bugs      []string        // switched on in the servers
	Accept    []string        // rules whose findings are counted and not reported
	KeepGoing bool            // go on after the first finding
	Extra     int             // without KeepGoing: runs after a finding to look for a more telling one
	Confirm   int             // repeats of a finding
	Shrink    int             // runs that shrinking a finding may take
	Pool      *worker.Pool
	Listen    Listener
}

// Listener is told what happens, in order, on one goroutine. Nil functions are skipped.
type Listener struct {
	Run      func(*outcome.Outcome)
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
	h.summary = Summary{Verdicts: map[string]int{}, Threats: map[string]int{}, Faults: map[string]outcome.Totals{}, Examined: map[string]int{}, Failing: map[string]int{}, Accepted: map[string]int{}, Marks: map[string]int{}}
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
	h.summary.add(out)
	for _, f := range out.Findings() {
		if slices.Contains(h.Accept, f.Rule) {
			h.summary.Accepted[f.Rule]++
			continue
		}
		h.summary.Failing[f.Signature]++
		if _, known := h.first[f.Signature]; !known {
			h.first[f.Signature] = sighting{f, out, j.scenario, j.seed, h.summary.Runs, len(h.first)}
		}
	}
	if h.Listen.Run != nil {
		h.Listen.Run(out)
	}
	if h.Listen.Progress != nil {
		h.summary.Findings = len(h.first)
		h.Listen.Progress(h.summary)
	}
}

func (s *Summary) add(out *outcome.Outcome) {
	s.Runs++
	s.Events += out.Events
	s.Ops += out.Ops
	s.VirtualNS += out.VirtualNS
	s.Verdicts[out.Verdict.String()]++
	switch out.Verdict {
	case outcome.Unknown:
		s.Unknown++
	case outcome.Vacuous:
		s.Vacuous++
	}
	for _, c := range out.Checks {
		s.Examined[c.Name] += c.Examined
		for name, n := range c.Threats {
			s.Threats[name] += n
		}
	}
	for _, f := range out.Faults {
		t := s.Faults[f.Kind]
		t.Add(f)
		s.Faults[f.Kind] = t
	}
	for name, n := range out.Marks {
		s.Marks[name] += min(n, 1)
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
			s.Hollow = append(s.Hollow, fmt.Sprintf("%s was armed %d times and never fired", kind, t.Armed))
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
