package main

import (
	"fmt"
	"path/filepath"

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

func replay(c *cobra.Command, path string, until uint64, trace bool) error {
	p, record, err := loadPlan(path)
	if err != nil {
		return err
	}
	s, err := find(p.Scenario)
	if err != nil {
		return err
	}
	pool, err := newPool(1)
	if err != nil {
		return err
	}
	defer pool.Close()
	o, err := pool.Run(worker.Request{Scenario: s.Name, Plan: p.JSON(), History: true, Trace: trace, Until: until})
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
		showReplay(c, path, s, p, record, o)
	}
	if record != nil && record.Exact && until == 0 && record.Digest != o.Digest {
		return exit{exitInternal, fmt.Sprintf("this replay has digest %s, the saved run had %s, and the scenario is exact: was the plan saved by another version?", o.Digest, record.Digest)}
	}
	return verdictError(o.Verdict)
}

// showReplay says whether the saved finding is there again, and tells it if so.
func showReplay(c *cobra.Command, path string, s *scenarios.Scenario, p *scenarios.Plan, record *campaign.Record, o *outcome.Outcome) {
	w := c.OutOrStdout()
	reports.Run(w, o)
	if record == nil {
		return
	}
	f, again := o.Find(record.Finding.Signature)
	if !again {
		fmt.Fprintf(w, "\nnot reproduced: this run does not show %q\n", record.Finding.Signature)
		return
	}
	found := campaign.Found{Scenario: s, Finding: f, Original: p, Plan: p, Outcome: o, Reproduced: 1, Of: 1}
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
	p, record, err := loadPlan(path)
	if err != nil {
		return err
	}
	s, err := find(p.Scenario)
	if err != nil {
		return err
	}
	pool, err := newPool(1)
	if err != nil {
		return err
	}
	defer pool.Close()
	signature, err := signatureOf(pool, p, record)
	if err != nil {
		return err
	}
	f, err := campaign.Triage(pool, s, p, signature, budget, confirmations)
	if err != nil {
		return internal(err)
	}
	if f.Reproduced == 0 {
		return exit{exitUnknown, fmt.Sprintf("the shrunk plan does not show %q again", signature)}
	}
	shown := &printer{c: c, out: c.OutOrStdout(), dir: out, json: asJSON(c)}
	f.Variants = 1
	if err := shown.finding(f); err != nil {
		return internal(err)
	}
	return exit{code: exitViolation}
}

// signatureOf returns what the shrunk plan must show: what the saved finding says, or the
// first thing that the plan shows.
func signatureOf(pool *worker.Pool, p *scenarios.Plan, record *campaign.Record) (string, error) {
	if record != nil {
		return record.Finding.Signature, nil
	}
	o, err := pool.Run(worker.Request{Scenario: p.Scenario, Plan: p.JSON()})
	if err != nil {
		return "", internal(err)
	}
	all := o.Findings()
	if len(all) == 0 {
		return "", exit{exitNothing, "the plan does not fail: there is nothing to shrink"}
	}
	return all[0].Signature, nil
}
