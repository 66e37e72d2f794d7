// Package tcp is the real twin of net: TCP connections.
//
// Owns: which real address an address of the service stands for, the sockets, TLS on them,
// a reader and a writer for each, how much may wait for a peer or for the owner, and how a
// connection is ended so that its last bytes arrive.
//
// Does not own: what the bytes mean (there is no framing), timeouts of the service, or
// the inbox that events are posted to.
//
// The owner's thread alone touches a Network and its connections. Goroutines accept, dial,
// read and write; they share nothing, and only post to the inbox.
//
// May import: net, internal/inbox.
//
// Start reading at: Network, then conn.
package tcp
