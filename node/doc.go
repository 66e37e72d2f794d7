// Package node is one server of the service as a pure state machine.
//
// Owns: Zab (election, discovery, synchronisation, broadcast), sessions, the client side
// of the wire protocol, watches, and the order in which all of it happens.
//
// Does not own: any I/O, goroutine, lock or clock. Step takes an event and the time, and
// returns effects; node/host carries them out, in the simulator and in the real world.
//
// May import: wire, clock and history for values; its own parts acl, bugs, prep, quorum, tree
// and watch; internal/invariant and internal/rng.
//
// Start reading at: Node.Step, then election.go, follower.go, leader.go, broadcast.go in
// the order of a server's life; client.go for what a client sees.
package node
