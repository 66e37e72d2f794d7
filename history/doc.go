// Package history is evidence: what clients did and saw, and what replicas did.
//
// Owns: Op (one client operation with its interval), Fact (one thing a replica did),
// Frame (one packet at a client), Log (all of them, in the order of events), their JSON, and Validate.
//
// Does not own: any judgement. checkers reads a Log and never writes one.
//
// May import: clock and wire, for values.
//
// Start reading at: Log.
package history
