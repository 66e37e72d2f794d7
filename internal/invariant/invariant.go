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

import "fmt"

// Violation is the value of the panic of a false assertion.
type Violation struct{ Sentence string }

func (v Violation) Error() string { return "invariant violated: " + v.Sentence }

// That panics with a Violation if ok is false. The sentence says what must hold.
func That(ok bool, sentence string, args ...any) {
	if !ok {
		panic(Violation{fmt.Sprintf(sentence, args...)})
	}
}
