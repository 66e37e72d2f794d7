// Package simnet is the simulated twin of net: byte connections between simulated hosts,
// with latency and faults.
//
// Owns: hosts, connections, what is in flight, latencies (keyed by link, incarnation and
// content), windows, the limits after which TCP gives up, and the faults of a network: links
// that are blocked, slow or throttled, connections that are reset or cease in silence, hosts
// that refuse or vanish.
//
// Does not own: when faults happen (sim/fault), or what the bytes mean.
//
// May import: net, clock, sim/kernel, internal/rng.
//
// Start reading at: Net, then Host.Send and Net.Fire; hold.go is what waits and for how long.
package simnet
