// Package resource is what a lock protects: counters on a machine of their own, reached
// over the network.
//
// Owns: the protocol to it, the counters with their versions, the check of fencing
// tokens, and that a request repeated after a broken connection takes effect once.
//
// Does not own: who holds which lock, or whether a write should have happened. It
// accepts what its rules accept and reports it; checkers judge.
//
// May import: net, wire (for framing).
//
// Start reading at: Resource.
package resource
