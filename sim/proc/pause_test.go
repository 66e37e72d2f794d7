package proc_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/client"
)

// pausing is a program of three that sleep, one that waits for a signal, and one that
// waits under a timeout; from 2 s to 5 s it is paused.
func pausing(t *testing.T, pause bool) string {
	s := tell(t)
	lost := s.NewSignal("lost")
	for i, d := range []time.Duration{4, 1, 3, 6} {
		name := string(rune('a' + i))
		s.Spawn(name, func() { s.sleep(name, background, d*time.Second) })
	}
	s.Spawn("waits", func() { s.say("waits %s", word(lost.Wait(background))); s.sleep("waits", background, time.Second) })
	s.Spawn("timed", func() {
		ctx, cancel := s.WithTimeout(background, 4500*time.Millisecond)
		defer cancel()
		s.sleep("timed", ctx, 3200*time.Millisecond)
		s.sleep("timed", ctx, time.Second)
	})
	s.at(3500*second/1000, lost.Fire)
	s.at(5*second, func() {})
	if pause {
		s.at(2*second, s.Pause)
		s.at(5*second, func() {
			require.True(t, s.Paused())
			require.Equal(t, 4, s.Resume())
			require.False(t, s.Paused())
			require.Zero(t, s.Resume(), "it is over")
		})
	}
	return s.run()
}

func TestPause(t *testing.T) {
	require.Equal(t, lines("1 b ok", "3 c ok", "3.2 timed ok", "3.5 waits ok", "4 a ok", "4.2 timed ok", "4.5 waits ok", "6 d ok"), pausing(t, false))
	require.Equal(t, lines("1 b ok", "5 c ok", "5 timed ok", "5 timed too late", "5 waits ok", "5 a ok", "6 d ok", "6 waits ok"), pausing(t, true),
		"late, in order, in one instant")
}

func TestAPauseThatHoldsNothingBack(t *testing.T) {
	s := tell(t)
	s.Spawn("a", func() { s.sleep("a", background, 10*time.Second) })
	s.at(2*second, s.Pause)
	s.at(5*second, func() { require.Zero(t, s.Resume()) })
	require.Equal(t, "10 a ok", s.run())
}

func TestAPausedProgramIsKilled(t *testing.T) {
	s := tell(t)
	s.Spawn("a", func() { s.sleep("a", background, 3*time.Second) })
	s.at(2*second, s.Pause)
	s.at(4*second, s.Kill)
	s.at(5*second, func() { s.Pause(); require.False(t, s.Paused(), "the dead do not pause"); s.Resume() })
	require.Equal(t, "4 a stopped", s.run())
}

// Alarms that were set for an earlier wait do not spoil the order, and what comes first
// settles a wait, paused or not.
func TestTheOrderOfWhatWasHeldBack(t *testing.T) {
	s := tell(t)
	ready, lost := s.NewSignal("ready"), s.NewSignal("lost")
	s.Spawn("a", func() {
		ready.WaitUntil(background, 3*second)
		s.sleep("a", background, 5*time.Second)
	})
	s.Spawn("b", func() { s.sleep("b", background, 4*time.Second) })
	s.Spawn("c", func() {
		ctx, cancel := s.WithTimeout(background, 5*time.Second)
		defer cancel()
		s.say("c %s, fired %v", word(lost.Wait(ctx)), lost.Fired())
	})
	s.at(second, ready.Fire)
	s.at(2*second, s.Pause)
	s.at(7*second, lost.Fire)
	s.at(10*second, func() { require.Equal(t, 3, s.Resume()) })
	require.Equal(t, lines("10 b ok", "10 c too late, fired true", "10 a ok"), s.run())
}

// What a late task cancels is cancelled late.
func TestACancelWhileCatchingUp(t *testing.T) {
	s := tell(t)
	ctx, cancel := context.WithCancel(background)
	s.Spawn("a", func() { s.Sleep(background, 2*time.Second); cancel() })
	s.Spawn("b", func() { s.sleep("b", ctx, 3*time.Second) })
	s.Spawn("c", func() { s.sleep("c", ctx, time.Minute) })
	s.at(second, s.Pause)
	s.at(4*second, func() { s.Resume() })
	require.Equal(t, lines("4 b ok", "4 c canceled"), s.run())
}

// What panics while it catches up ends the program, and the rest of the catching up.
func TestAPanicOnResume(t *testing.T) {
	s := tell(t)
	s.Spawn("a", func() { s.Sleep(background, time.Second); panicHere("boom") })
	s.Spawn("b", func() { s.sleep("b", background, 2*time.Second) })
	s.at(0, s.Pause)
	s.at(3*second, func() { s.Resume() })
	require.NoError(t, s.k.Run(60*second))
	require.Equal(t, []string{"3 b stopped"}, s.lines)
	var p *client.PanicError
	require.ErrorAs(t, s.Close(), &p)
	require.Equal(t, "boom", p.Value)
}
