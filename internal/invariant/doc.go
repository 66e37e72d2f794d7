// Package invariant is assertions that are always on.
//
// Owns: That, and the Violation it panics with.
//
// Does not own: what happens then. A run that catches a Violation reports it as a
// finding, with the world's state around it.
//
// May import: nothing of this module.
//
// Start reading at: That.
package invariant
