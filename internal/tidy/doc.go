// Package tidy is the repository's own lint, written as a test.
//
// Owns: the table of import arrows, the list of packages outside the pure zone, what is
// forbidden inside it, the layout every package has, and which third-party modules the
// library packages may pull in.
//
// Does not own: formatting and vet, which the Go tools check.
//
// May import: the standard library. It reads the other packages and runs none of them.
//
// Start reading at: Arrows for the tables, TestRepository for what runs.
package tidy
