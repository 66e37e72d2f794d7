package worker

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/sim/divergence"
)

// Request asks a worker for one run.
type Request struct {
	Scenario string          `json:"scenario"`
	Seed     scenarios.Seed  `json:"seed,omitzero"` // draws the plan, unless Plan is given
	Plan     json.RawMessage `json:"plan,omitempty"`
	Bugs     []string        `json:"bugs,omitempty"` // added to a drawn plan
	History  bool            `json:"history,omitempty"`
	Trace    bool            `json:"trace,omitempty"`
	Until    uint64          `json:"until,omitempty"`

	Look *divergence.Window `json:"look,omitempty"` // instead of Trace and Until
}

// answer is a line from a worker: the outcome of the run, and then, after its guests are
// wound down, that it is ready for another. A worker that cannot wind them down ends
// instead; its outcome stands.
type answer struct {
	Outcome *outcome.Outcome `json:"outcome,omitempty"`
	Error   string           `json:"error,omitempty"`
	Ready   bool             `json:"ready,omitempty"`
}

// Serve answers requests until the input ends. Find returns a scenario by name.
func Serve(in io.Reader, out io.Writer, find func(string) (*scenarios.Scenario, error)) error {
	requests, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var q Request
		if err := requests.Decode(&q); err != nil {
			if err == io.EOF {
				return nil
			}
			return fmt.Errorf("worker: bad request: %w", err)
		}
		if clean := serveOne(q, answers, find); !clean {
			return nil
		}
		if err := answers.Encode(answer{Ready: true}); err != nil {
			return err
		}
	}
}

// serveOne runs one plan and reports whether this process may run another.
func serveOne(q Request, answers *json.Encoder, find func(string) (*scenarios.Scenario, error)) (clean bool) {
	s, err := find(q.Scenario)
	var plan *scenarios.Plan
	if err == nil {
		plan, err = q.plan(s)
	}
	if err != nil {
		answers.Encode(answer{Error: err.Error()})
		return true
	}
	start, told := time.Now(), false
	tell := func(o *outcome.Outcome) {
		o.WallNS, told = int64(time.Since(start)), true
		answers.Encode(answer{Outcome: o})
	}
	o := scenarios.Options{History: q.History, Trace: q.Trace, Until: q.Until, Look: q.Look, Judged: tell}
	out, clean := scenarios.Run(s, plan, o)
	if !told {
		tell(out)
	}
	return clean
}

func (q Request) plan(s *scenarios.Scenario) (*scenarios.Plan, error) {
	if q.Plan != nil {
		p, err := scenarios.ParsePlan(q.Plan)
		if err == nil {
			err = s.Admit(p)
		}
		return p, err
	}
	return s.DrawSeed(q.Seed, q.Bugs...)
}
