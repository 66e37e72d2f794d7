// Package simdisk is the simulated twin of disk: files with a written and a durable
// image, and what is left of them after a crash.
//
// Owns: file contents, the directory, the time operations take, crash images, and the
// faults of a disk.
//
// Does not own: when a crash happens (sim/fault), or what the files mean.
//
// May import: disk, clock, sim/kernel, internal/rng.
//
// Start reading at: Disk, then PowerOff for what survives.
package simdisk
