// Package disktest is what every disk.Disk must do, as one suite of tests that drives the
// simulated twin and the real one through the same pump.
//
// Owns: the stories of an owner that submits batches, and of one that is killed.
//
// Does not own: how a disk is made, or how its owner is killed; a twin's test says that,
// in a World. Nor what only one twin can do: simdisk enumerates what a power failure may
// leave, osdisk refuses names that lead elsewhere.
//
// May import: disk.
//
// Start reading at: World, then Run.
package disktest
