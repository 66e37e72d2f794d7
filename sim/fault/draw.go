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
	// Session is the clients' session timeout: isolations are drawn on both sides of it.
	Session time.Duration
	// Marks are times at which clients begin something. Half of the clauses begin within
	// a moment of one: what is in flight is where crashes hurt.
	Marks []clock.Span
	// Acquires says that clients take locks: most of the clauses against a client then
	// begin when it has just got one, or has begun what it wanted it for.
	Acquires bool
	// Guests says that the clients are no processes of ours.
	Guests bool
}

// Draw draws the clauses of a plan. Each kind is fully off in half of the plans (swarm
// testing, Groce et al. 2012: leaving features out finds what their mixture hides), and
// each clause is keyed by its place, so that taking one away changes no other.
func Draw(key rng.Key, m Menu) []Clause {
	kinds := m.swarm(key.Of("swarm"))
	if len(kinds) == 0 || m.Max == 0 {
		return nil
	}
	n := 1 + key.Of("count").Below(uint64(m.Max))
	out := make([]Clause, n)
	for i := range out {
		k := key.Int(uint64(i))
		out[i] = m.clause(k, kinds[k.Of("kind").Below(uint64(len(kinds)))])
	}
	return out
}

func (m Menu) swarm(key rng.Key) (kinds []Kind) {
	for _, k := range m.Kinds {
		if key.Of(string(k)).Chance(1, 2) {
			kinds = append(kinds, k)
		}
	}
	if len(kinds) == 0 && len(m.Kinds) > 0 {
		kinds = append(kinds, m.Kinds[key.Below(uint64(len(m.Kinds)))])
	}
	return kinds
}

func (m Menu) clause(key rng.Key, k Kind) Clause {
	c := Clause{Kind: k, Who: m.who(key.Of("who"), k)}
	c.At = m.at(key.Of("at"))
	if m.Acquires && c.Who.Kind == "client" && key.Of("trigger").Chance(3, 4) {
		c.On, c.Nth = OnAcquire, int(key.Of("nth").Between(1, 5))
		if key.Of("read").Chance(1, 2) {
			c.On = OnRead
		}
	}
	if i, _ := Describe(k); i.Takes&Time != 0 {
		c.For = m.length(key.Of("for"))
	}
	switch k {
	case SlowLink:
		c.Extra = between(key.Of("extra"), 5*time.Millisecond, 400*time.Millisecond)
	case SlowDisk:
		c.Extra = between(key.Of("extra"), 10*time.Millisecond, time.Second)
	case SlowCPU:
		c.Extra = between(key.Of("extra"), time.Millisecond, 40*time.Millisecond)
	case ClockRate:
		c.Percent = percent(key.Of("percent"))
	case ClockStep, ClockJump:
		c.Shift = shift(key.Of("shift"))
	case Stall:
		c.Stage = m.Stages[key.Of("stage").Below(uint64(len(m.Stages)))]
	}
	return c
}

// moment is how long after an operation begins most of what it sets off is over.
const moment = 30 * time.Millisecond

func (m Menu) at(key rng.Key) clock.Span {
	if len(m.Marks) > 0 && key.Of("near").Chance(1, 2) {
		t := time.Duration(m.Marks[key.Of("mark").Below(uint64(len(m.Marks)))])
		if t >= m.From && t+moment < m.Until {
			return between(key, t, t+moment)
		}
	}
	return between(key, m.From, m.Until)
}

// between draws a span in whole milliseconds: plans are read by people.
func between(key rng.Key, lo, hi time.Duration) clock.Span {
	return clock.Span(time.Duration(key.Between(lo.Milliseconds(), hi.Milliseconds())) * time.Millisecond)
}

// length draws times of every order: a third below a fifth of the session timeout, a third
// around the timeout, and a third well above it, where sessions end.
func (m Menu) length(key rng.Key) clock.Span {
	switch key.Of("order").Below(3) {
	case 0:
		return between(key, 20*time.Millisecond, m.Session/5)
	case 1:
		return between(key, m.Session/5, m.Session*6/5)
	}
	return between(key, m.Session*6/5, 2*m.Session)
}

// percent draws rates of clocks: two thirds as bad as quartz gets, and a third worse.
func percent(key rng.Key) int {
	n := 100 - int(key.Between(1, 5))
	if key.Of("worse").Chance(1, 3) {
		n = 100 - int(key.Between(10, 60))
	}
	if key.Of("fast").Chance(1, 2) {
		n = 200 - n
	}
	return n
}

// shift draws mistakes of every order: of a time daemon, of a person, of a time zone.
func shift(key rng.Key) Signed {
	lo, hi := 5*time.Millisecond, 500*time.Millisecond
	switch key.Of("order").Below(3) {
	case 1:
		lo, hi = time.Second, time.Minute
	case 2:
		lo, hi = time.Hour, 24*time.Hour
	}
	s := Signed(between(key, lo, hi))
	if key.Of("back").Chance(1, 2) {
		return -s
	}
	return s
}

// who draws a target. What can happen to servers and clients happens to both alike often;
// among servers, the leader and, where it can, all of them are as likely as each one.
func (m Menu) who(key rng.Key, k Kind) Who {
	i, _ := Describe(k)
	var servers, clients []Who
	for n := 1; i.Can&AServer != 0 && n <= m.Servers; n++ {
		servers = append(servers, Server(n))
	}
	if i.Can&AServer != 0 {
		servers = append(servers, Leader())
	}
	if i.Can&Ensemble != 0 {
		servers = append(servers, Servers())
	}
	for n := 1; i.Can&AClient != 0 && !(m.Guests && i.Can&Own != 0) && n <= m.Clients; n++ {
		clients = append(clients, Client(n))
	}
	if len(servers) == 0 || len(clients) > 0 && key.Of("side").Chance(1, 2) {
		servers = clients
	}
	return servers[key.Below(uint64(len(servers)))]
}
