// Command zoobreak hunts, replays and shrinks failures of coordination.
//
// Owns: the command line: flags, exit codes, what is printed, where files go.
//
// Does not own: anything that it prints about: scenarios, campaigns and reports do.
//
// May import: everything. Nothing imports it.
//
// Start reading at: main, then hunt.go.
package main
