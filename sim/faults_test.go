package sim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/sim/fault"
)

const one, two, other = net.Addr("10.0.0.1:7"), net.Addr("10.0.0.2:7"), net.Addr("10.0.2.1:7")

// quick is longer than any undisturbed call.
const quick = 10 * time.Millisecond

// effects is, for every kind of fault, a clause and what must come of it.
var effects = []struct {
	clause string
	shows  func(s *stage) bool
}{
	{"at 1s for 1s kill server 1", func(s *stage) bool {
		stopped, notes := s.facts(1, history.Stopped)
		return len(stopped) == 1 && notes[0] == "killed" && within(s.breaks[one], second, second+clock.Instant(quick)) == 1
	}},
	{"at 1s restart server 1", func(s *stage) bool {
		started, _ := s.facts(1, history.Started)
		return slices.Equal(started, []clock.Instant{0, second}) && within(s.breaks[one], second, second+clock.Instant(quick)) == 1 && within(s.servers[0].ticks, second, 2*second) > 8
	}},
	{"at 1s for 1s powerloss server 1", func(s *stage) bool {
		stopped, notes := s.facts(1, history.Stopped)
		return len(stopped) == 1 && notes[0] == "lost power" && within(s.breaks[one], second, 2*second) == 0 && within(s.breaks[one], 2*second, 3*second) == 1
	}},
	{"at 1s for 1s pause server 1", func(s *stage) bool {
		return within(s.servers[0].ticks, second, 2*second) == 0 && within(s.servers[0].hears, 2*second-1, 2*second+1) > 10
	}},
	{"at 1s for 1s isolate server 1", func(s *stage) bool {
		return s.slowest(one) > 900*time.Millisecond && within(s.servers[0].hears, second, 2*second) == 0
	}},
	{"at 1s for 1s cut client 1", func(s *stage) bool {
		return s.slowest(one) > 900*time.Millisecond && s.slowest(two) > 900*time.Millisecond && s.slowest(other) < quick
	}},
	{"at 1s for 1s oneway server 1", func(s *stage) bool {
		return s.slowest(one) > 900*time.Millisecond && within(s.servers[0].hears, second, 2*second) > 10
	}},
	{"at 1s for 1s slowlink server 1 by 30ms", func(s *stage) bool {
		return s.slowest(one) >= 60*time.Millisecond && s.slowest(one) < 60*time.Millisecond+quick
	}},
	{"at 1s for 1s throttle server 1 to 20B/s", func(s *stage) bool { // a call has 8 bytes, and there are 20 a second
		return s.slowest(one) > 500*time.Millisecond && within(s.servers[0].hears, second+second/2, 2*second) < 8
	}},
	{"at 1s halfopen server 1", func(s *stage) bool {
		calls := s.calls[one]
		return len(s.breaks[one]) == 0 && len(s.servers[0].breaks) == 0 && within(s.servers[0].hears, second+1, 3*second) == 0 && calls[len(calls)-1].at == 0
	}},
	{"at 1s reset server 1", func(s *stage) bool {
		return slices.Equal(s.breaks[one], []clock.Instant{second}) && slices.Equal(s.servers[0].breaks, []clock.Instant{second})
	}},
	{"at 1s for 1s slowdisk server 1 by 200ms", func(s *stage) bool {
		return slices.Max(s.servers[0].syncTook) > 230*time.Millisecond
	}},
	{"at 1s for 1s slowcpu server 1 by 15ms", func(s *stage) bool {
		return s.slowest(one) >= 15*time.Millisecond && s.slowest(one) < 60*time.Millisecond && within(s.servers[0].ticks, second, 2*second) >= 8
	}},
	{"at 1s for 1s clockrate server 1 to 200%", func(s *stage) bool {
		return within(s.servers[0].rings, second, 2*second) >= 19
	}},
	{"at 1s for 1s clockfreeze server 1", func(s *stage) bool {
		j := s.servers[0]
		return within(j.rings, second, 2*second) == 0 && within(j.rings, 2*second, 3*second) >= 9 && j.ticks[len(j.ticks)-1] <= 2*second
	}},
	{"at 1s for 1s clockstep server 1 by -1.5s", func(s *stage) bool {
		j := s.servers[0]
		return j.calendar[5] == 0 && j.calendar[15] == -1500*time.Millisecond && j.calendar[28] > -1450*time.Millisecond && j.calendar[28] < -1400*time.Millisecond
	}},
	{"at 1s clockjump server 1 by 1h0m0s", func(s *stage) bool {
		j := s.servers[0]
		return j.calendar[5] == 0 && j.calendar[15] == time.Hour && j.calendar[28] == time.Hour
	}},
	{"at 1s for 1s kill client 1", func(s *stage) bool {
		stopped, notes := s.facts(0, history.ClientStopped)
		return len(stopped) == 1 && notes[0] == "killed" && s.silent() && within(s.servers[0].breaks, second, second+clock.Instant(quick)) == 1
	}},
	{"at 1s for 1s powerloss client 1", func(s *stage) bool {
		stopped, notes := s.facts(0, history.ClientStopped)
		return len(stopped) == 1 && notes[0] == "lost power" && s.silent() && within(s.servers[0].breaks, second, 2*second) == 0
	}},
	{"at 1s for 1s pause client 1", func(s *stage) bool {
		stopped, _ := s.facts(0, history.ClientStopped)
		return len(stopped) == 0 && s.silent()
	}},
	{"at 1s for 1s failsync server 1", func(s *stage) bool { return within(s.servers[0].failed, second, 2*second) > 5 }},
	{"at 1s for 1s failwrite server 1", func(s *stage) bool { return within(s.servers[0].failed, second, 2*second) > 5 }},
	{"at 1s for 1s fill server 1", func(s *stage) bool { return within(s.servers[0].failed, second, 2*second) > 5 }},
	{"at 1s for 1s wipe server 1", func(s *stage) bool {
		started, _ := s.facts(1, history.Started)
		return slices.Equal(started, []clock.Instant{0, 2 * second}) && s.servers[0].found[1] == 0 && len(s.servers[0].ticks) > 10
	}},
	{"at 1s for 1s rot server 1", func(s *stage) bool {
		started, _ := s.facts(1, history.Started)
		return slices.Equal(started, []clock.Instant{0, 2 * second}) && s.servers[0].found[1] >= 9 && s.servers[0].spoilt > 0
	}},
	{"at 1s for 1s stall server 1 stage echo", func(s *stage) bool {
		return s.slowest(one) > 900*time.Millisecond && within(s.servers[0].ticks, second, 2*second) >= 9
	}},
}

