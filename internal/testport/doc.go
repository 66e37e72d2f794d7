// Package testport finds ports for servers of tests that must know each other's before any
// of them listens.
//
// Owns: which ports.
//
// Does not own: listening on them.
//
// May import: nothing of this module.
//
// Start reading at: Free.
package testport
