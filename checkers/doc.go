// Package checkers judges the evidence of a run.
//
// Owns: the rules, each with the guarantee that it quotes, and one Checker per group of
// rules that are judged from the same evidence: agreement, durability, liveness, effects,
// fenced-effects, belief, phantom, orphan, lock, and replies, which drives checkers/model
// by the committed order.
//
// Does not own: the evidence (history), what a verdict is (scenarios/outcome), or which
// checkers a scenario asks for (scenarios).
//
// May import: history, wire, clock, scenarios/outcome, checkers/model, and Porcupine.
//
// Start reading at: Checker, then Rules.
package checkers
