package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/scenarios/worker"
	"github.com/zoobreak/zoobreak/sim/divergence"
)

func doctorCommand() *cobra.Command {
	var seeds string
	c := &cobra.Command{
		Use: "doctor [SCENARIO...]", Short: "Check that equal seeds give equal runs on this machine",
		Long: "Doctor runs each seed twice, in separate processes on one processor and on two, and compares the digests.\n" +
			"Where they differ it shows the first event that does. Without arguments it takes the exact scenarios; for\n" +
			"one with guests it counts, and promises nothing.",
		RunE: func(c *cobra.Command, args []string) error { return doctor(c, args, seeds) },
	}
	c.Flags().StringVar(&seeds, "seeds", "1..100", "seeds to run, first..last, or one that branches, 42@1500:7")
	return c
}

// doctorLine is the JSON line of a scenario.
type doctorLine struct {
	Type       string `json:"type"`
	Scenario   string `json:"scenario"`
	Exact      bool   `json:"exact"`
	Runs       int    `json:"runs"` // pairs
	Mismatches int    `json:"mismatches"`
}

func doctor(c *cobra.Command, args []string, seeds string) error {
	chosenSeeds, err := parseSeeds(seeds)
	if err != nil {
		return err
	}
	chosen, err := patients(args)
	if err != nil {
		return err
	}
	d := &examiner{c: c}
	for i, procs := range []string{"1", "2"} {
		if d.pools[i], err = newPool(1, "GOMAXPROCS="+procs); err != nil {
			return err
		}
		defer d.pools[i].Close()
	}
	broken := 0
	for _, s := range chosen {
		line, err := d.examine(s, chosenSeeds)
		if err != nil {
			return internal(err)
		}
		if s.Exact() {
			broken += line.Mismatches
		}
	}
	if broken > 0 {
		return exit{exitInternal, fmt.Sprintf("%d seeds of exact scenarios ran differently", broken)}
	}
	return nil
}

// patients are the scenarios named, or all exact ones.
func patients(args []string) (chosen []*scenarios.Scenario, err error) {
	for _, name := range args {
		s, err := find(name)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, s)
	}
	for _, s := range library() {
		if len(args) == 0 && s.Exact() {
			chosen = append(chosen, s)
		}
	}
	return chosen, nil
}

// examiner runs everything twice, at the same time.
type examiner struct {
	c     *cobra.Command
	pools [2]*worker.Pool
}

func (d *examiner) examine(s *scenarios.Scenario, seeds scenarios.Seeds) (doctorLine, error) {
	line := doctorLine{Type: "doctor", Scenario: s.Name, Exact: s.Exact()}
	for seed := range seeds.All() {
		outs, err := d.both(worker.Request{Scenario: s.Name, Seed: seed})
		if err != nil {
			return line, err
		}
		line.Runs++
		if outs[0].Digest == outs[1].Digest {
			continue
		}
		line.Mismatches++
		if line.Mismatches == 1 {
			if err := d.locate(s, seed); err != nil {
				return line, err
			}
		}
	}
	return line, d.tell(line)
}

func (d *examiner) both(q worker.Request) (outs [2]*outcome.Outcome, err error) {
	type answer struct {
		out *outcome.Outcome
		err error
	}
	second := make(chan answer)
	go func() {
		out, err := d.pools[1].Run(q)
		second <- answer{out, err}
	}()
	outs[0], err = d.pools[0].Run(q)
	a := <-second
	if outs[1] = a.out; err == nil {
		err = a.err
	}
	return outs, err
}

// locate shows where the two runs of a seed part. They may not part again.
func (d *examiner) locate(s *scenarios.Scenario, seed scenarios.Seed) error {
	if asJSON(d.c) {
		return nil
	}
	runs := [2]divergence.Run{}
	for i, pool := range d.pools {
		runs[i] = func(w divergence.Window) (*outcome.Outcome, error) {
			return pool.Run(worker.Request{Scenario: s.Name, Seed: seed, Look: &w})
		}
	}
	out := d.c.OutOrStdout()
	p, err := divergence.Find(runs[0], runs[1])
	var unsteady *divergence.UnsteadyError
	switch {
	case errors.As(err, &unsteady):
		fmt.Fprintf(out, "%s, seed %v: %v\n", s.Name, seed, unsteady)
	case err != nil:
		return err
	case p == nil:
		fmt.Fprintf(out, "%s, seed %v: two runs differed, and another two do not\n", s.Name, seed)
	default:
		fmt.Fprintf(out, "%s, seed %v: ", s.Name, seed)
		p.Write(out)
	}
	return nil
}

func (d *examiner) tell(l doctorLine) error {
	if asJSON(d.c) {
		return printJSON(d.c, l)
	}
	promise := "exact"
	if !l.Exact {
		promise = "tier A, which promises no more than most"
	}
	_, err := fmt.Fprintf(d.c.OutOrStdout(), "%s: %s, each run twice, in separate processes on one processor and on two: %s (%s)\n",
		l.Scenario, count(l.Runs, "seed"), count(l.Mismatches, "mismatch"), promise)
	return err
}
