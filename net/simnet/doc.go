// Package simnet is the simulated twin of net: byte connections between simulated hosts,
// with latency and faults.
//
// Owns: hosts, connections, what is in flight, latencies (keyed by link, incarnation and
// content), and the faults of a network: blocked links, slow links, resets, hosts that
// vanish.
//
// Does not own: when faults happen (sim/fault), or what the bytes mean.
//
// May import: net, clock, sim/kernel, internal/rng.
//
// Start reading at: Net, then Host.Send and Net.Fire.
package simnet
