package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/sim/fault"
)

// A clause that waits for what a server does begins at the Nth time that the one it names
// has done it, in an event of its own at that instant.
func TestAClauseWaitsForWhatServersDo(t *testing.T) {
	type fact struct {
		ms     int
		server int
		history.Fact
	}
	logged := func(ms, server int) fact { return fact{ms, server, history.Fact{Kind: history.Logged}} }
	leads := fact{0, 1, history.Fact{Kind: history.Established}}
	for _, c := range []struct {
		name  string
		waits string
		facts []fact
		fires int // millisecond; 0: never
	}{
		{"any server's", "logged 2", []fact{logged(1100, 1), logged(1200, 2)}, 1200},
		{"not before At", "logged 1", []fact{logged(900, 1), logged(1200, 2)}, 1200},
		{"that server's", "logged of server 2 1", []fact{logged(1100, 1), logged(1200, 2)}, 1200},
		{"the leader's", "logged of leader 1", []fact{leads, logged(1100, 2), logged(1200, 1)}, 1200},
		{"a follower's", "logged of follower 1", []fact{leads, logged(1100, 1), logged(1200, 2)}, 1200},
		{"nobody follows nobody", "logged of follower 1", []fact{logged(1100, 1), logged(1200, 2)}, 0},
		{"too few", "logged 3", []fact{logged(1100, 1), logged(1200, 2)}, 0},
		{"something else", "committed 1", []fact{logged(1100, 1)}, 0},
		{"a new leader", "established 1", []fact{{1300, 2, history.Fact{Kind: history.Established}}}, 1300},
		{"an election", "looking 1", []fact{{1100, 2, history.Fact{Kind: history.Role, Note: "following"}}, {1300, 2, history.Fact{Kind: history.Role, Note: "looking: starts"}}}, 1300},
		{"the end of a session", "expired 1", []fact{{1300, 1, history.Fact{Kind: history.SessionExpired}}}, 1300},
		{"committed, and not applied there", "unapplied of server 2 1", []fact{
			{1100, 1, history.Fact{Kind: history.Applied, Zxid: 5}}, {1100, 2, history.Fact{Kind: history.Applied, Zxid: 5}},
			{1200, 1, history.Fact{Kind: history.Committed, Zxid: 5}}, {1300, 1, history.Fact{Kind: history.Committed, Zxid: 6}}}, 1300},
		{"committed, and applied there", "unapplied of server 1 1", []fact{
			{1100, 1, history.Fact{Kind: history.Restored, Zxid: 7}}, {1300, 1, history.Fact{Kind: history.Committed, Zxid: 7}}}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := setUp(t, 1)
			s.Arm([]fault.Clause{entry(t, "at 1s on "+c.waits+" for 500ms isolate client 1").Clause})
			for _, f := range c.facts {
				require.NoError(t, s.Kernel.Run(clock.Instant(f.ms)*clock.Instant(time.Millisecond)))
				s.World.servers[f.server-1].note(f.Fact)
			}
			require.NoError(t, s.Kernel.Run(3*second))
			on, _ := s.facts(0, history.FaultOn)
			if c.fires == 0 {
				require.Empty(t, on)
				return
			}
			require.Equal(t, []clock.Instant{clock.Instant(c.fires) * clock.Instant(time.Millisecond)}, on)
		})
	}
}

// The worst moment for a server: it has written, and its disk has not synced. Its next
// life finds less than it wrote.
func TestAClauseWaitsForUnsyncedBytes(t *testing.T) {
	lost := 0
	for seed := range uint64(20) {
		s := playSeed(t, seed, "at 1s on unsynced of server 1 3 for 100ms powerloss it")
		stopped, notes := s.facts(1, history.Stopped)
		require.Equal(t, []string{"lost power"}, notes)
		require.Contains(t, s.servers[0].ticks, stopped[0], "the write of a tick is what it was waiting for")
		stopped, _ = s.facts(2, history.Stopped)
		require.Empty(t, stopped)
		if found := s.servers[0].found[1]; found < len(s.servers[0].ticks) {
			lost++
		}
	}
	require.Positive(t, lost)
}

// It is the host that did it: a server, or a client.
func TestItIsWhoDidIt(t *testing.T) {
	s := setUp(t, 1)
	s.Arm([]fault.Clause{entry(t, "at 1s on logged 1 for 500ms pause it").Clause, entry(t, "at 1s on read 1 for 500ms isolate it").Clause})
	require.NoError(t, s.Kernel.Run(second+1))
	s.World.servers[1].note(history.Fact{Kind: history.Logged})
	h := s.Log.Call(second, history.Op{Client: 1, Kind: history.EffectRead})
	s.Log.Return(h, second+1, history.OK, nil)
	require.NoError(t, s.Kernel.Run(2*second))
	require.Zero(t, within(s.servers[1].ticks, second+1, second+second/2))
	require.Positive(t, within(s.servers[0].ticks, second+1, second+second/2))
	require.Greater(t, s.slowest(one), 400*time.Millisecond)
}

// A restart is something that a clause can wait for: a kill that follows a kill.
func TestAClauseWaitsForARestart(t *testing.T) {
	s := play(t, "at 1s for 200ms kill server 2", "at 1s on started of server 2 1 for 200ms kill it")
	started, _ := s.facts(2, history.Started)
	require.Equal(t, []clock.Instant{0, second + clock.Instant(200*time.Millisecond), second + clock.Instant(400*time.Millisecond)}, started)
}

// Nobody is asked about what nobody waits for.
func TestTriggersCostNothingWhereNobodyWaits(t *testing.T) {
	s := play(t, "at 1s for 200ms kill server 2")
	require.Nil(t, s.Log.Watch)
	require.Nil(t, s.waiting.on)
	quiet := &history.Log{}
	w := s.World
	w.Log = quiet
	require.Zero(t, testing.AllocsPerRun(100, func() {
		quiet.Facts = quiet.Facts[:0]
		w.fact(1, history.Fact{Kind: history.Logged})
	}))
}

// BenchmarkFact is what a fact of a server costs where no clause waits, where one waits
// for something else, and where one waits for it.
func BenchmarkFact(b *testing.B) {
	for _, c := range []struct{ name, clause string }{
		{"nobody waits", "at 1s for 1s kill server 1"},
		{"for something else", "at 0s on expired 1 for 1s kill server 1"},
		{"for it", "at 0s on logged of server 2 1 for 1s kill server 1"},
	} {
		b.Run(c.name, func(b *testing.B) {
			clause, err := fault.Parse(c.clause)
			if err != nil {
				b.Fatal(err)
			}
			w := New(Config{})
			w.Arm([]fault.Clause{clause})
			for b.Loop() {
				w.Log.Facts = w.Log.Facts[:0]
				w.fact(1, history.Fact{Kind: history.Logged})
			}
		})
	}
}
