// Package tap records the ZooKeeper client protocol as it passes the client's end of one
// connection.
//
// Owns: the matching of replies to requests, and the operations of kind history.Wire that
// come of it. Any client library, of any version, is recorded in the same way.
//
// Does not own: the connection, or what a client's own code makes of a reply.
//
// May import: history, wire, clock.
//
// Start reading at: Tap.
package tap
