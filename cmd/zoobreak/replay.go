package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/zoobreak/zoobreak/reports"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/campaign"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/scenarios/worker"
)

func replayCommand() *cobra.Command {
	var until uint64
	var trace bool
	c := &cobra.Command{
		Use: "replay FILE|DIR", Short: "Run a saved plan again, in a new process", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return replay(c, args[0], until, trace) },
	}
	c.Flags().Uint64Var(&until, "until", 0, "stop after this event")
	c.Flags().BoolVar(&trace, "trace", false, "print every event")
	return c
}

// saved is a plan from a file, with what it needs to be run.
type saved struct {
	plan     *scenarios.Plan
	record   *campaign.Record // nil: there is no finding beside it
	scenario *scenarios.Scenario
	pool     *worker.Pool
}

func openSaved(path string) (s saved, err error) {
	if s.plan, s.record, err = loadPlan(path); err != nil {
		return s, err
	}
	if s.scenario, err = find(s.plan.Scenario); err != nil {
		return s, err
	}
	if err := s.scenario.Admit(s.plan); err != nil {
		return s, usage("%s: %v", path, err)
	}
	s.pool, err = newPool(1)
	return s, err
}

func replay(c *cobra.Command, path string, until uint64, trace bool) error {
	s, err := openSaved(path)
	if err != nil {
		return err
	}
	defer s.pool.Close()
	o, err := s.pool.Run(worker.Request{Scenario: s.scenario.Name, Plan: s.plan.JSON(), History: true, Trace: trace, Until: until})
	if err != nil {
		return internal(err)
	}
	for _, line := range o.Trace {
		fmt.Fprintln(c.OutOrStdout(), line)
	}
	if asJSON(c) {
		if err := printRun(c, o); err != nil {
			return internal(err)
		}
	} else {
		s.show(c, path, o)
	}
	if r := s.record; r != nil && r.Exact && until == 0 && r.Digest != o.Digest {
		return exit{exitInternal, fmt.Sprintf("this replay has digest %s, the saved run had %s, and the scenario is exact: was the plan saved by another version?", o.Digest, r.Digest)}
	}
	return verdictError(o.Verdict)
}

// show says whether the saved finding is there again, and tells it if so.
func (s saved) show(c *cobra.Command, path string, o *outcome.Outcome) {
	w := c.OutOrStdout()
	reports.Run(w, o)
	if s.record == nil {
		return
	}
	f, again := o.Find(s.record.Finding.Signature)
	if !again {
		fmt.Fprintf(w, "\nnot reproduced: this run does not show %q\n", s.record.Finding.Signature)
		return
	}
	found := campaign.Found{Scenario: s.scenario, Finding: f, Original: s.plan, Plan: s.plan, Outcome: o, Reproduced: 1, Of: 1}
	fmt.Fprintln(w, "\nreproduced:")
	reports.Text(w, found.Report(replayCommandLine(filepath.Clean(path))))
}

func shrinkCommand() *cobra.Command {
	var out string
	var budget int
	c := &cobra.Command{
		Use: "shrink FILE", Short: "Make a failing plan small", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return shrink(c, args[0], out, budget) },
	}
	c.Flags().StringVar(&out, "out", "zoobreak-out", "where the result is kept")
	c.Flags().IntVar(&budget, "runs", shrinkRuns, "runs that shrinking may take")
	return c
}

func shrink(c *cobra.Command, path, out string, budget int) error {
	s, err := openSaved(path)
	if err != nil {
		return err
	}
	defer s.pool.Close()
	signature, err := s.signature()
	if err != nil {
		return err
	}
	f, err := campaign.Triage(s.pool, s.scenario, s.plan, signature, budget, confirmations)
	if err != nil {
		return internal(err)
	}
	if f.Reproduced == 0 {
		return exit{exitUnknown, fmt.Sprintf("the shrunk plan does not show %q again", signature)}
	}
	shown := &printer{c: c, out: c.OutOrStdout(), dir: out, json: asJSON(c), started: time.Now()}
	f.Variants = 1
	if err := shown.finding(f); err != nil {
		return internal(err)
	}
	return exit{code: exitViolation}
}

// signature returns what the shrunk plan must show: what the saved finding says, or the
// most telling thing that the plan shows.
func (s saved) signature() (string, error) {
	if s.record != nil {
		return s.record.Finding.Signature, nil
	}
	o, err := s.pool.Run(worker.Request{Scenario: s.scenario.Name, Plan: s.plan.JSON()})
	if err != nil {
		return "", internal(err)
	}
	all := o.Findings()
	if len(all) == 0 {
		return "", exit{exitNothing, "the plan does not fail: there is nothing to shrink"}
	}
	return campaign.Telling(all).Signature, nil
}
