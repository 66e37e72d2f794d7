// Package model is the service as one sequential program: simple, slow, obviously right.
// It says what every request must be answered, given the requests before it.
//
// Owns: the meaning of every operation on the tree, with versions, ephemeral, container
// and TTL nodes, ACLs, quotas, sessions, and the watches of one server's connections.
//
// Does not own: replication, time, or bytes; it shares no code with the server that it
// judges, only the values of package wire. It recomputes what it can instead of keeping
// it: children are found by looking at every path.
//
// May import: wire.
//
// Start reading at: State.Write, then Server for reads and watches.
package model
