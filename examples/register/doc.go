// Package register answers "how do I put my own service into this world?": a register that
// a primary and its backups replicate, its client, and its checkers. README.md explains it.
//
// Owns: the service (server.go, message.go), its client (client.go), what is judged
// (checkers.go), and the scenario that puts them into a world with faults (scenario.go).
//
// Does not own: anything of the simulation. The server knows only the interfaces of net,
// disk and clock, and runs on real ones as well.
//
// May import: net, disk and clock in the service; scenarios and its parts, history and
// porcupine to hunt it.
//
// Start reading at: README.md, then Server in server.go, then Scenario in scenario.go.
package register
