// Package status says how a server is: four-letter words, metrics, and the commands of the
// admin endpoint.
//
// Owns: the texts, in the formats that ZooKeeper 3.8 has and its clients parse.
//
// Does not own: where the figures come from, who may ask, or how the texts travel.
//
// May import: node, its tree and watches, server/gate, clock, wire.
//
// Start reading at: Report.
package status
