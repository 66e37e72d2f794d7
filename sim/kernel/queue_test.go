package kernel

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
)

// sorted is the queue as a list that is sorted after each push: stable, so ties stay in
// the order of insertion.
type sorted []event

func (s *sorted) push(e event) {
	*s = append(*s, e)
	slices.SortStableFunc(*s, func(a, b event) int { return cmp.Compare(a.at, b.at) })
}

// Whatever is pushed and popped, and however far time goes between, the queue is what a
// sorted list is, and its pool is no larger than the most that were pending.
func TestQueueIsASortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		var model sorted
		now, most := clock.Instant(0), 0
		for i := range rapid.IntRange(1, 300).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0, 1, 2, 3, 4: // near and far, so that all levels are used
				far := rapid.Uint64Max(1<<rapid.IntRange(0, 62).Draw(t, "bits")).Draw(t, "later")
				e := event{at: now + min(clock.Instant(far), clock.Never-now), arg: uint64(i), actor: Actor(i % 7), kind: int32(i % 5)}
				q.push(e)
				model.push(e)
				most = max(most, len(model))
			case 5: // time passes in which nothing is popped
				if len(model) > 0 {
					now += clock.Instant(rapid.Uint64Max(uint64(model[0].at-now)).Draw(t, "passes"))
				}
			case 6: // a look changes nothing
				want := clock.Never
				if len(model) > 0 {
					want = model[0].at
				}
				if got := q.next(); got != want {
					t.Fatalf("next is %v, want %v", got, want)
				}
			default:
				if len(model) == 0 {
					continue
				}
				want := model[0]
				model = model[1:]
				got := q.pop()
				if got.next = 0; got != want {
					t.Fatalf("popped %+v, want %+v", got, want)
				}
				now = want.at
			}
			if q.length != len(model) || len(q.pool) > most+1 {
				t.Fatalf("%d pending, want %d; a pool of %d for %d", q.length, len(model), len(q.pool), most)
			}
		}
	})
}
