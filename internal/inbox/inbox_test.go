package inbox_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/internal/inbox"
)

// bound is how long a test waits for what must happen.
const bound = 20 * time.Second

// Events of one poster run in its order, one at a time, on the thread of Run: the counter
// has no lock, and the race detector watches.
func TestEventsRunOneByOne(t *testing.T) {
	b := inbox.New()
	const posters, each = 4, 1000
	var got [posters][]int
	var posting sync.WaitGroup
	for p := range posters {
		posting.Go(func() {
			for i := range each {
				b.Post(func() { got[p] = append(got[p], i) })
			}
		})
	}
	go func() {
		posting.Wait()
		b.Post(b.Close)
	}()
	b.Run()
	for p := range posters {
		require.Len(t, got[p], each)
		for i, x := range got[p] {
			require.Equal(t, i, x)
		}
	}
}

func TestStepRunsOne(t *testing.T) {
	b := inbox.New()
	ran := 0
	require.False(t, b.Step(0), "there is nothing")
	for range 2 {
		require.True(t, b.Post(func() { ran++ }))
	}
	require.True(t, b.Step(bound))
	require.Equal(t, 1, ran)
	b.Close()
	b.Close()
	require.False(t, b.Step(bound), "what waits at the end is not run")
	require.Equal(t, 1, ran)
}

// An inbox that is full holds up who posts, until the owner takes something or goes.
func TestAFullInboxHoldsUpItsPosters(t *testing.T) {
	b := inbox.New()
	posted := make(chan int, 1)
	go func() {
		n := 0
		for b.Post(func() {}) {
			n++
		}
		posted <- n
	}()
	for range 1000 {
		require.True(t, b.Step(bound))
	}
	b.Close()
	n := <-posted
	require.GreaterOrEqual(t, n, 1000)
	require.LessOrEqual(t, n, 1000+257, "what the inbox holds, and one that was let in at the end")
	require.False(t, b.Post(func() {}))
}

func TestCallSaysWhetherItRan(t *testing.T) {
	b := inbox.New()
	answers := make(chan bool, 2)
	ran := 0
	go func() { answers <- b.Call(func() { ran++ }) }()
	require.True(t, b.Step(bound))
	require.True(t, <-answers)
	require.Equal(t, 1, ran)

	go func() { answers <- b.Call(func() { ran++ }) }()
	b.Close()
	require.False(t, <-answers, "the owner is gone")
	require.Equal(t, 1, ran)
}

// Who is in the middle of an event when the owner goes is told that it did not run to its
// end, and so keeps what it offered.
func TestCallOfTheEventThatClosesTheInbox(t *testing.T) {
	b := inbox.New()
	answer := make(chan bool, 1)
	go func() {
		answer <- b.Call(func() {
			b.Close()
			answer <- <-answer // the caller is answered while the event still runs
		})
	}()
	require.True(t, b.Step(bound))
	require.False(t, <-answer)
}

func TestAQueueKeepsItsOrderAndEndsEmpty(t *testing.T) {
	q := inbox.NewQueue[int]()
	const count = 10_000
	go func() {
		for i := range count {
			q.Put(i)
		}
		q.Close()
		q.Put(count)
	}()
	var got []int
	for {
		items, ok := q.Take()
		if !ok {
			break
		}
		got = append(got, items...)
	}
	require.Len(t, got, count, "all that was put before the end, nothing after it")
	for i, x := range got {
		require.Equal(t, i, x)
	}
	_, ok := q.Take()
	require.False(t, ok)
}
