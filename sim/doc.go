// Package sim is the world: machines on a simulated network, the processes that run on
// them, and what goes wrong.
//
// Owns: World (kernel, network, disks, clocks, evidence), Process (start, kill, power
// loss, pause), and the carrying out of fault clauses.
//
// Does not own: any service. One enters as a Server: a boot function and three methods.
// Nor the drawing of faults (sim/fault), or guests (sim/guest).
//
// May import: the sim twins of net, disk and clock; sim/kernel, sim/fault; history;
// internal/rng. Never node: a service of yours enters in the same way as ours.
//
// Start reading at: World, then Process, then faults.go, then the table in impose.go.
package sim
