package proc_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/sim/kernel"
	"github.com/zoobreak/zoobreak/sim/proc"
)

func TestDeadlock(t *testing.T) {
	s := tell(t)
	b := proc.New(s.k, proc.Config{Name: "B"})
	lost := s.NewSignal("lost")
	s.Spawn("watcher", func() { lost.Wait(background) })
	s.Spawn("main", func() {
		s.Sleep(background, time.Second)
		sleeper := s.Spawn("sleeper", func() { s.Sleep(background, time.Duration(clock.Never)) })
		sleeper.Wait(background)
	})
	s.Spawn("ended", func() {})
	b.Spawn("main", func() { client.NewCall[int](b, "create /lock").Wait(background) })
	b.Spawn("slow", func() { b.Sleep(background, 2*time.Second) })
	s.at(1500*second/1000, b.Pause)

	require.NoError(t, s.k.Deadlock(), "there are events")
	s.k.StopOnDeadlock()
	require.NoError(t, s.k.Run(second))
	require.NoError(t, s.k.Deadlock(), "there still are")
	err := s.k.Run(60 * second)
	require.EqualError(t, err, lines("deadlock at 2.000000s: the queue is empty, and yet",
		"  A/watcher waits for signal lost, since 0.000000s",
		"  A/main waits for task sleeper, since 1.000000s",
		"  A/sleeper waits for sleep until never, since 1.000000s",
		"  B/main (paused) waits for signal create /lock, since 0.000000s",
		"  B/slow (paused) waits for sleep until 2.000000s, since 0.000000s"))
	require.Equal(t, err, s.k.Deadlock())
	require.Equal(t, 2*second, s.k.Now(), "no time passes in which nothing can happen")

	require.NoError(t, s.Close())
	require.NoError(t, b.Close())
	require.NoError(t, s.k.Deadlock(), "nobody waits any more")
	require.NoError(t, s.k.Run(60*second))
}

func TestNobodyWaits(t *testing.T) {
	s := tell(t)
	require.NoError(t, s.k.Deadlock(), "an empty world")
	s.Spawn("main", func() {})
	require.Equal(t, []kernel.Wait{{Who: "A/main", For: "start"}}, s.Waiting())
	s.run()
	require.NoError(t, s.k.Deadlock())
}
