// Package wire is the ZooKeeper client protocol as values: identities, codes, records,
// and the jute encoding that carries them.
//
// Owns: Path, Zxid, SessionID, Stat, operation and error codes, every request and reply
// record, length-prefixed framing fed by arbitrary segments.
//
// Does not own: connections, sessions, or what an operation means.
//
// May import: nothing of this module. Values only, no state.
//
// Start reading at: Request for what clients ask, Encoder and Decoder for the bytes.
package wire
