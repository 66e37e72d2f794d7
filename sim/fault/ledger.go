package fault

import "github.com/zoobreak/zoobreak/scenarios/outcome"

// Entry counts what one clause did.
type Entry struct {
	Clause   Clause
	Seen     int // how often its trigger has happened
	Fired    int
	Mattered int // pending events or writes that it delayed, dropped or changed
	Refused  int // it was outside the budget
}

// Ledger has an entry for each clause of a plan, in its order.
type Ledger []*Entry

// NewLedger arms the clauses.
func NewLedger(clauses []Clause) Ledger {
	l := make(Ledger, len(clauses))
	for i, c := range clauses {
		l[i] = &Entry{Clause: c}
	}
	return l
}

// Counts returns the ledger's lines.
func (l Ledger) Counts() []outcome.FaultCount {
	out := make([]outcome.FaultCount, len(l))
	for i, e := range l {
		out[i] = outcome.FaultCount{Clause: e.Clause.String(), Kind: string(e.Clause.Kind), Armed: 1, Fired: e.Fired, Mattered: e.Mattered, Refused: e.Refused}
	}
	return out
}
