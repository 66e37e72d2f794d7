package sim

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/sim/fault"
)

// A paused process misses nothing: it gets everything late, in order, at one instant.
func TestPauseDeliversLateInOrderAtOneInstant(t *testing.T) {
	s := play(t, "at 1s for 1s pause server 1")
	undisturbed := play(t)
	j := s.servers[0]
	require.True(t, slices.IsSorted(j.hears))
	late := within(j.hears, 2*second-1, 2*second+1)
	require.Equal(t, within(undisturbed.servers[0].hears, second, 2*second), late, "everything that came during the pause")
	require.Equal(t, 1, within(j.ticks, 2*second-1, 2*second+1), "its one alarm")
	require.Zero(t, within(j.hears, second, 2*second)+within(j.ticks, second, 2*second))
	var answers []clock.Instant
	for _, c := range s.calls[one] {
		if c.at == 0 {
			continue // sent in the last moment
		}
		answers = append(answers, c.at)
	}
	require.True(t, slices.IsSorted(answers))
	require.Equal(t, len(undisturbed.calls[one]), len(s.calls[one]))
	require.Empty(t, s.breaks[one])
	require.Equal(t, late+1, s.Ledger()[0].Mattered, "what it heard, and its alarm")
}

func TestAKilledProcessIsNotPausedAnyMore(t *testing.T) {
	s := play(t, "at 1s for 1.5s pause server 1", "at 1.2s for 200ms kill server 1")
	require.Greater(t, within(s.servers[0].ticks, second+second/2, 2*second), 3)
	require.Equal(t, 1, s.Ledger()[1].Fired)
}

// kill -9 leaves everything written, synced or not.
func TestKillLosesNothingWritten(t *testing.T) {
	ahead := 0
	for seed := range uint64(20) {
		s := playSeed(t, seed, "at 1010ms for 1s kill server 1")
		j := s.servers[0]
		require.Len(t, j.found, 2)
		require.Equal(t, 10, j.found[1], "ten ticks, a byte each")
		if j.found[1] > syncedBefore(s) {
			ahead++
		}
	}
	require.Positive(t, ahead, "some of it was not synced")
}

// Power loss takes what is not synced, or a part of it, and nothing else.
func TestPowerLossLosesUnsyncedOnly(t *testing.T) {
	lost, kept := 0, 0
	for seed := range uint64(40) {
		s := playSeed(t, seed, "at 1010ms for 1s powerloss server 1")
		j := s.servers[0]
		require.Len(t, j.found, 2)
		require.GreaterOrEqual(t, j.found[1], syncedBefore(s))
		require.LessOrEqual(t, j.found[1], 10)
		if j.found[1] < 10 {
			lost++
		} else {
			kept++
		}
	}
	require.Positive(t, lost, "now and then unsynced data is lost")
	require.Positive(t, kept, "now and then it is kept")
}

// syncedBefore returns how many bytes server 1 had been told are durable when it stopped.
func syncedBefore(s *stage) int {
	done := 0
	at, _ := s.facts(1, history.Stopped)
	for i, tick := range s.servers[0].ticks {
		// The first completion is that of the file's creation.
		if i+1 < len(s.servers[0].syncTook) && tick.Add(s.servers[0].syncTook[i+1]) <= at[0] {
			done++
		}
	}
	return done
}

func TestAProcessThatEndsItselfIsTakenDown(t *testing.T) {
	w := New(Config{})
	p := w.AddServer(func(env Env, now clock.Now) (Server, error) {
		env.Alarm.Set(second)
		return &quitter{env: env}, nil
	})
	require.NoError(t, p.Start())
	require.NoError(t, p.Start(), "it runs already")
	require.NoError(t, w.Kernel.Run(3*second))
	require.False(t, p.Running())
	require.Nil(t, p.Server())
	require.Equal(t, 1, count(w, history.Started))
	require.Equal(t, 1, count(w, history.Stopped))
}

// quitter ends itself at its first alarm.
type quitter struct {
	echo
	env Env
}

func (q *quitter) Wake(clock.Now) {
	q.env.Alarm.Set(2 * second) // nobody hears it
	q.env.Halted("enough")
}

func TestAProcessThatDoesNotBoot(t *testing.T) {
	w := New(Config{})
	p := w.AddServer(func(Env, clock.Now) (Server, error) { return nil, errors.New("the disk is empty") })
	require.EqualError(t, p.Start(), "the disk is empty")
	require.False(t, p.Running())
	require.Zero(t, p.Kill())
	require.Zero(t, p.PowerOff())
	require.Equal(t, 1, count(w, history.Halted))
}

func count(w *World, kind history.FactKind) (n int) {
	for _, f := range w.Log.Facts {
		if f.Kind == kind {
			n++
		}
	}
	return n
}

// The same seed gives the same world, event by event; another seed another one.
func TestWorldsAreDeterministic(t *testing.T) {
	clauses := []string{"at 500ms for 300ms kill server 1", "at 1s for 1s slowlink client 1 by 20ms", "at 2s for 200ms powerloss servers"}
	a, b, c := playSeed(t, 1, clauses...), playSeed(t, 1, clauses...), playSeed(t, 2, clauses...)
	require.Equal(t, a.Kernel.Digest(), b.Kernel.Digest())
	require.Equal(t, a.Log.Facts, b.Log.Facts)
	require.NotEqual(t, a.Kernel.Digest(), c.Kernel.Digest())
}

// Isolating a guest's machine holds its calls too.
func TestHoldIsToldWhenNothingGetsThrough(t *testing.T) {
	var told []bool
	s := setUp(t, 1)
	s.World.clients[0].Hold = func(on bool) { told = append(told, on) }
	for text, want := range map[string][]bool{
		"at 1s for 1s isolate client 1": {true, false},
		"at 1s for 1s cut client 1":     nil,
		"at 1s for 1s oneway client 1":  nil,
	} {
		told = nil
		s.Arm([]fault.Clause{entry(t, text).Clause})
		lift, ok := s.impose(0)
		require.True(t, ok)
		lift()
		require.Equal(t, want, told, text)
	}
}
