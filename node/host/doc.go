// Package host is the one interpreter of a server's effects, in every world.
//
// Owns: the loop step -> effects -> completions; which connection is for what; the queue
// of saves and their group commit; the rule that a message waits for its Save.
//
// Does not own: any decision of the protocol (package node), or any source of events: a
// simulator or real drivers call NetEvent, DiskDone and Wake, one at a time.
//
// May import: node and its parts, net, disk, clock, history.
//
// Start reading at: Host.carryOut.
package host
