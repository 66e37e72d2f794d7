// Package fault is faults as values.
//
// Owns: Clause (what, to whom, when, for how long) with its text and JSON forms, drawing
// clauses from a menu, and the Ledger that counts what they did.
//
// Does not own: doing it: package sim does.
//
// May import: clock, internal/rng, scenarios/outcome (for the ledger's lines).
//
// Start reading at: Clause.
package fault
