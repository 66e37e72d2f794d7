// Package register answers "how do I put my own service into this world?": a replicated
// register with a primary and backups, its client, its checker, in a few hundred lines.
//
// Owns: the register's server (server.go), its client (client.go), and the scenario that
// puts them into a world with faults and judges what clients saw (scenario.go).
//
// Does not own: anything of the simulation. The server knows only the interfaces of net,
// disk and clock, and would run on real ones.
//
// May import: net, disk, clock and wire (for encoding) in the service; scenarios and its
// parts, history, checkers' verdict types and porcupine to hunt it.
//
// Start reading at: Server in server.go, then Scenario in scenario.go.
package register
