// Package outcome is the plain result of a run: verdicts, findings, counts.
//
// Owns: Verdict and how verdicts combine, Check, Finding, Ledger lines, Outcome.
//
// Does not own: how any of it is found (checkers), or shown (reports).
//
// May import: history, for the evidence that a finding carries.
//
// Start reading at: Outcome.
package outcome
