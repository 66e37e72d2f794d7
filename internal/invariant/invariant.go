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