func TestEveryFaultDoesWhatItSays(t *testing.T) {
	covered := map[fault.Kind]bool{}
	for _, e := range effects {
		t.Run(e.clause, func(t *testing.T) {
			s := playBeyond(t, e.clause)
			require.True(t, e.shows(s))
			c := s.Ledger().Counts()[0]
			require.Equal(t, 1, c.Fired)
			require.Positive(t, c.Mattered)
			on, notes := s.facts(0, history.FaultOn)
			require.Equal(t, []clock.Instant{second}, on)
			require.Equal(t, []string{e.clause}, notes)
			off, _ := s.facts(0, history.FaultOff)
			require.Len(t, off, 1)
			covered[s.Ledger()[0].Clause.Kind] = true
		})
	}
	for _, shape := range shapes {
		covered[entry(t, shape.clause).Clause.Kind] = true // see TestPartitionsHaveTheirShape
	}
	covered[fault.Scatter] = true // see TestScatterCutsAThird
	covered[fault.Refuse] = true  // see TestAHostRefusesWhoeverDials
	for _, i := range fault.Kinds() {
		require.True(t, covered[i.Kind], "%s has no test", i.Kind)
	}
}

func TestNothingHappensWithoutFaults(t *testing.T) {
	s := play(t)
	for _, e := range effects {
		require.False(t, e.shows(s), e.clause)
	}
	for _, a := range everyone {
		require.Empty(t, s.breaks[a])
		require.Less(t, s.slowest(a), quick)
		require.Greater(t, len(s.calls[a]), 50)
	}
	require.Empty(t, s.Ledger().Counts())
	on, _ := s.facts(0, history.FaultOn)
	require.Empty(t, on)
}

// A fault happens to whom it names, and to nobody else.
func TestFaultsLeaveOthersAlone(t *testing.T) {
	for _, e := range effects {
		if strings.HasSuffix(e.clause, "client 1") {
			continue // both servers notice
		}
		s := playBeyond(t, e.clause)
		require.Empty(t, s.breaks[two], e.clause)
		require.Less(t, s.slowest(two), quick, e.clause)
		require.Len(t, s.servers[1].ticks, len(play(t).servers[1].ticks), e.clause)
		stopped, _ := s.facts(2, history.Stopped)
		require.Empty(t, stopped, e.clause)
	}
}

