package clock

import (
	"fmt"
	"time"
)

// Span is a duration that reads and prints as Go writes it: "2.5s".
type Span time.Duration

func (s Span) String() string { return time.Duration(s).String() }

// MarshalText gives the JSON form.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads it.
func (s *Span) UnmarshalText(b []byte) error {
	d, err := time.ParseDuration(string(b))
	if err != nil || d < 0 {
		return fmt.Errorf("clock: %q is no duration such as 2.5s", b)
	}
	*s = Span(d)
	return nil
}
