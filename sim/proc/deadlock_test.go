package proc_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
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
	b.Spawn("main", func() { proc.NewCall[int](b, "create /lock").Wait(background) })
	b.Spawn("slow", func() { b.Sleep(background, 2*time.Second) })
	s.at(1500*second/1000, b.Pause)

	require.NoError(t, proc.Deadlock(s.k, s.Runtime, b), "there are events")
	require.NoError(t, s.k.Run(second))
	require.NoError(t, proc.Deadlock(s.k, s.Runtime, b), "there still are")
	require.NoError(t, s.k.Run(60*second))
	err := proc.Deadlock(s.k, s.Runtime, b)
	require.EqualError(t, err, lines("deadlock at 2.000000s: the queue is empty, and yet",
		"  A/watcher waits for signal lost, since 0.000000s",
		"  A/main waits for task sleeper, since 1.000000s",
		"  A/sleeper waits for sleep until never, since 1.000000s",
		"  B/main (paused) waits for call create /lock, since 0.000000s",
		"  B/slow (paused) waits for sleep until 2.000000s, since 0.000000s"))
	var d *proc.DeadlockError
	require.ErrorAs(t, err, &d)
	require.Equal(t, proc.Waiting{Program: "A", Task: "main", For: "task sleeper", Since: second}, d.Waiting[1])

	require.NoError(t, s.Close())
	require.NoError(t, b.Close())
	require.NoError(t, proc.Deadlock(s.k, s.Runtime, b), "nobody waits any more")
}

func TestNobodyWaits(t *testing.T) {
	s := tell(t)
	require.NoError(t, proc.Deadlock(s.k, s.Runtime), "an empty world")
	s.Spawn("main", func() {})
	require.Equal(t, []proc.Waiting{{Program: "A", Task: "main", For: "start"}}, s.Waiting())
	s.run()
	require.NoError(t, proc.Deadlock(s.k, s.Runtime))
}