// After a fault everything is as before it.
func TestFaultsEnd(t *testing.T) {
	for _, e := range effects {
		if e.clause == "at 1s halfopen server 1" {
			continue // the caller waits for its answer much longer than this
		}
		s := playBeyond(t, e.clause)
		for _, a := range everyone {
			answered := 0
			for _, c := range s.calls[a] {
				if c.sent > 2*second+clock.Instant(2*every) && c.at != 0 && c.at.Sub(c.sent) < quick {
					answered++
				}
			}
			require.Greater(t, answered, 10, "%s: %s", e.clause, a)
		}
	}
}

// Whoever dials is refused, and connections that there are live on.
func TestAHostRefusesWhoeverDials(t *testing.T) {
	s := play(t, "at 1s for 1s refuse server 1")
	require.Empty(t, s.breaks[one])
	require.Less(t, s.slowest(one), quick)
	require.Zero(t, s.Ledger()[0].Mattered)

	s = play(t, "at 1s for 1s refuse server 1", "at 1.2s reset server 1")
	require.Greater(t, within(s.breaks[one], second, 2*second), 10, "every 50ms")
	require.Zero(t, within(s.servers[0].hears, second+second/4, 2*second))
	require.Greater(t, within(s.servers[0].hears, 2*second, 3*second), 10)
	require.Empty(t, s.breaks[two])
	require.Greater(t, s.Ledger()[0].Mattered, 10)

	s = play(t, "at 1.2s reset server 1")
	require.Len(t, s.breaks[one], 1, "without it the next dial is answered")
}

func TestFaultsThatFindNobodyDoNotFire(t *testing.T) {
	for _, c := range []struct {
		name    string
		clauses []string
	}{
		{"nobody leads", []string{"at 1s for 1s isolate leader"}},
		{"no such server", []string{"at 1s for 1s isolate server 3"}},
		{"no such stage", []string{"at 1s for 1s stall server 1 stage sing"}},
		{"it is down", []string{"at 1s for 1s kill server 1", "at 1.5s for 1s kill server 1"}},
		{"it is down, and cannot pause", []string{"at 1s for 1s kill server 1", "at 1.5s for 1s pause server 1"}},
		{"it is down, and has no stages", []string{"at 1s for 1s kill server 1", "at 1.5s for 1s stall server 1 stage echo"}},
		{"it is paused already", []string{"at 1s for 1s pause server 1", "at 1.5s for 1s pause server 1"}},
		{"it is down, and has a second life to come", []string{"at 1s for 1s kill client 1", "at 1.5s for 1s powerloss client 1"}},
		{"it has no connection", []string{"at 1s for 1s powerloss server 1", "at 1.5s reset server 1"}},
		{"time was up", []string{"at 1h0m0s for 1s kill server 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := play(t, c.clauses...)
			last := s.Ledger()[len(c.clauses)-1]
			require.Zero(t, last.Fired)
			require.Zero(t, last.Mattered)
			on, _ := s.facts(0, history.FaultOn)
			require.Len(t, on, len(c.clauses)-1)
		})
	}
}

// What needs a process of ours finds none on the machine of a guest.
func TestAGuestsMachineHasNoProcessOfOurs(t *testing.T) {
	for _, i := range fault.Kinds() {
		if i.Can&fault.Own == 0 {
			continue
		}
		s := setUp(t, 1)
		s.AddClient() // client 2
		c := fault.Clause{Kind: i.Kind, Who: fault.Client(2)}
		for _, p := range []struct {
			param fault.Params
			set   func()
		}{
			{fault.Time, func() { c.For = clock.Span(second) }}, {fault.Delay, func() { c.Extra = 1 }},
			{fault.Shift, func() { c.Shift = 1 }}, {fault.Percent, func() { c.Percent = 50 }},
		} {
			if i.Takes&p.param != 0 {
				p.set()
			}
		}
		require.NoError(t, c.Validate())
		require.True(t, c.NeedsOwnClient())
		s.Arm([]fault.Clause{c})
		require.NoError(t, s.Kernel.Run(second))
		require.Zero(t, s.Ledger()[0].Fired, i.Kind)
	}
}

