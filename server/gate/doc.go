// Package gate stands between a server and the connections of its clients.
//
// Owns: who is let in (connections per address and in all, those that never ask for a
// session), four-letter words, how many requests of all clients wait together, and the
// counts that a server tells about its clients.
//
// Does not own: sessions and requests (package node), what a four-letter word is answered
// (package status), or frames that are too long (node closes them).
//
// It is a net.Network for the host, on another one; both it and the host run on one thread.
//
// May import: net, clock, wire, node/host for the ports.
//
// Start reading at: Gate.NetEvent.
package gate
