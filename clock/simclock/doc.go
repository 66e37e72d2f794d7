// Package simclock is the simulated twin of a host's clocks and its one alarm.
//
// Owns: what a simulated host's clocks show, and when its alarm fires.
//
// Does not own: virtual time, which is the kernel's.
//
// May import: clock, sim/kernel.
//
// Start reading at: Clock.
package simclock
