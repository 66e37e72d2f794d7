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

// Implies panics with a Violation if the condition holds and what must follow from it does
// not. Both are evaluated in any case: neither may be an access that only the condition
// makes safe.
func Implies(condition, follows bool, sentence string, args ...any) {
	That(!condition || follows, sentence, args...)
}
