// Package workloads is programs that use the service, so that there is something to judge.
//
// Owns: operations as data (drawn by a scenario, kept in a plan), and the programs that
// carry them out.
//
// Does not own: whether what they saw was right: checkers says so, from the history.
//
// May import: client/native, wire, net, clock, history, internal/rng.
//
// Start reading at: Writer.
package workloads
