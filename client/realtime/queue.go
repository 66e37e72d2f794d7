package realtime

import (
	"container/heap"

	"github.com/zoobreak/zoobreak/clock"
)

// queue is who is ready to run, first come first served.
type queue struct {
	tasks []*task
	head  int
}

func (q *queue) any() bool { return q.head < len(q.tasks) }

func (q *queue) push(t *task) { q.tasks = append(q.tasks, t) }

// pop returns nil if nobody is ready. The room is used again when the queue has emptied,
// or when half of it is behind the head.
func (q *queue) pop() *task {
	if !q.any() {
		return nil
	}
	t := q.tasks[q.head]
	q.tasks[q.head] = nil
	if q.head++; 2*q.head >= len(q.tasks) {
		n := copy(q.tasks, q.tasks[q.head:])
		clear(q.tasks[n:])
		q.tasks, q.head = q.tasks[:n], 0
	}
	return t
}

// timer is a task's place among those that wait for an instant.
type timer struct {
	index  int
	number uint64
}

var noTimer = timer{index: -1}

// timers orders tasks by when they are due, and those that are due at one instant by when
// they began to wait. It implements heap.Interface for itself.
type timers struct {
	all   []*task
	count uint64
}

func (h *timers) add(t *task) {
	h.count++
	t.timer.number = h.count
	heap.Push(h, t)
}

func (h *timers) remove(t *task) {
	if t.timer.index >= 0 {
		heap.Remove(h, t.timer.index)
	}
}

func (h *timers) earliest() clock.Instant {
	if len(h.all) == 0 {
		return clock.Never
	}
	return h.all[0].due
}

func (h *timers) Len() int { return len(h.all) }

func (h *timers) Less(i, j int) bool {
	a, b := h.all[i], h.all[j]
	return a.due < b.due || a.due == b.due && a.timer.number < b.timer.number
}

func (h *timers) Swap(i, j int) {
	h.all[i], h.all[j] = h.all[j], h.all[i]
	h.all[i].timer.index, h.all[j].timer.index = i, j
}

func (h *timers) Push(t any) {
	t.(*task).timer.index = len(h.all)
	h.all = append(h.all, t.(*task))
}

func (h *timers) Pop() any {
	last := len(h.all) - 1
	t := h.all[last]
	h.all[last] = nil
	h.all, t.timer.index = h.all[:last], -1
	return t
}
