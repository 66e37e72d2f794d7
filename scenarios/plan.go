package scenarios

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/workloads"
)

// PlanVersion is the version of the plan format that this code writes.
const PlanVersion = 1

// Plan is one drawn instance of a scenario: everything that a run depends on, as data.
// Equal plans of an exact scenario run alike, event for event. Plans can be edited.
type Plan struct {
	Version   int            `json:"version"`
	Scenario  string         `json:"scenario"`
	Seed      string         `json:"seed"` // the plan was drawn from it; only a label from then on
	Noise     Noise          `json:"noise"`
	Servers   int            `json:"servers"`
	Observers int            `json:"observers,omitempty"` // the last ones of the servers: they have no vote
	Clients   int            `json:"clients"`
	Idle      []int          `json:"idle,omitempty"` // clients that do nothing
	Duration  clock.Span     `json:"duration"`
	Session   clock.Span     `json:"session_timeout"`
	Mixed     int            `json:"mixed_segments,omitempty"` // percent of writes to the network that arrive cut or joined
	Knobs     Knobs          `json:"knobs,omitzero"`
	Bugs      []string       `json:"bugs,omitempty"`   // switched on in the servers
	Beyond    bool           `json:"beyond,omitempty"` // faults may be more than the service promises to survive; only safety is judged then
	Faults    []fault.Clause `json:"faults"`
	Ops       []workloads.Op `json:"ops"`
}

// Draw draws the plan of a seed.
func (s *Scenario) Draw(seed uint64) *Plan {
	key := rng.New(seed).Of(s.Name)
	p := &Plan{
		Version: PlanVersion, Scenario: s.Name, Seed: strconv.FormatUint(seed, 10), Noise: noise(key.Of("noise").Uint64()),
		Servers: s.Servers, Observers: s.Observers, Clients: s.Clients, Duration: clock.Span(s.Duration), Session: clock.Span(s.Session),
		Faults: []fault.Clause{}, Ops: []workloads.Op{},
	}
	if key.Of("mixed").Chance(1, 2) {
		p.Mixed = mixedSegments
	}
	if s.Knobs {
		p.Knobs = drawKnobs(key.Of("knobs"), s.Session)
	}
	for c := 1; s.Ops != nil && c <= s.Clients; c++ {
		p.Ops = append(p.Ops, s.Ops(key.Of("ops").Int(uint64(c)), c)...)
	}
	menu := s.Faults
	for _, op := range p.Ops {
		menu.Marks = append(menu.Marks, op.At, op.At+op.For/2)
	}
	p.Faults = append(p.Faults, fault.Draw(key.Of("faults"), menu)...)
	slices.SortStableFunc(p.Faults, func(a, b fault.Clause) int { return cmp.Compare(a.At, b.At) })
	return p
}

// mixedSegments is the share of writes that arrive cut or joined in half of all plans.
const mixedSegments = 20

// JSON returns the canonical form.
func (p *Plan) JSON() []byte {
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		panic("scenarios: a plan cannot be encoded: " + err.Error())
	}
	return append(b, '\n')
}

// ParsePlan reads a plan and says what is wrong with it, if anything is.
func ParsePlan(b []byte) (*Plan, error) {
	p := &Plan{}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("plan%s: %w", placeOf(err, b), err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("plan, line %d: something follows the plan", lineOf(b, d.InputOffset()))
	}
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return p, nil
}

// placeOf names the line of an error, if the error says where it is.
func placeOf(err error, b []byte) string {
	var syntax *json.SyntaxError
	var value *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf(", line %d", lineOf(b, syntax.Offset))
	case errors.As(err, &value):
		return fmt.Sprintf(", line %d", lineOf(b, value.Offset))
	}
	return ""
}

func lineOf(b []byte, offset int64) int {
	return 1 + bytes.Count(b[:min(int(offset), len(b))], []byte("\n"))
}

// The sizes of worlds that make sense, and that a machine can hold.
const (
	maxServers  = 9
	maxClients  = 64
	maxDuration = clock.Span(3600e9)
)

// Validate says what is wrong with the plan, if anything is.
func (p *Plan) Validate() error {
	switch {
	case p.Version != PlanVersion:
		return fmt.Errorf("version is %d; this zoobreak reads %d", p.Version, PlanVersion)
	case p.Servers < 1 || p.Servers > maxServers:
		return fmt.Errorf("servers is %d; it must be 1 to %d", p.Servers, maxServers)
	case p.Observers < 0 || p.Observers >= p.Servers:
		return fmt.Errorf("observers is %d; it must be 0 to %d, so that somebody votes", p.Observers, p.Servers-1)
	case p.Clients < 0 || p.Clients > maxClients:
		return fmt.Errorf("clients is %d; it must be 0 to %d", p.Clients, maxClients)
	case p.Duration <= 0 || p.Duration > maxDuration:
		return fmt.Errorf("duration is %v; it must be more than 0 and at most %v", p.Duration, maxDuration)
	case p.Mixed < 0 || p.Mixed > 100:
		return fmt.Errorf("mixed_segments is %d; it is a percentage", p.Mixed)
	case p.Session <= 0:
		return fmt.Errorf("session_timeout is %v; it must be more than 0", p.Session)
	}
	if err := p.Noise.validate(); err != nil {
		return err
	}
	if err := p.Knobs.validate(); err != nil {
		return err
	}
	for i, c := range p.Faults {
		if err := p.validateFault(c); err != nil {
			return fmt.Errorf("faults[%d]: %w", i, err)
		}
	}
	for i, c := range p.Idle {
		if c < 1 || c > p.Clients {
			return fmt.Errorf("idle[%d] is %d; the plan has clients 1 to %d", i, c, p.Clients)
		}
	}
	for i, op := range p.Ops {
		if op.Client < 1 || op.Client > p.Clients {
			return fmt.Errorf("ops[%d]: client is %d; the plan has clients 1 to %d", i, op.Client, p.Clients)
		}
		if err := op.Validate(); err != nil {
			return fmt.Errorf("ops[%d]: %w", i, err)
		}
	}
	return nil
}

func (p *Plan) validateFault(c fault.Clause) error {
	for _, who := range []fault.Who{c.Who, c.Of} {
		servers, clients := who.Named()
		if most := slices.Max(append(servers, 0)); most > p.Servers {
			return fmt.Errorf("%v: the plan has only %d", who, p.Servers)
		}
		if most := slices.Max(append(clients, 0)); most > p.Clients {
			return fmt.Errorf("%v: the plan has only %d", who, p.Clients)
		}
	}
	if c.At >= p.Duration {
		return fmt.Errorf("at %v: the plan's faults end at its duration, %v", c.At, p.Duration)
	}
	return c.Validate()
}

// opsOf returns the operations of one client, in order.
func (p *Plan) opsOf(client int) (ops []workloads.Op) {
	for _, op := range p.Ops {
		if op.Client == client {
			ops = append(ops, op)
		}
	}
	return ops
}

// idle reports whether a client does nothing.
func (p *Plan) idle(client int) bool { return slices.Contains(p.Idle, client) }

// Size counts what shrinking removes.
type Size struct {
	Faults  int `json:"faults"`
	Ops     int `json:"ops"`
	Clients int `json:"clients"`
}

// Size returns the plan's size.
func (p *Plan) Size() Size { return Size{len(p.Faults), len(p.Ops), p.Clients - len(p.Idle)} }
