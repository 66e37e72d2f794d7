// Package simdisk is the simulated twin of disk: files as the process sees them, what may
// be on the platter meanwhile, and what is left after a crash.
//
// Owns: file contents, the directory, the time operations take, crash images, and the
// faults of a disk.
//
// Does not own: when a crash or a fault happens (sim/fault), or what the files mean.
//
// May import: disk, clock, sim/kernel, internal/rng.
//
// Start reading at: Disk and Fire, then crash.go for what survives.
package simdisk
