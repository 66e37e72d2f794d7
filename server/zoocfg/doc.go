// Package zoocfg reads the settings of a server: a zoo.cfg as ZooKeeper has it, and the same
// settings from a command line.
//
// Owns: which keys there are, what their values may be, and what is said about those that
// are wrong, unknown, or without effect here.
//
// Does not own: what the settings do (package server).
//
// May import: server, node/quorum, server/status for the four-letter words.
//
// Start reading at: Build.
package zoocfg
