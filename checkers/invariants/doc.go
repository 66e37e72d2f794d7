// Package invariants watches all replicas while they run: each fact is judged at the event
// that produced it, so that what went wrong is found where it went wrong.
//
// Owns: the invariants of Zab and of sessions over all servers, and the Monitor that keeps
// what they need, in constant time per fact.
//
// Does not own: assertions within one server (package node), or judging at the end of a
// run (package checkers), which is slower, sees everything at once, and must agree.
//
// May import: history, wire, clock for values, scenarios/outcome.
//
// Start reading at: Monitor.See.
package invariants
