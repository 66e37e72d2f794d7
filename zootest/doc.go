// Package zootest breaks your own coordination code from your own go test.
//
// Hunt runs a program of yours, unmodified, as several client processes against a
// simulated ZooKeeper ensemble, under many seeds of faults, and fails the test with the
// smallest schedule that breaks what the program claims: that under its lock nobody
// else writes. It needs nothing but the go command: no server, no network, no build tag.
//
// Owns: the entry points for go test, their flags, where plans of failures are kept.
//
// Does not own: the simulation (sim/guest), or hunting (scenarios/campaign).
//
// May import: scenarios and its parts, sim/guest, reports. Not any client library: what a
// client says is recorded on the wire, so every version and fork can be tested.
//
// Start reading at: Hunt.
package zootest
