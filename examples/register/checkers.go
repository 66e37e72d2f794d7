package register

import (
	"fmt"

	"github.com/anishathalye/porcupine"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// linearizable judges that the register behaves as one.
type linearizable struct{}

func (linearizable) Name() string { return "linearizable" }

type input struct {
	write bool
	value string
}

// model is a register. A write whose outcome is unknown may take effect at any time after
// it was asked for, or never: after everything else.
var model = porcupine.Model{
	Init: func() any { return "0" },
	Step: func(state, in, out any) (bool, any) {
		if i := in.(input); i.write {
			return true, i.value
		}
		return state == out, state
	},
}

func (linearizable) Check(l *history.Log) outcome.Check {
	c := outcome.Check{Name: "linearizable", Findings: []outcome.Finding{}}
	var ops []porcupine.Operation
	for _, op := range l.Ops {
		if op.Kind != Write && (op.Kind != Read || op.Status != history.OK) {
			continue
		}
		o := porcupine.Operation{ClientId: op.Client, Input: input{op.Kind == Write, op.Text}, Call: int64(op.Call), Output: op.Text, Return: int64(op.Return)}
		if op.Status != history.OK {
			o.Return = 1 << 62
		}
		ops = append(ops, o)
	}
	c.Examined = len(ops)
	if !porcupine.CheckOperations(model, ops) {
		c.Findings = append(c.Findings, outcome.Finding{
			Checker: c.Name, Rule: "register-linearizable", Class: outcome.Bug, Signature: "register-linearizable: no order of the operations explains what was read",
			Message: fmt.Sprintf("no order of the %d reads and writes that respects real time explains what was read", len(ops)),
			Quote:   "A read returns the value of the last write before it.",
		})
	}
	c.Settle()
	return c
}

// progress judges that the probe got something done when all faults were over.
type progress struct{}

func (progress) Name() string { return "progress" }

// OfLiveness implements checkers.Lively: a plan beyond what is promised does without it.
func (progress) OfLiveness() bool { return true }

func (progress) Check(l *history.Log) outcome.Check {
	c := outcome.Check{Name: "progress", Findings: []outcome.Finding{}}
	succeeded := false
	for _, op := range l.Ops {
		if op.Client == 0 {
			c.Examined++
			succeeded = succeeded || op.Status == history.OK
		}
	}
	if c.Examined > 0 && !succeeded {
		c.Findings = append(c.Findings, outcome.Finding{
			Checker: c.Name, Rule: "register-progress", Class: outcome.Bug, Signature: "register-progress: no write succeeds after the faults",
			Message: fmt.Sprintf("all %d writes of the probe failed although no fault was left", c.Examined),
			Quote:   "When all faults are over, writes succeed again.",
		})
	}
	c.Settle()
	return c
}
