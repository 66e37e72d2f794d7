// Package simclock is the simulated twin of a host's clocks and its one alarm.
//
// Owns: what a simulated host's clocks show, when its alarm fires, and the faults of
// clocks: another rate and standing still, which move both clocks, and steps and jumps,
// which move the calendar alone.
//
// Does not own: virtual time, which is the kernel's.
//
// May import: clock, sim/kernel.
//
// Start reading at: Clock, then line, then faults.go.
package simclock
