package workloads

import (
	"slices"

	"github.com/zoobreak/zoobreak/clock"
)

// Agenda is the operations that a client has not begun. It outlives the client's lives: who
// is killed and starts again goes on with what is left. What had been begun is not begun
// again, even if it never ended: whether it took effect nobody knows, and a second try
// would be another operation.
type Agenda struct{ ops []Op }

// NewAgenda returns one with all the operations.
func NewAgenda(ops []Op) *Agenda { return &Agenda{slices.Clone(ops)} }

// Due returns when the next operation is to begin, or Never if there is none.
func (a *Agenda) Due() clock.Instant {
	if len(a.ops) == 0 {
		return clock.Never
	}
	return clock.Instant(a.ops[0].At)
}

// Begin takes the next operation.
func (a *Agenda) Begin() Op {
	op := a.ops[0]
	a.ops = a.ops[1:]
	return op
}

// Add puts an operation at the end.
func (a *Agenda) Add(op Op) { a.ops = append(a.ops, op) }
