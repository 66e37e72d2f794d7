// Package disk is the primitives a replicated log needs.
//
// Owns: operations, completions, errors, and the Disk interface.
//
// Does not own: any medium. disk/simdisk is the simulated disk, with what a crash may
// leave of it; disk/osdisk is a real directory.
//
// May import: nothing of this module.
//
// Start reading at: Disk.
package disk
