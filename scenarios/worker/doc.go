// Package worker runs plans in child processes.
//
// Owns: the protocol between a campaign and its workers (JSON lines), serving it in the
// child, starting, recycling and killing children in the parent.
//
// Does not own: what is run (scenarios), or what is made of the outcome
// (scenarios/campaign).
//
// May import: scenarios and its parts, sim/guest. It lies outside the pure zone: it owns
// processes, real timeouts and goroutines. Workers are processes because guests need
// process-wide settings (GOMAXPROCS, the random source of crypto/rand), one world at a
// time; and because a guest that hangs or crashes must cost one run, not the campaign.
//
// Start reading at: Serve for the child, Pool for the parent.
package worker
