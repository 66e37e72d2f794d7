// Package invariant is assertions that are always on, and marks of rare branches that a
// campaign must reach.
//
// Owns: That and Implies, and the Violation they panic with; Sometimes, the Marks that
// count it for one run, and how a package declares the marks it has.
//
// Does not own: what happens then. A run that catches a Violation reports it as a
// finding, with the world's state around it; a campaign adds up its runs' marks.
//
// May import: nothing of this module.
//
// Start reading at: That, then Sometimes.
package invariant