// A client has as many lives as a server; each is in the evidence.
func TestAClientThatIsKilledHasASecondLife(t *testing.T) {
	s := play(t, "at 1s for 500ms kill client 1", "at 2s restart client 1")
	started, _ := s.facts(0, history.ClientStarted)
	stopped, _ := s.facts(0, history.ClientStopped)
	require.Equal(t, []clock.Instant{0, second + second/2, 2 * second}, started)
	require.Equal(t, []clock.Instant{second, 2 * second}, stopped)
	for _, f := range s.Log.Facts {
		if f.Kind == history.ClientStarted || f.Kind == history.ClientStopped {
			require.Equal(t, 1, f.Client)
		}
	}
	require.NoError(t, s.Log.Validate())
}

// Faults of one machine's clock and processor lift independently.
func TestClockFaultsOverlap(t *testing.T) {
	s := play(t, "at 1s for 1s clockrate server 1 to 200%", "at 1.2s for 400ms clockfreeze server 1", "at 1.4s for 1s slowcpu server 1 by 5ms", "at 1.5s clockjump server 1 by -1m0s")
	j := s.servers[0]
	require.Equal(t, 3, within(j.rings, second, second+second/5), "twice as fast")
	require.Zero(t, within(j.rings, 1200*clock.Instant(time.Millisecond)+1, 1600*clock.Instant(time.Millisecond)), "frozen")
	require.InDelta(t, 8, within(j.rings, 1600*clock.Instant(time.Millisecond), 2*second), 1, "fast again")
	require.InDelta(t, 10, within(j.rings, 2*second, 3*second), 1)
	require.Equal(t, -time.Minute, j.calendar[len(j.calendar)-1])
	for _, e := range s.Ledger() {
		require.Positive(t, e.Mattered, e.Clause)
	}
}

// Healing ends what is wrong with a clock, except what time it shows.
func TestHealingClocks(t *testing.T) {
	s := setUp(t, 1)
	s.Arm([]fault.Clause{entry(t, "at 1s for 1h0m0s clockfreeze servers").Clause, entry(t, "at 1s for 1h0m0s slowcpu servers by 1s").Clause, entry(t, "at 1s for 1h0m0s kill client 1").Clause})
	require.NoError(t, s.Kernel.Run(2*second))
	s.Heal()
	require.NoError(t, s.Kernel.Run(4*second))
	for _, j := range s.servers[:2] {
		require.Zero(t, within(j.rings, second, 2*second))
		require.InDelta(t, 20, within(j.rings, 2*second-1, 4*second), 1)
		require.Greater(t, within(j.hears, second, 4*second), 10)
	}
	started, _ := s.facts(0, history.ClientStarted)
	require.Equal(t, []clock.Instant{0, 2 * second}, started)
}

func TestTheLeaderIsFoundWhenTheClauseFires(t *testing.T) {
	s := setUp(t, 1)
	c, err := fault.Parse("at 1s for 1s kill leader")
	require.NoError(t, err)
	s.Arm([]fault.Clause{c})
	require.Zero(t, s.Leader())
	s.World.servers[0].note(history.Fact{Kind: history.Established})
	s.World.servers[1].note(history.Fact{Kind: history.Established})
	require.Equal(t, 2, s.Leader())
	require.NoError(t, s.Kernel.Run(3*second))
	stopped, _ := s.facts(2, history.Stopped)
	require.Len(t, stopped, 1)
	stopped, _ = s.facts(1, history.Stopped)
	require.Empty(t, stopped)
}

func TestOneClauseCanHitAllServers(t *testing.T) {
	s := play(t, "at 1s for 1s powerloss servers")
	for _, server := range []int{1, 2} {
		stopped, _ := s.facts(server, history.Stopped)
		require.Equal(t, []clock.Instant{second}, stopped)
		started, _ := s.facts(server, history.Started)
		require.Equal(t, []clock.Instant{0, 2 * second}, started)
	}
	require.Equal(t, 1, s.Ledger()[0].Fired)
}

