// Package watch is the watches of one server's connections.
//
// Owns: the two tables (data and child) of ZooKeeper's A11 rules, with watches that see
// once, persistent ones, and recursive ones: who is told what when a node changes, each of
// them once.
//
// Does not own: delivery, who may read what an event is about, or re-registration after a
// reconnect (package node).
//
// May import: wire, node/tree.
//
// Start reading at: Table.Fire.
package watch
