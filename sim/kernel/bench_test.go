package kernel

import (
	"container/heap"
	"fmt"
	"testing"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
)

// reference is the kernel that one writes first: container/heap, and a closure per event.
type reference struct {
	now    clock.Instant
	seq    uint64
	digest uint64
	heap   closures
}

type closure struct {
	at  clock.Instant
	seq uint64
	act func()
}

type closures []*closure

func (h closures) Len() int { return len(h) }
func (h closures) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].seq < h[j].seq
}
func (h closures) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *closures) Push(x any)   { *h = append(*h, x.(*closure)) }
func (h *closures) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}

func (r *reference) at(t clock.Instant, act func()) {
	r.seq++
	heap.Push(&r.heap, &closure{t, r.seq, act})
}

func (r *reference) run(events int) {
	for range events {
		c := heap.Pop(&r.heap).(*closure)
		r.now = c.at
		r.digest = rng.Mix(r.digest, uint64(c.at))
		c.act()
	}
}

// pace is how much later an event makes its next one: 0.5 to 17 milliseconds, as segments
// and disks take.
func pace(arg uint64) clock.Instant {
	return clock.Instant(500_000 + rng.Key(arg).Uint64()>>40)
}

// trivial schedules its own next event, and nothing else.
type trivial struct {
	k *Kernel
	a Actor
}

func (h *trivial) Fire(_ int32, arg uint64) { h.k.At(h.k.now+pace(arg), h.a, 0, arg+1) }

// steady is a kernel with n events pending that has run for a while.
func steady(n int) *Kernel {
	k := New()
	h := &trivial{k: k}
	h.a = k.Register("trivial", h)
	for i := range n {
		k.At(pace(uint64(i)), h.a, 0, uint64(i)<<32)
	}
	k.fireAll(2 * n)
	return k
}

// fireAll fires a number of events.
func (k *Kernel) fireAll(n int) {
	k.StopAfter(k.count + uint64(n))
	if err := k.Run(clock.Never); err != nil {
		panic(err)
	}
	k.Resume()
}

func steadyReference(n int) *reference {
	r := &reference{}
	for i := range n {
		arg := uint64(i) << 32
		var act func()
		act = func() { arg++; r.at(r.now+pace(arg), act) }
		r.at(pace(arg), act)
	}
	r.run(2 * n)
	return r
}

// BenchmarkCallbackEvents is the price of an event in the kernel: with a handler that only
// makes the next one, and few or many pending.
func BenchmarkCallbackEvents(b *testing.B) {
	for _, n := range []int{15, 1000} {
		b.Run(fmt.Sprintf("kernel/%d", n), func(b *testing.B) {
			k := steady(n)
			b.ReportAllocs()
			b.ResetTimer()
			k.fireAll(b.N)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
		b.Run(fmt.Sprintf("reference/%d", n), func(b *testing.B) {
			r := steadyReference(n)
			b.ReportAllocs()
			b.ResetTimer()
			r.run(b.N)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkPopPush is the queue alone, against container/heap.
func BenchmarkPopPush(b *testing.B) {
	for _, n := range []int{1e3, 1e4, 1e5, 1e6} {
		b.Run(fmt.Sprintf("queue/%d", n), func(b *testing.B) {
			q := &steady(n).queue
			b.ReportAllocs()
			for b.Loop() {
				e := q.pop()
				e.arg++
				e.at += pace(e.arg)
				q.push(e)
			}
		})
		b.Run(fmt.Sprintf("container-heap/%d", n), func(b *testing.B) {
			h, arg := &steadyReference(n).heap, uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				c := heap.Pop(h).(*closure)
				arg++
				heap.Push(h, &closure{c.at + pace(arg), c.seq + uint64(n), c.act})
			}
		})
	}
}

// An event costs no memory once the queue is as large as it gets, whatever the length of
// the run.
func TestNoAllocationPerEvent(t *testing.T) {
	k := steady(1000)
	if allocs := testing.AllocsPerRun(10, func() { k.fireAll(20_000) }); allocs != 0 {
		t.Fatalf("20,000 events allocate %v times", allocs)
	}
	r := steadyReference(1000)
	if allocs := testing.AllocsPerRun(10, func() { r.run(20_000) }); allocs < 20_000 {
		t.Fatalf("the reference kernel allocates %v times, so this test does not count", allocs)
	}
	if size := len(k.queue.pool); size != 1001 {
		t.Fatalf("a pool of %d for 1,000 pending events", size)
	}
}
