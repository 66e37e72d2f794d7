// Package osdisk is the real twin of disk: a directory of files.
//
// Owns: what each operation is in system calls, which files are open, the worker that
// carries out batches, and that no name leaves the directory.
//
// Does not own: what the files mean, or the inbox that completions are posted to. Nor who
// else writes to the directory: it is meant for one process.
//
// May import: disk, internal/inbox.
//
// Start reading at: Disk, then worker.try.
package osdisk
