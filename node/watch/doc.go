// Package watch is the one-shot watches of one server's connections.
//
// Owns: the two tables (data and child) of ZooKeeper's A11 rules: who is told what when a
// node changes, and that each registration is told once.
//
// Does not own: delivery, or re-registration after a reconnect (package node).
//
// May import: wire, node/tree.
//
// Start reading at: Table.Fire.
package watch
