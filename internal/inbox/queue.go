package inbox

import "sync"

// Queue carries an owner's work to the goroutine that does it. It has no bound of its own,
// because the owner must never wait.
type Queue[T any] struct {
	lock   sync.Mutex
	filled *sync.Cond
	items  []T
	closed bool
}

// NewQueue returns an empty queue.
func NewQueue[T any]() *Queue[T] {
	q := &Queue[T]{}
	q.filled = sync.NewCond(&q.lock)
	return q
}

// Put adds an item; after Close it is dropped.
func (q *Queue[T]) Put(item T) {
	q.lock.Lock()
	defer q.lock.Unlock()
	if !q.closed {
		q.items = append(q.items, item)
		q.filled.Signal()
	}
}

// Take waits until there is something, and takes all there is. It returns false when the
// queue is closed and everything was taken.
func (q *Queue[T]) Take() ([]T, bool) {
	q.lock.Lock()
	defer q.lock.Unlock()
	for len(q.items) == 0 && !q.closed {
		q.filled.Wait()
	}
	items := q.items
	q.items = nil
	return items, len(items) > 0
}

// Close lets nothing more in. What is in the queue can still be taken.
func (q *Queue[T]) Close() {
	q.lock.Lock()
	defer q.lock.Unlock()
	q.closed = true
	q.filled.Broadcast()
}
