package guest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/sim/guest"
)

type definite struct{}

func (definite) Error() string  { return "refused" }
func (definite) Definite() bool { return true }

// What a program says becomes operations that do not overlap, and begin where the one
// before ended unless the program says when it asked.
func TestMarksBecomeOperations(t *testing.T) {
	var log history.Log
	require.NoError(t, run(t, 1, func(w *world) {
		w.process().Start(func(p *guest.Process) {
			time.Sleep(time.Second)
			p.Acquired(7)
			p.Released()
			time.Sleep(time.Second)
			p.Acquiring("/lock")
			time.Sleep(time.Second)
			p.AcquiredAs("", 8, 0x101)
			p.Releasing()
			time.Sleep(time.Second)
			p.ReleaseFailed(errors.New("connection lost"))
			p.AcquireFailed(definite{})
			p.AcquireFailed(nil)
			p.Phantom("node gone")
			p.Releasing()
			p.Acquired(9)
			p.Acquiring("/other")
		})
		w.until(t, 10*second)
		w.b.Teardown()
		log = w.log
	}))
	require.NoError(t, log.Validate())
	type line struct {
		kind           history.Kind
		lock           string
		status         history.Status
		call, returned int
		token          int64
		reason         string
	}
	var got []line
	for _, op := range log.Ops {
		got = append(got, line{op.Kind, op.Name, op.Status, int(op.CallAt / second), int(op.ReturnAt / second), op.Token, op.Error})
	}
	require.Equal(t, []line{
		{history.Acquire, "lock", history.OK, 0, 1, 7, ""},
		{history.Release, "lock", history.OK, 1, 1, 7, ""},
		{history.Acquire, "/lock", history.OK, 2, 3, 8, ""},
		{history.Release, "/lock", history.Unknown, 3, 4, 8, "connection lost"},
		{history.Acquire, "/lock", history.Fail, 4, 4, 0, "refused"},
		{history.Acquire, "/lock", history.Unknown, 4, 4, 0, "no reason given"},
		{history.Phantom, "/lock", history.OK, 4, 4, 0, "node gone"},
		{history.Release, "/lock", history.Unknown, 4, 4, 8, "the program never said how it ended"},
		{history.Acquire, "/lock", history.OK, 4, 4, 9, ""},
		{history.Acquire, "/other", history.Pending, 4, 0, 0, ""},
	}, got)
	require.EqualValues(t, 0x101, log.Ops[2].Session)
}

func TestAMarkIsHeldWhileItsProcessIsIsolated(t *testing.T) {
	require.NoError(t, run(t, 1, func(w *world) {
		p, free := w.process(), w.process()
		program := func(p *guest.Process) { time.Sleep(2 * time.Second); p.Acquired(1) }
		p.Start(program)
		free.Start(program)
		w.until(t, second)
		heal := w.isolate(p, w.clients[0])
		w.until(t, 5*second)
		require.Len(t, w.ops(history.Acquire), 1)
		heal()
		w.until(t, 6*second)
		ops := w.ops(history.Acquire)
		require.Len(t, ops, 2)
		require.Equal(t, []int{2, 1}, []int{ops[0].Client, ops[1].Client})
		require.Equal(t, 5*second, ops[1].ReturnAt)
	}))
}

func TestNotesAreKeptUpToABound(t *testing.T) {
	require.NoError(t, run(t, 1, func(w *world) {
		w.process().Start(func(p *guest.Process) {
			for i := range 3000 {
				p.Printf("line %d", i)
			}
		})
		w.until(t, second)
		notes := w.ops(history.Note)
		require.Len(t, notes, 2000)
		require.Equal(t, "line 1999", notes[1999].Name)
	}))
}

func TestRunningUntilStopped(t *testing.T) {
	var stopped time.Duration
	require.NoError(t, run(t, 1, func(w *world) {
		p := w.process()
		p.StopAt(3 * second)
		p.Start(func(p *guest.Process) {
			start := time.Now()
			for p.Running() {
				time.Sleep(100 * time.Millisecond)
			}
			stopped = time.Since(start)
		})
		w.until(t, 9*second)
	}))
	require.Equal(t, 3*time.Second, stopped)
}
