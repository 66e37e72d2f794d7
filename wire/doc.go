// Package wire is the ZooKeeper client protocol as values: identities, codes, records,
// and the jute encoding that carries them.
//
// Owns: Path and its rules, Zxid, SessionID, Stat, operation and error codes, every request
// and reply record, ustrings as Java reads and writes them, length-prefixed framing fed by
// arbitrary segments.
//
// Does not own: connections, sessions, or what an operation means. A decoder says what is
// wrong with bytes and where; whether that is answered or the connection closed is the
// server's business.
//
// May import: nothing of this module. Values only, no state.
//
// Start reading at: Request for what clients ask, Reply for what they are told, Encoder and
// Decoder for the bytes.
package wire
