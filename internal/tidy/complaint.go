package tidy

import (
	"cmp"
	"fmt"
	"slices"
)

// Complaint is one broken rule at one place.
type Complaint struct {
	Where    string // file:line relative to the repository, or a package
	Rule     string // the name of the check
	Sentence string // what is wrong, and what to do about it
}

func (c Complaint) String() string {
	return fmt.Sprintf("%s: %s (%s)", c.Where, c.Sentence, c.Rule)
}

func sorted(all []Complaint) []Complaint {
	slices.SortFunc(all, func(a, b Complaint) int {
		return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Sentence, b.Sentence))
	})
	return all
}
