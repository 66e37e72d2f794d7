// Package testcert makes certificates that live as long as a test.
//
// Owns: an authority, and certificates for loopback that it signs.
//
// Does not own: how anybody uses them.
//
// May import: nothing of this module.
//
// Start reading at: New.
package testcert
