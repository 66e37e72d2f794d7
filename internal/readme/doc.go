// Package readme keeps the documents true.
//
// Owns: the tests that run what README.md shows: its go test in a module outside this one,
// its verbs, its exit codes; and that links between documents lead somewhere.
//
// Does not own: the documents, or any test of what they are about.
//
// May import: the standard library and testify. It starts the go command and the programs
// that come of it, so it lies outside the pure zone.
//
// Start reading at: TestGoTestOfTheREADME.
package readme
