// Package fault is faults as values.
//
// Owns: Clause (what, to whom, when, for how long) with its text and JSON forms, the table
// of kinds and that of events, drawing clauses from a menu, simpler clauses, the Ledger
// that counts what they did, and the Budget that refuses what no service promises to survive.
//
// Does not own: doing it: package sim does.
//
// May import: clock, internal/rng, scenarios/outcome (for the ledger's lines); history and
// wire (for the budget's evidence).
//
// Start reading at: Clause, then the table in kind.go.
package fault
