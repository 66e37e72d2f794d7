package kernel_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// recorder is an actor that remembers what fired, and may schedule more.
type recorder struct {
	k     *kernel.Kernel
	fired []fired
	then  func(kind int32, arg uint64)
}

type fired struct {
	at  clock.Instant
	arg uint64
}

func (r *recorder) Fire(kind int32, arg uint64) {
	r.fired = append(r.fired, fired{r.k.Now(), arg})
	if r.then != nil {
		r.then(kind, arg)
	}
}

func (r *recorder) Describe(kind int32, arg uint64) string { return "described" }

func start() (*kernel.Kernel, *recorder, kernel.Actor) {
	k := kernel.New()
	r := &recorder{k: k}
	return k, r, k.Register("recorder", r)
}

// Earliest first, and in the order of insertion at one instant: as a stable sort has it.
func TestEventsFireInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, r, a := start()
		var want []fired
		for i, at := range rapid.SliceOfN(rapid.Int64Range(0, 20), 0, 200).Draw(t, "instants") {
			k.At(clock.Instant(at), a, 0, uint64(i))
			want = append(want, fired{clock.Instant(at), uint64(i)})
		}
		slices.SortStableFunc(want, func(a, b fired) int { return int(a.at - b.at) })
		require.NoError(t, k.Run(100))
		require.Equal(t, want, r.fired)
		require.Equal(t, clock.Instant(100), k.Now())
		require.EqualValues(t, len(want), k.Events())
	})
}

func TestRunStopsWhereItIsTold(t *testing.T) {
	k, r, a := start()
	for i := range uint64(5) {
		k.At(clock.Instant(i*10), a, 0, i)
	}
	require.NoError(t, k.Run(20))
	require.Len(t, r.fired, 3, "the events of the last instant belong to it")
	require.Equal(t, 2, k.Pending())
	k.StopAfter(4)
	require.NoError(t, k.Run(100))
	require.True(t, k.Stopped())
	require.Equal(t, clock.Instant(30), k.Now())
	require.NoError(t, k.Run(100))
	require.Len(t, r.fired, 4, "a stopped kernel stays stopped")
}

func TestThePastMeansNow(t *testing.T) {
	k, r, a := start()
	r.then = func(_ int32, arg uint64) {
		if arg == 0 {
			k.At(3, a, 0, 1)
		}
	}
	k.At(10, a, 0, 0)
	require.NoError(t, k.Run(50))
	require.Equal(t, []fired{{10, 0}, {10, 1}}, r.fired)
}

func TestAWorldThatStandsStillIsReported(t *testing.T) {
	k, r, a := start()
	r.then = func(int32, uint64) { k.At(k.Now(), a, 0, 0) }
	k.At(7, a, 0, 0)
	var stuck *kernel.StuckError
	require.ErrorAs(t, k.Run(50), &stuck)
	require.Equal(t, kernel.StuckError{At: 7, Actor: "recorder"}, *stuck)
	require.ErrorContains(t, stuck, "add a back-off")
}

func TestABusyWorldThatMovesIsNot(t *testing.T) {
	k, r, a := start()
	r.then = func(int32, uint64) { k.At(k.Now()+1, a, 0, 0) }
	k.At(0, a, 0, 0)
	require.NoError(t, k.Run(2*kernel.MaxPerInstant))
}

// Whatever differs between two runs, the digest does too; tracing makes no difference.
func TestTheDigest(t *testing.T) {
	digest := func(meddle func(k *kernel.Kernel, a kernel.Actor)) uint64 {
		k, _, a := start()
		k.At(5, a, 1, 2)
		if meddle != nil {
			meddle(k, a)
		}
		require.NoError(t, k.Run(50))
		return k.Digest()
	}
	base := digest(nil)
	require.Equal(t, base, digest(nil))
	require.Equal(t, base, digest(func(k *kernel.Kernel, _ kernel.Actor) { k.Trace(func(kernel.Record, string) {}) }))
	seen := map[uint64]string{base: "base"}
	for name, meddle := range map[string]func(k *kernel.Kernel, a kernel.Actor){
		"one event more":   func(k *kernel.Kernel, a kernel.Actor) { k.At(6, a, 1, 2) },
		"another instant":  func(k *kernel.Kernel, a kernel.Actor) { k.At(7, a, 1, 2) },
		"another kind":     func(k *kernel.Kernel, a kernel.Actor) { k.At(6, a, 2, 2) },
		"another argument": func(k *kernel.Kernel, a kernel.Actor) { k.At(6, a, 1, 3) },
		"content":          func(k *kernel.Kernel, a kernel.Actor) { k.Fold(1) },
	} {
		d := digest(meddle)
		require.Empty(t, seen[d], name)
		seen[d] = name
	}
}

func TestTraceAndRecentAgree(t *testing.T) {
	k, _, a := start()
	var traced []kernel.Record
	k.Trace(func(r kernel.Record, what string) {
		require.Equal(t, "described", what)
		traced = append(traced, r)
	})
	for i := range uint64(1000) {
		k.At(clock.Instant(i), a, 3, i)
	}
	require.NoError(t, k.Run(2000))
	require.Len(t, traced, 1000)
	require.Equal(t, traced[1000-256:], k.Recent())
	require.Equal(t, kernel.Record{Number: 1000, At: 999, Actor: "recorder", Kind: 3, Arg: 999, Digest: k.Digest()}, traced[999])
}

// driver is outside code that asks for something at the instants it likes.
type driver struct {
	now      clock.Instant
	interest []clock.Instant
	settled  []clock.Instant
}

func (d *driver) Settle() { d.settled = append(d.settled, d.now) }

func (d *driver) AdvanceTo(t clock.Instant) clock.Instant {
	if len(d.interest) > 0 && d.interest[0] <= t {
		t, d.interest = d.interest[0], d.interest[1:]
	}
	d.now = t
	return t
}

func TestADriverMayInterrupt(t *testing.T) {
	k, r, a := start()
	d := &driver{interest: []clock.Instant{4, 10}}
	k.Use(d)
	k.At(10, a, 0, 0)
	require.NoError(t, k.Run(20))
	require.Equal(t, []fired{{10, 0}}, r.fired)
	require.Equal(t, []clock.Instant{0, 4, 10}, d.settled)
	require.Equal(t, clock.Instant(20), k.Now())
}
