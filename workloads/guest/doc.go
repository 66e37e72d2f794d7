// Package guest is workloads for unmodified Go clients.
//
// Owns: the program of the built-in lock scenario, written against
// github.com/go-zookeeper/zk as anybody would write it.
//
// Does not own: the bubble in which it runs (sim/guest), or any judgement.
//
// May import: github.com/go-zookeeper/zk, sim/guest, workloads. It lies outside the pure
// zone: the client library starts goroutines of its own.
//
// Start reading at: Lock.
package guest
