package fault

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/zoobreak/zoobreak/clock"
)

// Signed is a duration that may be negative, and reads and prints as Go writes it.
type Signed time.Duration

func (s Signed) String() string { return time.Duration(s).String() }

// MarshalText gives the JSON form.
func (s Signed) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads it.
func (s *Signed) UnmarshalText(b []byte) error {
	d, err := time.ParseDuration(string(b))
	if err != nil {
		return fmt.Errorf("fault: %q is no duration such as 2.5s or -2.5s", b)
	}
	*s = Signed(d)
	return nil
}

// String prints "at 2.1s for 6.3s isolate client 1", or "at 2.1s on logged of follower 3
// for 6.3s powerloss it"; Parse reads it back.
func (c Clause) String() string {
	s := "at " + c.At.String()
	if c.On != "" {
		s += " on " + c.On
		if c.Of != (Who{}) {
			s += " of " + c.Of.String()
		}
		s += " " + strconv.Itoa(c.Nth)
	}
	if c.For != 0 {
		s += " for " + c.For.String()
	}
	return s + " " + string(c.Kind) + " " + c.Who.String() + c.params()
}

func (c Clause) params() (s string) {
	if c.Extra != 0 {
		s += " by " + c.Extra.String()
	}
	if c.Shift != 0 {
		s += " by " + c.Shift.String()
	}
	if c.Percent != 0 {
		s += " to " + strconv.Itoa(c.Percent) + "%"
	}
	if c.Bandwidth != 0 {
		s += " to " + strconv.Itoa(c.Bandwidth) + "B/s"
	}
	if c.Stage != "" {
		s += " stage " + c.Stage
	}
	return s
}

// Parse reads what String prints.
func Parse(s string) (Clause, error) {
	p := &parser{words: strings.Fields(s)}
	p.clause()
	if p.err == nil && len(p.words) > 0 {
		p.fail(fmt.Errorf("unexpected %q", p.words[0]))
	}
	if p.err == nil {
		p.err = p.c.Validate()
	}
	if p.err != nil {
		return p.c, fmt.Errorf("fault: clause %q: %w", s, p.err)
	}
	return p.c, nil
}

// parser takes a clause apart, word by word. Its first error stays.
type parser struct {
	c     Clause
	words []string
	err   error
}

func (p *parser) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *parser) clause() {
	p.span("at", &p.c.At)
	if on, ok := p.after("on"); ok {
		p.trigger(on)
	}
	p.span("for", &p.c.For)
	if k, ok := p.word(); ok {
		p.c.Kind = Kind(k)
	}
	p.c.Who = p.who()
	if by, ok := p.after("by"); ok {
		p.by(by)
	}
	if to, ok := p.after("to"); ok {
		p.to(to)
	}
	p.c.Stage, _ = p.after("stage")
}

func (p *parser) word() (string, bool) {
	if len(p.words) == 0 {
		return "", false
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w, true
}

// after takes a key and the word behind it.
func (p *parser) after(key string) (string, bool) {
	if len(p.words) < 2 || p.words[0] != key {
		return "", false
	}
	p.words = p.words[1:]
	return p.word()
}

func (p *parser) span(key string, to *clock.Span) {
	if v, ok := p.after(key); ok {
		if err := to.UnmarshalText([]byte(v)); err != nil {
			p.fail(err)
		}
	}
}

func (p *parser) trigger(on string) {
	p.c.On = on
	if len(p.words) > 0 && p.words[0] == "of" {
		p.words = p.words[1:]
		p.c.Of = p.who()
	}
	v, _ := p.word()
	n, err := strconv.Atoi(v)
	if err != nil {
		p.fail(fmt.Errorf("%q is no count", v))
	}
	p.c.Nth = n
}

func (p *parser) who() Who {
	w, rest := takeWho(p.words)
	if w.Kind == "" {
		p.fail(selectsNobody(strings.Join(p.words[:min(2, len(p.words))], " ")))
	}
	p.words = rest
	return w
}

// by is a shift where the kind takes one, and a delay otherwise.
func (p *parser) by(v string) {
	if i, _ := Describe(p.c.Kind); i.Takes&Shift != 0 {
		if err := p.c.Shift.UnmarshalText([]byte(v)); err != nil {
			p.fail(err)
		}
		return
	}
	if err := p.c.Extra.UnmarshalText([]byte(v)); err != nil {
		p.fail(err)
	}
}

func (p *parser) to(v string) {
	for _, unit := range []struct {
		suffix string
		value  *int
	}{{"%", &p.c.Percent}, {"B/s", &p.c.Bandwidth}} {
		if number, ok := strings.CutSuffix(v, unit.suffix); ok {
			n, err := strconv.Atoi(number)
			if err != nil {
				p.fail(fmt.Errorf("%q is no number", number))
			}
			*unit.value = n
			return
		}
	}
	p.fail(fmt.Errorf("%q is neither a percentage (150%%) nor a bandwidth (2000B/s)", v))
}
