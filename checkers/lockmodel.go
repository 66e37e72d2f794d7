package checkers

import (
	"math"

	"github.com/anishathalye/porcupine"

	"github.com/zoobreak/zoobreak/wire"
)

// stepBudget bounds one search in steps of the model, so that the same log gets the same
// verdict on a slow machine. A valid history of 2,000 operations by 20 clients takes less
// than a tenth of it.
const stepBudget = 2_000_000

// lockState is the sequential lock: who holds it, and the newest token granted.
type lockState struct {
	holder wire.SessionID
	token  int64
}

type lockAction uint8

const (
	acquire lockAction = iota
	release
	expire
)

// lockStep is one operation on the sequential lock. An optional step may also do nothing:
// nobody was told that it took effect.
type lockStep struct {
	action   lockAction
	session  wire.SessionID
	token    int64
	optional bool
}

// apply is the specification. A release frees the grant with its token and no other, so
// that one which takes effect late cannot free what its session was granted since.
func (s lockState) apply(in lockStep) (bool, lockState) {
	switch {
	case in.action == acquire && s.holder == 0 && in.token > s.token:
		return true, lockState{in.session, in.token}
	case in.action == release && s == lockState{in.session, in.token}:
		return true, lockState{0, s.token}
	case in.action == expire && s.holder == in.session:
		return true, lockState{0, s.token}
	}
	return in.optional, s
}

// answer is what a search for an order says.
type answer uint8

const (
	ordered   answer = iota // there is one
	unordered               // there is none
	exhausted               // the budget ended first
)

// search asks Porcupine for an order. Once the budget is spent the model refuses every
// step, so that the search unwinds quickly; its answer is worth nothing then.
func search(history []porcupine.Operation, budget int) answer {
	steps := 0
	model := porcupine.Model{
		Init: func() any { return lockState{} },
		Step: func(state, input, _ any) (bool, any) {
			if steps++; steps > budget {
				return false, state
			}
			return state.(lockState).apply(input.(lockStep))
		},
		Hash: func(state any) uint64 { return uint64(state.(lockState).token) },
	}
	switch legal := porcupine.CheckOperations(model, history); {
	case steps > budget:
		return exhausted
	case legal:
		return ordered
	}
	return unordered
}

// operationsUntil is the history as it was at a position: what had been called by then,
// and of what had not returned, the outcome is open. A grant that had not returned is left
// out: whether it took effect or not, no other step waits for it.
func operationsUntil(entries []*lockEntry, position uint64) []porcupine.Operation {
	var history []porcupine.Operation
	for _, e := range entries {
		op := porcupine.Operation{ClientId: e.client, Input: e.lockStep, Call: int64(e.call), Return: int64(e.ret)}
		open := e.ret > position
		if e.call > position || open && e.action == acquire {
			continue
		}
		if open {
			step := e.lockStep
			step.optional = true
			op.Input, op.Return = step, math.MaxInt64
		}
		history = append(history, op)
	}
	return history
}
