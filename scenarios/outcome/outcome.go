package outcome

import (
	"encoding/json"
	"fmt"

	"github.com/zoobreak/zoobreak/history"
)

// Verdict is what a check says. The zero value is Unknown, so a check that forgets to
// decide has not passed.
type Verdict uint8

// The verdicts, from best to worst in the order Pass, Vacuous, Unknown, Fail.
const (
	Unknown Verdict = iota // could not be decided
	Pass                   // looked, and found nothing
	Vacuous                // had nothing to look at
	Fail                   // found a violation
)

var verdictNames = [...]string{Unknown: "unknown", Pass: "pass", Vacuous: "vacuous", Fail: "fail"}
var badness = [...]int{Pass: 0, Vacuous: 1, Unknown: 2, Fail: 3}

func (v Verdict) String() string { return verdictNames[v] }

// Worse returns the worse of two verdicts.
func (v Verdict) Worse(w Verdict) Verdict {
	if badness[w] > badness[v] {
		return w
	}
	return v
}

// Compare returns a number above 0 if v is worse than w, and below if it is better.
func (v Verdict) Compare(w Verdict) int { return badness[v] - badness[w] }

// MarshalText and UnmarshalText give the JSON form.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the JSON form.
func (v *Verdict) UnmarshalText(b []byte) error {
	for i, s := range verdictNames {
		if s == string(b) {
			*v = Verdict(i)
			return nil
		}
	}
	return fmt.Errorf("outcome: %q is no verdict", b)
}

// Class says whose problem a finding is.
type Class string

// The classes.
const (
	Bug        Class = "bug"        // something does not do what it documents
	Misuse     Class = "misuse"     // the program asks for what was never promised
	Limitation Class = "limitation" // documented, or true of every lease lock without fencing
)

// Finding is one broken rule in one run.
type Finding struct {
	Checker string `json:"checker"`
	Rule    string `json:"rule"` // short name, e.g. ME-effect
	Class   Class  `json:"class"`
	// Signature is the rule and the shape of what happened, without names of clients,
	// times or counts: equal signatures are the same finding.
	Signature string `json:"signature"`
	Message   string `json:"message"` // one sentence: what contradicts what, with instants
	Quote     string `json:"quote"`   // the guarantee that is broken, in a sentence
	// Evidence are the positions (Op.Call or Fact.Seq) of the events that contradict
	// each other, in order.
	Evidence []uint64 `json:"evidence,omitempty"`
}

// Check is one checker's result. A check that examined nothing is not a pass.
type Check struct {
	Name     string    `json:"name"`
	Verdict  Verdict   `json:"verdict"`
	Examined int       `json:"examined"`
	Findings []Finding `json:"findings"`
	// Threats counts how often what endangers the check's rules really occurred.
	Threats map[string]int `json:"threats,omitempty"`
	Reason  string         `json:"reason,omitempty"` // why Unknown or Vacuous
}

const nothingToExamine = "nothing to examine"

// Settle sets the verdict from what was found and examined, unless it is Unknown for a
// stated reason. Settling again changes nothing.
func (c *Check) Settle() {
	switch {
	case len(c.Findings) > 0:
		c.Verdict = Fail
	case c.Reason != "" && c.Reason != nothingToExamine:
		c.Verdict = Unknown
	case c.Examined == 0:
		c.Verdict, c.Reason = Vacuous, nothingToExamine
	default:
		c.Verdict = Pass
	}
}

// FaultCount is one line of the fault ledger.
type FaultCount struct {
	Clause   string `json:"clause"`
	Kind     string `json:"kind"`
	Armed    int    `json:"armed"`
	Fired    int    `json:"fired"`
	Mattered int    `json:"mattered"` // pending events or writes that it delayed, dropped or changed
	Refused  int    `json:"refused"`  // it would have been more than the service promises to survive
}

// Totals sums lines of ledgers.
type Totals struct {
	Armed    int `json:"armed"`
	Fired    int `json:"fired"`
	Mattered int `json:"mattered"` // clauses that mattered at all
	Refused  int `json:"refused"`
}

// Add adds a line.
func (t *Totals) Add(f FaultCount) {
	t.Armed += f.Armed
	t.Fired += f.Fired
	t.Refused += f.Refused
	if f.Mattered > 0 {
		t.Mattered++
	}
}

// Outcome is the result of one run.
type Outcome struct {
	Scenario string  `json:"scenario"`
	Seed     string  `json:"seed"`
	Exact    bool    `json:"exact"`
	Tier     string  `json:"tier"` // "exact", or "A" for guests on the stock toolchain
	Verdict  Verdict `json:"verdict"`
	Reason   string  `json:"reason,omitempty"` // why the run is vacuous or unknown
	Digest   string  `json:"digest"`
	Events   uint64  `json:"events"`
	Ops      int     `json:"ops"` // checked client operations
	// Beyond says that the plan's faults were allowed to be more than the service promises
	// to survive. Liveness was not judged then.
	Beyond    bool         `json:"beyond,omitempty"`
	VirtualNS int64        `json:"virtual_ns"`
	WallNS    int64        `json:"wall_ns"`
	Checks    []Check      `json:"checks"`
	Faults    []FaultCount `json:"faults"`
	// Marks counts how often the run reached each rare branch that a campaign must reach.
	Marks map[string]int `json:"marks,omitempty"`

	// Plan is what was run, and History what was seen; both only when asked for.
	Plan    json.RawMessage `json:"plan,omitempty"`
	History *history.Log    `json:"history,omitempty"`
	Trace   []string        `json:"trace,omitempty"`
	Samples []Sample        `json:"samples,omitempty"`
}

// Sample is an event of a run that another run is compared with.
type Sample struct {
	Event  uint64 `json:"event"`  // its number
	Digest string `json:"digest"` // of the run up to and with it, but not what it did
	Self   string `json:"self"`   // of the event alone
	Line   string `json:"line"`   // for people
}

// Findings returns the findings of all checks, in order.
func (o *Outcome) Findings() []Finding {
	var all []Finding
	for _, c := range o.Checks {
		all = append(all, c.Findings...)
	}
	return all
}

// Find returns the finding with the signature, if the run has it.
func (o *Outcome) Find(signature string) (Finding, bool) {
	for _, f := range o.Findings() {
		if f.Signature == signature {
			return f, true
		}
	}
	return Finding{}, false
}

// Settle sets the verdict of the run: the worst of its checks, and vacuous if faults
// were armed but none fired, or fewer than minOps operations succeeded.
func (o *Outcome) Settle(minOps int) {
	o.Verdict = Pass
	if len(o.Checks) == 0 {
		o.Verdict, o.Reason = Vacuous, "no checks"
	}
	for _, c := range o.Checks {
		if w := o.Verdict.Worse(c.Verdict); w != o.Verdict {
			o.Verdict, o.Reason = w, c.Name+": "+c.Reason
		}
	}
	armed, fired := 0, 0
	for _, f := range o.Faults {
		armed, fired = armed+f.Armed, fired+f.Fired
	}
	if armed > 0 && fired == 0 {
		o.worsen(Vacuous, "faults were armed and none fired")
	}
	if o.Ops < minOps {
		o.worsen(Vacuous, fmt.Sprintf("%d operations succeeded, the scenario demands %d", o.Ops, minOps))
	}
	if o.Verdict == Fail || o.Verdict == Pass {
		o.Reason = ""
	}
}

func (o *Outcome) worsen(v Verdict, reason string) {
	if w := o.Verdict.Worse(v); w != o.Verdict {
		o.Verdict, o.Reason = w, reason
	}
}
