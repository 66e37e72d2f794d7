package scenarios

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Seed names a run: a number, or a number with branches. 42@1500:7 is the run of seed 42 up
// to and with event 1500, and goes on with what seed 7 has. Where a failure takes two rare
// things in a row, runs that branch off where the first has happened meet the second as
// often as others meet the first.
type Seed struct {
	Root     uint64
	Branches []Branch
}

// Branch is where a run goes on with another seed.
type Branch struct {
	After uint64 // number of an event; what is before is as it was, and so is the event
	Seed  uint64
}

// String prints what ParseSeed reads.
func (s Seed) String() string {
	b := strconv.AppendUint(nil, s.Root, 10)
	for _, x := range s.Branches {
		b = strconv.AppendUint(append(b, '@'), x.After, 10)
		b = strconv.AppendUint(append(b, ':'), x.Seed, 10)
	}
	return string(b)
}

// Compare orders seeds by their root, and then branch by branch.
func (s Seed) Compare(o Seed) int {
	return cmp.Or(cmp.Compare(s.Root, o.Root), slices.CompareFunc(s.Branches, o.Branches, func(a, b Branch) int {
		return cmp.Or(cmp.Compare(a.After, b.After), cmp.Compare(a.Seed, b.Seed))
	}))
}

// Alone names this seed, and no other, where seeds are asked for: ParseSeeds reads it.
func (s Seed) Alone() string {
	if len(s.Branches) > 0 {
		return s.String()
	}
	return fmt.Sprintf("%d..%d", s.Root, s.Root)
}

// ParseSeed reads "42" and "42@1500:7".
func ParseSeed(text string) (s Seed, err error) {
	root, branches, branched := strings.Cut(text, "@")
	ok := parseNumber(root, &s.Root)
	for branched && ok {
		var x Branch
		var branch string
		branch, branches, branched = strings.Cut(branches, "@")
		after, seed, _ := strings.Cut(branch, ":")
		ok = parseNumber(after, &x.After) && parseNumber(seed, &x.Seed)
		s.Branches = append(s.Branches, x)
	}
	if !ok {
		return Seed{}, fmt.Errorf("%q is no seed; write 42, or 42@1500:7 to go on with seed 7 after event 1500", text)
	}
	last := uint64(0)
	for _, x := range s.Branches {
		if x.After <= last {
			return Seed{}, fmt.Errorf("seed %q branches after event %d, and no earlier than event %d is possible there", text, x.After, last+1)
		}
		last = x.After
	}
	return s, nil
}

// parseNumber reads a number in the one way in which it is printed.
func parseNumber(text string, to *uint64) bool {
	n, err := strconv.ParseUint(text, 10, 64)
	*to = n
	return err == nil && strconv.FormatUint(n, 10) == text
}

// MarshalText gives the form for people, for flags.
func (s Seed) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads it.
func (s *Seed) UnmarshalText(b []byte) (err error) {
	*s, err = ParseSeed(string(b))
	return err
}

// MarshalJSON writes a number, or a string where there are branches.
func (s Seed) MarshalJSON() ([]byte, error) {
	if len(s.Branches) == 0 {
		return []byte(s.String()), nil
	}
	return strconv.AppendQuote(nil, s.String()), nil
}

// UnmarshalJSON reads both forms.
func (s *Seed) UnmarshalJSON(b []byte) error {
	text := string(b)
	if len(b) > 1 && b[0] == '"' {
		text = text[1 : len(text)-1]
	}
	return s.UnmarshalText([]byte(text))
}

// Seeds are those of a campaign: the plain ones from First to Last, or one with branches.
type Seeds struct {
	First, Last uint64
	Only        *Seed
}

// ParseSeeds reads "1..1000" and "42@1500:7".
func ParseSeeds(text string) (s Seeds, err error) {
	if strings.Contains(text, "@") {
		only, err := ParseSeed(text)
		return Seeds{Only: &only}, err
	}
	first, last, _ := strings.Cut(text, "..")
	switch {
	case !parseNumber(first, &s.First) || !parseNumber(last, &s.Last):
		return Seeds{}, fmt.Errorf("%q is no range; write 1..1000", text)
	case s.First > s.Last:
		return Seeds{}, fmt.Errorf("%q is empty: the first is greater than the last", text)
	}
	return s, nil
}

// All yields the seeds in order.
func (s Seeds) All() iter.Seq[Seed] {
	return func(yield func(Seed) bool) {
		if s.Only != nil {
			yield(*s.Only)
			return
		}
		for n := s.First; n <= s.Last && yield(Seed{Root: n}) && n < s.Last; n++ {
		}
	}
}
