package guest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/workloads"
	"github.com/zoobreak/zoobreak/workloads/guest"
)

// turn is one turn of a client under the lock.
func turn(client int, at, hold time.Duration) workloads.Op {
	return workloads.Op{Client: client, Do: "lock", Path: "/lock", At: clock.Span(at), For: clock.Span(hold)}
}

// seen runs turns under faults and returns what a client said it did, without its log.
func seen(t *testing.T, faults []fault.Clause, turns ...workloads.Op) (ops []history.Op) {
	t.Helper()
	s := scenarios.Lock(guest.Lock)
	p := s.Draw(1)
	p.Faults, p.Ops = faults, turns
	out, clean := scenarios.Run(s, p, scenarios.Options{History: true})
	require.True(t, clean, "the program ends, and leaves nothing behind")
	require.NotNil(t, out.History)
	return slices.DeleteFunc(slices.Clone(out.History.Ops), func(o history.Op) bool {
		return o.Client == 0 || o.Kind == history.Wire || o.Kind == history.Note
	})
}

func kinds(ops []history.Op) (all []history.Kind) {
	for _, o := range ops {
		all = append(all, o.Kind)
	}
	return all
}

// One turn: take the lock, read both counters, hold, write both, release.
func TestATurnIsReadThinkWrite(t *testing.T) {
	ops := seen(t, nil, turn(1, 2*time.Second, 300*time.Millisecond))
	require.Equal(t, []history.Kind{history.Acquire, history.EffectRead, history.EffectRead, history.EffectWrite, history.EffectWrite, history.Release}, kinds(ops))
	for _, o := range ops {
		require.Equal(t, history.OK, o.Status)
		require.GreaterOrEqual(t, o.CallAt, clock.Instant(2*time.Second), "not before its time")
	}
	acquire, fenced, plain := ops[0], ops[1], ops[2]
	require.Equal(t, "/lock", acquire.Name)
	require.Positive(t, acquire.Token)
	require.NotZero(t, acquire.Session)
	require.True(t, fenced.Fenced)
	require.False(t, plain.Fenced)
	require.Equal(t, acquire.Token, ops[3].Token, "what the resource checks is what the lock gave")
	require.EqualValues(t, 1, ops[3].Value)
	require.EqualValues(t, 1, ops[4].Value)
	held := ops[3].CallAt.Sub(plain.ReturnAt)
	require.InDelta(t, 300*time.Millisecond, held, float64(10*time.Millisecond))
}

// Everybody's turns under the lock add up, and tokens grow with every grant.
func TestTurnsAddUp(t *testing.T) {
	var turns []workloads.Op
	for i := range 12 {
		turns = append(turns, turn(1+i%3, time.Duration(1+i/3)*time.Second, 50*time.Millisecond))
	}
	last, tokens := map[string]int64{}, []int64{}
	for _, o := range seen(t, nil, turns...) {
		switch o.Kind {
		case history.Acquire:
			tokens = append(tokens, o.Token)
		case history.EffectWrite:
			last[o.Name] = max(last[o.Name], o.Value)
		}
	}
	require.Equal(t, map[string]int64{"fenced": 12, "plain": 12}, last)
	require.Len(t, tokens, 12)
	slices.Sort(tokens)
	require.Len(t, slices.Compact(tokens), 12)
}

// A client that is cut off while it waits is told so, and takes its next turn over a new
// connection.
func TestAfterAnErrorItStartsAgain(t *testing.T) {
	cut := fault.Clause{Kind: fault.Isolate, Who: fault.Client(2), At: 3e9, For: 9e9}
	ops := seen(t, []fault.Clause{cut},
		turn(1, time.Second, 10*time.Second),
		turn(2, 2*time.Second, time.Millisecond), turn(2, 14*time.Second, time.Millisecond))
	var waits []history.Op
	for _, o := range ops {
		if o.Client == 2 && o.Kind == history.Acquire {
			waits = append(waits, o)
		}
	}
	require.Len(t, waits, 2)
	require.NotEqual(t, history.OK, waits[0].Status)
	require.NotEmpty(t, waits[0].Error)
	require.Equal(t, history.OK, waits[1].Status)
	require.Positive(t, waits[1].Token)
}

// A client is cut off between reading and writing, for longer than its session lives. The
// fenced counter refuses its write, and says so; the other one takes it, and with it loses
// the update of the next holder.
func TestAStaleTokenIsRefusedByTheFencedCounterOnly(t *testing.T) {
	cut := fault.Clause{Kind: fault.OneWay, Who: fault.Client(1), At: 1e9, For: 8e9, On: fault.OnRead, Nth: 2}
	writes := map[string][]history.Op{}
	for _, o := range seen(t, []fault.Clause{cut}, turn(1, 2*time.Second, 100*time.Millisecond), turn(2, 3*time.Second, 10*time.Millisecond)) {
		if o.Kind == history.EffectWrite {
			writes[o.Name] = append(writes[o.Name], o) // client 1 asks first, and is heard last
		}
	}
	require.Len(t, writes["fenced"], 2)
	require.Equal(t, history.Fail, writes["fenced"][0].Status)
	require.Equal(t, history.OK, writes["fenced"][1].Status)
	require.Greater(t, writes["fenced"][1].Token, writes["fenced"][0].Token)
	require.Len(t, writes["plain"], 2)
	for i, w := range writes["plain"] {
		require.Equal(t, history.OK, w.Status)
		require.EqualValues(t, 1, w.Value, "both read 0")
		require.EqualValues(t, i+1, w.Version)
	}
}
