package fault

import (
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
)

// Menu says what may go wrong in a scenario.
type Menu struct {
	Servers, Clients int
	Kinds            []Kind
	Stages           []string // for stall
	Max              int      // clauses per plan
	From, Until      time.Duration
	// Session is the clients' session timeout: faults are drawn on both sides of it.
	Session time.Duration
	// Limits are other times at which the service or the network decides something, such
	// as when to give somebody up: some faults last just as long, or a moment more or less.
	Limits []time.Duration
	// Marks are times at which clients begin something. Half of the clauses begin within
	// a moment of one: what is in flight is where crashes hurt.
	Marks []clock.Span
	// Acquires says that clients take locks: most of the clauses against a client then
	// begin when it has just got one, or has begun what it wanted it for.
	Acquires bool
	// Events are what clauses against servers wait for, in some plans.
	Events []string
	// Guests says that the clients are no processes of ours.
	Guests bool
}

// EveryServerEvent is for services that report all facts.
func EveryServerEvent() (names []string) {
	for _, e := range events {
		if e.By == AServer {
			names = append(names, e.Name)
		}
	}
	return names
}

// MachineEvents is for services that report nothing: their machines notice these.
func MachineEvents() []string { return []string{OnUnsynced, OnStarted, OnStopped} }

// swarm is what a plan may contain at all (swarm testing, Groce et al. 2012: leaving features
// out finds what their mixture hides). Half of the plans have half of the kinds, the
// others about three, whatever there is: some failures take several of a few kinds. Kinds
// that are on are not equally frequent. Each way to select and to wait is
// off in half of the plans.
type swarm struct {
	Menu
	kinds  []Kind // one entry for each share of its weight
	chance bool   // groups and followers
	links  bool
	waits  bool // for what servers do
	limits bool
}

func (m Menu) swarm(key rng.Key) swarm {
	on := func(feature string) bool { return key.Of("feature").Of(feature).Chance(1, 2) }
	s := swarm{Menu: m, chance: on("chance"), links: on("links"), waits: on("waits") && len(m.Events) > 0, limits: on("limits")}
	total := uint64(len(m.Kinds))
	share := (total + 1) / 2
	if key.Of("few").Chance(1, 2) {
		share = min(share, 3)
	}
	for _, k := range m.Kinds {
		if key.Of(string(k)).Chance(share, total) {
			s.add(k, key)
		}
	}
	if len(s.kinds) == 0 && len(m.Kinds) > 0 {
		s.add(m.Kinds[key.Below(uint64(len(m.Kinds)))], key)
	}
	return s
}

// add gives a kind a weight of 1, 2, 4 or 8.
func (s *swarm) add(k Kind, key rng.Key) {
	for range 1 << key.Of("weight").Of(string(k)).Below(4) {
		s.kinds = append(s.kinds, k)
	}
}
