package guest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/sim/guest"
)

func TestCountersAreSharedByAllProcesses(t *testing.T) {
	var seen int64
	require.NoError(t, run(t, 1, func(w *world) {
		w.process().Start(func(p *guest.Process) {
			n := p.Counter("db").Read()
			p.Counter("db").Write(n + 5)
		})
		w.process().Start(func(p *guest.Process) {
			time.Sleep(time.Second)
			seen = p.Counter("db").Read()
		})
		w.until(t, 2*second)
		require.NoError(t, w.log.Validate())
		ops := w.ops(history.EffectRead, history.EffectWrite)
		require.Len(t, ops, 3)
		require.Equal(t, history.EffectWrite, ops[1].Kind)
		require.EqualValues(t, 5, ops[1].Value)
		require.EqualValues(t, 1, ops[1].Version)
		require.EqualValues(t, 1, ops[2].Version)
	}))
	require.EqualValues(t, 5, seen)
}

func TestAFencedCounterRefusesAStaleToken(t *testing.T) {
	var stale, fresh error
	require.NoError(t, run(t, 1, func(w *world) {
		w.process().Start(func(p *guest.Process) {
			fresh = p.FencedCounter("db", 2).Write(1)
			stale = p.FencedCounter("db", 1).Write(2)
		})
		w.until(t, 2*second)
		ops := w.ops(history.EffectWrite)
		require.Equal(t, []history.Status{history.OK, history.Fail}, []history.Status{ops[0].Status, ops[1].Status})
		require.True(t, ops[1].Fenced)
		require.Zero(t, ops[1].Version)
	}))
	require.NoError(t, fresh)
	require.ErrorIs(t, stale, guest.ErrStaleToken)
}

// The connection breaks every 3 ms, in whatever state; each write still takes effect once.
func TestAWriteTakesEffectOnceHoweverOftenItIsRepeated(t *testing.T) {
	require.NoError(t, run(t, 1, func(w *world) {
		w.process().Start(func(p *guest.Process) {
			for i := range 50 {
				p.Counter("db").Write(int64(i))
			}
		})
		broken := 0
		for at := second / 500; at < 20*second; at += second / 300 {
			w.until(t, at)
			broken += w.net.Reset(w.clients[0], w.resource)
		}
		w.until(t, 30*second)
		require.Greater(t, broken, 20)
		ops := w.ops(history.EffectWrite)
		require.Len(t, ops, 50)
		for i, op := range ops {
			require.EqualValues(t, i+1, op.Version)
			require.Equal(t, history.OK, op.Status)
		}
	}))
}

// A write whose answer cannot get back has happened all the same, and the history says so.
func TestAnUnansweredWriteHasItsVersion(t *testing.T) {
	require.NoError(t, run(t, 1, func(w *world) {
		p := w.process()
		p.Start(func(p *guest.Process) {
			p.Counter("db").Read()
			time.Sleep(time.Second)
			p.Counter("db").Write(1)
		})
		w.until(t, second/2)
		var mattered int
		w.net.Block(w.resource, w.clients[0], &mattered)
		w.until(t, 5*second)
		op := w.ops(history.EffectWrite)[0]
		require.Equal(t, history.Pending, op.Status)
		require.EqualValues(t, 1, op.Version)
		require.Equal(t, 1, mattered)
	}))
}

func TestAnIsolatedProcessWaitsForItsCounter(t *testing.T) {
	var after time.Duration
	require.NoError(t, run(t, 1, func(w *world) {
		p := w.process()
		heal := w.isolate(p, w.clients[0])
		p.Start(func(p *guest.Process) {
			start := time.Now()
			p.Counter("db").Write(1)
			after = time.Since(start)
		})
		w.until(t, 5*second)
		require.Zero(t, w.ops(history.EffectWrite)[0].Version)
		heal()
		w.until(t, 6*second)
	}))
	require.Greater(t, after, 5*time.Second)
	require.Less(t, after, 5100*time.Millisecond)
}
