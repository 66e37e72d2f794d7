// Package native is our own client session, as a state machine without I/O.
//
// Owns: connecting to one server after another, the handshake, pings, matching replies
// to requests, re-attaching within the session timeout, starting a new session after it.
//
// Does not own: a connection, a timer or a thread. Its owner passes on network events and
// time, and asks when it wants to be woken.
//
// May import: wire, net, clock.
//
// Start reading at: Session.
package native
