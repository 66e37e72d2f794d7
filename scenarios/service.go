package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/sim"
	"github.com/zoobreak/zoobreak/workloads"
)

// Service is what stands on the machines of a world: how its servers boot, and how the
// clients that use it do. It is the way to put a service of your own into this world.
type Service struct {
	// Server boots server id, from 1. What it kept in an earlier life is on its disk.
	Server func(w World, id int) sim.Boot
	// Client boots client id, which carries out the operations, one after the other, and
	// records them. Client 0 is the probe that demands progress when all faults are over.
	// A client that was killed boots again, for a new life: what it has begun in an earlier
	// one it does not begin again (workloads.Agenda), and that stays pending in the record.
	Client func(w World, id int, ops []workloads.Op) sim.Boot
	// Probe returns the operations of the probe, which starts at an instant and has some
	// time: a service that works must have done at least one of them.
	Probe func(from clock.Instant, settle time.Duration) []workloads.Op
	// Watch, if set, returns what judges the facts of a run as they are reported.
	Watch func(w World) Watcher
	// Raw says that its clients carry out the raw operations of plans, and no others.
	Raw bool
	// Bugs names what can be switched on in its servers.
	Bugs []string
	// Marks and ClientMarks are the rare branches of its servers and of its clients that a
	// campaign must reach. They are counted in the Marks of the World.
	Marks, ClientMarks []*invariant.Mark
}

// Watcher judges facts one by one, at the event that produced them.
type Watcher interface {
	See(f *history.Fact)
	Check() outcome.Check
}

// World is what a service may know of the world that it is put into.
type World struct {
	Servers   []string // host names, of server i at i-1
	Observers int      // the last ones of them have no vote
	Session   time.Duration
	// SnapshotEvery is how many transactions lie between two snapshots; 0 is up to the service.
	SnapshotEvery int
	// CommitLog is how many committed transactions a leader keeps for learners; 0 is up to the service.
	CommitLog int
	Bugs      []string
	Log       *history.Log
	Marks     *invariant.Marks
}

// Has reports whether a bug is switched on.
func (w World) Has(bug string) bool { return slices.Contains(w.Bugs, bug) }

// Admit says what is wrong with a plan for this scenario, if anything is.
func (s *Scenario) Admit(p *Plan) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if p.Scenario != s.Name {
		return fmt.Errorf("the plan is of scenario %q, not of %q", p.Scenario, s.Name)
	}
	for i, c := range p.Faults {
		if s.Guest != nil && c.NeedsOwnClient() {
			return fmt.Errorf("faults[%d]: %s cannot happen to the clients of scenario %s: they are guests, which nothing but the network reaches", i, c.Kind, s.Name)
		}
	}
	for i, op := range p.Ops {
		if op.Raw() != s.service().Raw {
			return fmt.Errorf("ops[%d]: do is %q, which the clients of scenario %s cannot: raw clients do nothing but raw operations, and others do none", i, op.Do, s.Name)
		}
		if (op.Do == "lock") != (s.Guest != nil) {
			return fmt.Errorf("ops[%d]: do is %q, which the clients of scenario %s cannot; only guests lock, and they do nothing else", i, op.Do, s.Name)
		}
	}
	return s.AdmitBugs(p.Bugs)
}

// AdmitBugs says which bug the scenario's service does not have, if any.
func (s *Scenario) AdmitBugs(bugs []string) error {
	known := s.service().Bugs
	for _, b := range bugs {
		if !slices.Contains(known, b) {
			return fmt.Errorf("scenario %s has no bug %q; it has: %s", s.Name, b, strings.Join(known, ", "))
		}
	}
	return nil
}

// marks are the rare branches that a campaign must reach. Guests have none, and the probe
// alone, which no fault selects, cannot be asked to reach those of a client.
func (s *Scenario) marks() []*invariant.Mark {
	all := slices.Clone(s.service().Marks)
	if s.Exact() {
		all = append(all, s.service().ClientMarks...)
	}
	return all
}

// service is the scenario's, or the one this project is about.
func (s *Scenario) service() *Service {
	if s.Service != nil {
		return s.Service
	}
	return ZooKeeper()
}