// Two faults on one link lift independently.
func TestFaultsOverlap(t *testing.T) {
	s := play(t, "at 1s for 1s isolate server 1", "at 1.5s for 1s isolate client 1")
	require.Greater(t, s.slowest(one), 1400*time.Millisecond)
	require.Greater(t, s.slowest(two), 900*time.Millisecond)
	require.Less(t, s.slowest(two), 1100*time.Millisecond)
	for _, e := range s.Ledger() {
		require.Positive(t, e.Mattered)
	}
}

func TestHealEndsWhatIsOnAndBringsBackWhatIsDown(t *testing.T) {
	s := setUp(t, 1)
	var clauses []fault.Clause
	for _, text := range []string{"at 1s for 1h0m0s kill server 1", "at 1s for 1h0m0s isolate server 2"} {
		c, err := fault.Parse(text)
		require.NoError(t, err)
		clauses = append(clauses, c)
	}
	s.Arm(clauses)
	require.NoError(t, s.Kernel.Run(2*second))
	require.False(t, s.World.servers[0].Running())
	s.Heal()
	require.True(t, s.World.servers[0].Running())
	require.NoError(t, s.Kernel.Run(3*second))
	require.Greater(t, within(s.servers[0].hears, 2*second, 3*second), 10)
	require.Greater(t, within(s.servers[1].hears, 2*second, 3*second), 10)
	healed, _ := s.facts(0, history.Healed)
	require.Equal(t, []clock.Instant{2 * second}, healed)
	require.NoError(t, s.Kernel.Run(2*3600*second))
	off, _ := s.facts(0, history.FaultOff)
	require.Len(t, off, 2, "and each fault ends once")
}

// A triggered clause waits for its client's Nth success after At, and begins in an event
// of its own at that instant.
func TestTriggeredClauseWaitsForTheNthSuccess(t *testing.T) {
	for _, c := range []struct {
		name   string
		on     string
		client int
		status history.Status
		kind   history.Kind
		times  []time.Duration
		fires  clock.Instant // 0: never
	}{
		{"the second after At", "acquire", 1, history.OK, history.Acquire, []time.Duration{100, 1100, 1200, 1300}, second + clock.Instant(200*time.Millisecond)},
		{"only one after At", "acquire", 1, history.OK, history.Acquire, []time.Duration{100, 200, 1100}, 0},
		{"somebody else's", "acquire", 2, history.OK, history.Acquire, []time.Duration{1100, 1200}, 0},
		{"failures", "acquire", 1, history.Fail, history.Acquire, []time.Duration{1100, 1200}, 0},
		{"releases", "acquire", 1, history.OK, history.Release, []time.Duration{1100, 1200}, 0},
		{"the second read", "read", 1, history.OK, history.EffectRead, []time.Duration{1100, 1200}, second + clock.Instant(200*time.Millisecond)},
		{"an acquire where a read is waited for", "read", 1, history.OK, history.Acquire, []time.Duration{1100, 1200}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := setUp(t, 1)
			s.Arm([]fault.Clause{entry(t, "at 1s on "+c.on+" 2 for 500ms isolate client 1").Clause})
			for _, ms := range c.times {
				at := clock.Instant(ms * time.Millisecond)
				require.NoError(t, s.Kernel.Run(at))
				h := s.Log.Call(at, history.Op{Client: c.client, Kind: c.kind})
				s.Log.Return(h, at, c.status, nil)
			}
			require.NoError(t, s.Kernel.Run(3*second))
			on, _ := s.facts(0, history.FaultOn)
			if c.fires == 0 {
				require.Empty(t, on)
				require.Zero(t, s.Ledger()[0].Fired)
				return
			}
			require.Equal(t, []clock.Instant{c.fires}, on)
			require.Equal(t, 1, s.Ledger()[0].Fired)
			require.Positive(t, s.Ledger()[0].Mattered)
		})
	}
}

func TestNothingBeginsAfterHealing(t *testing.T) {
	s := setUp(t, 1)
	s.Arm([]fault.Clause{entry(t, "at 2s for 1s kill server 1").Clause, entry(t, "at 0s on acquire 1 for 1s isolate client 1").Clause})
	require.NoError(t, s.Kernel.Run(second))
	s.Heal()
	h := s.Log.Call(second, history.Op{Client: 1, Kind: history.Acquire})
	s.Log.Return(h, second, history.OK, nil)
	require.NoError(t, s.Kernel.Run(3*second))
	on, _ := s.facts(0, history.FaultOn)
	require.Empty(t, on)
}
