package fault

import (
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
)

// Draw draws the clauses of a plan. Each is keyed by its place, so that taking one away
// changes no other.
func Draw(key rng.Key, m Menu) []Clause {
	s := m.swarm(key.Of("swarm"))
	if len(s.kinds) == 0 || m.Max == 0 {
		return nil
	}
	n := 1 + key.Of("count").Below(uint64(m.Max))
	out := make([]Clause, n)
	for i := range out {
		k := key.Int(uint64(i))
		out[i] = s.clause(k, s.kinds[k.Of("kind").Below(uint64(len(s.kinds)))])
	}
	return out
}

func (s swarm) clause(key rng.Key, k Kind) Clause {
	i, _ := Describe(k)
	c := Clause{Kind: k, Who: s.who(key.Of("who"), i), At: s.at(key.Of("at"))}
	s.trigger(key.Of("trigger"), i, &c)
	s.params(key, i, &c)
	return c
}

// trigger lets some clauses wait for an occasion: those against clients that take locks
// mostly, those against servers in half of the plans.
func (s swarm) trigger(key rng.Key, i Info, c *Clause) {
	switch {
	case s.Acquires && c.Who.Kind == "client":
		if key.Chance(3, 4) {
			c.On, c.Nth = OnAcquire, int(key.Of("nth").Between(1, 5))
			if key.Of("read").Chance(1, 2) {
				c.On = OnRead
			}
		}
	case s.waits && key.Chance(1, 3):
		c.At = between(key.Of("at"), s.From, (s.From+s.Until)/2)
		c.On = s.Events[key.Of("event").Below(uint64(len(s.Events)))]
		c.Nth = 1 << key.Of("nth").Below(uint64(1+frequent(c.On)))
		c.Of = choose(key.Of("of"), []Who{{}, {}, Leader(), Follower()})
		if c.On == OnEstablished || c.On == OnExpired || c.On == OnCommitted {
			c.Of = Who{} // only leaders do
		}
		if i.Can&AServer != 0 && key.Of("it").Chance(1, 2) {
			c.Who = It()
		}
	}
}

// frequent is how often an event happens in a run of usual length, as a power of two.
func frequent(event string) int {
	switch event {
	case OnLogged, OnCommitted, OnApplied, OnUnsynced, OnUnapplied:
		return 5
	}
	return 1
}

func choose[T any](key rng.Key, from []T) T { return from[key.Below(uint64(len(from)))] }

// params draws what the kind takes.
func (s swarm) params(key rng.Key, i Info, c *Clause) {
	if i.Takes&Time != 0 {
		c.For = s.length(key.Of("for"))
	}
	if i.Takes&Delay != 0 {
		c.Extra = delay(key.Of("extra"), c.Kind)
	}
	if i.Takes&Percent != 0 {
		c.Percent = percent(key.Of("percent"))
	}
	if i.Takes&Shift != 0 {
		c.Shift = shift(key.Of("shift"))
	}
	if i.Takes&Bandwidth != 0 {
		c.Bandwidth = 100 << key.Of("bandwidth").Below(8)
	}
	if i.Takes&OneStage != 0 {
		c.Stage = choose(key.Of("stage"), s.Stages)
	}
}

// delay draws how much longer something takes.
func delay(key rng.Key, k Kind) clock.Span {
	switch k {
	case SlowDisk:
		return between(key, 10*time.Millisecond, time.Second)
	case SlowCPU:
		return between(key, time.Millisecond, 40*time.Millisecond)
	}
	return between(key, 5*time.Millisecond, 400*time.Millisecond)
}

// moment is how long after an operation begins most of what it sets off is over.
const moment = 30 * time.Millisecond

func (s swarm) at(key rng.Key) clock.Span {
	if len(s.Marks) > 0 && key.Of("near").Chance(1, 2) {
		t := time.Duration(s.Marks[key.Of("mark").Below(uint64(len(s.Marks)))])
		if t >= s.From && t+moment < s.Until {
			return between(key, t, t+moment)
		}
	}
	return between(key, s.From, s.Until)
}

// between draws a span in whole milliseconds: plans are read by people.
func between(key rng.Key, lo, hi time.Duration) clock.Span {
	return clock.Span(time.Duration(key.Between(lo.Milliseconds(), hi.Milliseconds())) * time.Millisecond)
}

// length draws times of every order: a third below a fifth of the session timeout, a third
// around the timeout, and a third well above it, where sessions end. In some plans half of
// them are as long as a limit, or a millisecond more or less.
func (s swarm) length(key rng.Key) clock.Span {
	if limits := append([]time.Duration{s.Session}, s.Limits...); s.limits && key.Of("limit").Chance(1, 2) {
		n := choose(key.Of("which"), limits)
		return between(key, n-time.Millisecond, n+time.Millisecond)
	}
	switch key.Of("order").Below(3) {
	case 0:
		return between(key, 20*time.Millisecond, s.Session/5)
	case 1:
		return between(key, s.Session/5, s.Session*6/5)
	}
	return between(key, s.Session*6/5, 2*s.Session)
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
func (s swarm) who(key rng.Key, i Info) Who {
	servers, clients := s.serverTargets(i), s.clientTargets(i)
	links := i.Can&ALink != 0 && s.Servers+s.Clients > 1 && (s.links || len(servers) == 0 && len(clients) == 0)
	if links && key.Of("link").Chance(1, 2) {
		return s.link(key.Of("ends"))
	}
	if len(servers) == 0 || len(clients) > 0 && key.Of("side").Chance(1, 2) {
		servers = clients
	}
	return choose(key, servers)
}

func (s swarm) serverTargets(i Info) (all []Who) {
	for n := 1; i.Can&AServer != 0 && n <= s.Servers; n++ {
		all = append(all, Server(n))
	}
	if i.Can&AServer != 0 {
		all = append(all, Leader())
	}
	if i.Can&AServer != 0 && s.chance {
		all = append(all, Follower())
	}
	if i.Can&Group != 0 && s.chance {
		all = append(all, Minority(), Majority())
	}
	if i.Can&Ensemble != 0 {
		all = append(all, Servers())
	}
	return all
}

func (s swarm) clientTargets(i Info) (all []Who) {
	for n := 1; i.Can&AClient != 0 && !(s.Guests && i.Can&Own != 0) && n <= s.Clients; n++ {
		all = append(all, Client(n))
	}
	return all
}

// link draws a link between two servers, or between a client and a server.
func (s swarm) link(key rng.Key) Who {
	a := End{"server", int(key.Of("server").Between(1, int64(s.Servers)))}
	if key.Of("leader").Chance(1, 4) {
		a = End{Kind: "leader"}
	}
	b := End{"server", 1 + a.Index%s.Servers}
	if a.Kind == "leader" {
		b = End{Kind: "follower"}
	}
	if s.Clients > 0 && (s.Servers == 1 || key.Of("client").Chance(1, 2)) {
		b = End{"client", int(key.Of("which").Between(1, int64(s.Clients)))}
	}
	if key.Of("turned").Chance(1, 2) {
		a, b = b, a
	}
	return Who{Kind: "link", Link: Link{A: a, B: b, OneWay: key.Of("one way").Chance(1, 2)}}
}
