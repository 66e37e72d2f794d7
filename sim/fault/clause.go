package fault

import (
	"fmt"
	"strings"

	"github.com/zoobreak/zoobreak/clock"
)

// Clause is one fault: what, to whom, when, for how long.
type Clause struct {
	Kind  Kind       `json:"kind"`
	Who   Who        `json:"who"`
	At    clock.Span `json:"at"`              // since the start of the run
	For   clock.Span `json:"for,omitempty"`   // Time: not of kinds that happen at one instant
	Extra clock.Span `json:"extra,omitempty"` // Delay
	Stage string     `json:"stage,omitempty"` // OneStage
	// On, if set, delays the beginning until the Nth time after At that this happens. Of
	// says at whom; unset, it is the client that the fault selects, or anybody.
	On  string `json:"on,omitempty"`
	Nth int    `json:"nth,omitempty"`
	Of  Who    `json:"of,omitzero"`

	Shift     Signed `json:"shift,omitempty"`     // Shift
	Percent   int    `json:"percent,omitempty"`   // Percent
	Bandwidth int    `json:"bandwidth,omitempty"` // Bandwidth, in bytes per second
}

// says returns the parameters that the clause has.
func (c Clause) says() (p Params) {
	for _, x := range []struct {
		param Params
		there bool
	}{
		{Time, c.For != 0}, {Delay, c.Extra != 0}, {Shift, c.Shift != 0},
		{Percent, c.Percent != 0}, {Bandwidth, c.Bandwidth != 0}, {OneStage, c.Stage != ""},
	} {
		if x.there {
			p |= x.param
		}
	}
	return p
}

// Validate says what is wrong with a clause, if anything is.
func (c Clause) Validate() error {
	i, ok := Describe(c.Kind)
	if !ok {
		return fmt.Errorf("no fault is called %q; see: zoobreak list faults", c.Kind)
	}
	if err := i.admit(c.Who); err != nil {
		return err
	}
	if err := c.validateTrigger(); err != nil {
		return err
	}
	if e, _ := event(c.On); c.Who.Kind == "it" && e.By&i.Can == 0 {
		return i.admit(map[Targets]Who{AServer: Leader(), AClient: Client(1)}[e.By])
	}
	return i.admitParams(c)
}

// admit says why the kind cannot happen to whom a selector selects.
func (i Info) admit(who Who) error {
	if who.Kind == "link" && who.Link.A == who.Link.B {
		return fmt.Errorf("%s: a link has two ends", i.Kind)
	}
	if who.targets()&i.Can != 0 {
		return nil
	}
	whom := map[Targets]string{
		AServer: "a server", AClient: "a client", ALink: "a link", Group: "several servers", Ensemble: "all servers at once",
	}[who.targets()]
	if whom == "" {
		return fmt.Errorf("%s: who is missing", i.Kind)
	}
	return fmt.Errorf("%s cannot happen to %s", i.Kind, whom)
}

// paramNames says, for each parameter, how it is written.
var paramNames = []struct {
	Param Params
	Name  string
	Form  string
}{
	{Time, "a time", "for 2s"},
	{Delay, "an extra time", "by 50ms"},
	{Shift, "a shift", "by -2s"},
	{Percent, "a percentage", "to 150%"},
	{Bandwidth, "a bandwidth", "to 2000B/s"},
	{OneStage, "a stage", "stage commit"},
}

// maxPercent is more than any clock does that somebody would call one.
const maxPercent = 10_000

// admitParams says which parameter is missing, and which is one too many.
func (i Info) admitParams(c Clause) error {
	says := c.says()
	for _, p := range paramNames {
		switch {
		case i.Takes&p.Param != 0 && says&p.Param == 0:
			return fmt.Errorf("%s needs %s: %s", i.Kind, p.Name, p.Form)
		case i.Takes&p.Param == 0 && says&p.Param != 0:
			return fmt.Errorf("%s does not take %s (%s)", i.Kind, p.Name, p.Form)
		}
	}
	if c.Percent > maxPercent {
		return fmt.Errorf("%s to %d%%: at most %d%%", i.Kind, c.Percent, maxPercent)
	}
	if c.For < 0 || c.Extra < 0 || c.Percent < 0 || c.Bandwidth < 0 {
		return fmt.Errorf("%s: a time, a percentage and a bandwidth are more than 0", i.Kind)
	}
	if len(strings.Fields(c.Stage)) > 1 || strings.TrimSpace(c.Stage) != c.Stage {
		return fmt.Errorf("%s: stage %q is not one word", i.Kind, c.Stage)
	}
	return nil
}

// NeedsOwnClient reports whether the clause is about a client, and of a kind that happens
// only to processes of ours.
func (c Clause) NeedsOwnClient() bool {
	i, _ := Describe(c.Kind)
	e, _ := event(c.On)
	return i.Can&Own != 0 && (c.Who.Kind == "client" || c.Who.Kind == "it" && e.By == AClient)
}
