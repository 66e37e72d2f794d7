// Package txnlog is what a server keeps on disk, as files.
//
// Owns: the names and formats of the log, the snapshots, the manifest and the two epoch files;
// the disk operations that change them safely; reading them back after any crash.
//
// Does not own: when anything is written (package node), or by whom (node/host).
//
// May import: disk, wire, node/tree.
//
// Start reading at: manifest for what the files are, Recover and readLog for what a crash may
// leave, Files for what is written.
package txnlog
