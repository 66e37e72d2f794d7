package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/scenarios/worker"
	"github.com/zoobreak/zoobreak/sim/divergence"
)

func doctorCommand() *cobra.Command {
	var f doctorFlags
	c := &cobra.Command{
		Use: "doctor [SCENARIO...]", Short: "Check that equal seeds give equal runs on this machine",
		Long: "Doctor runs each seed twice, in separate processes on one processor and on two, and compares the digests.\n" +
			"Where they differ it shows the first event that does. Without arguments it takes the exact scenarios; for\n" +
			"one with guests it counts, and promises nothing. It can compare with other builds of this version, too: with\n" +
			"the race detector, by another release of Go, or for another architecture, if the command runs it here.",
		RunE: func(c *cobra.Command, args []string) error { return doctor(c, args, f) },
	}
	c.Flags().BoolVar(&f.race, "race", false, "compare also with a build with the race detector, which the go command makes here")
	c.Flags().StringArrayVar(&f.against, "against", nil, "compare also with what this command runs, such as another build of zoobreak, or \"qemu-aarch64 FILE\"")
	c.Flags().StringVar(&f.seeds, "seeds", "1..100", "seeds to run, first..last, or one that branches, 42@1500:7")
	return c
}

// doctorFlags are the command's flags as given.
type doctorFlags struct {
	seeds   string
	race    bool
	against []string
}

// doctorLine is the JSON line of a scenario.
type doctorLine struct {
	Type       string   `json:"type"`
	Scenario   string   `json:"scenario"`
	Exact      bool     `json:"exact"`
	Runs       int      `json:"runs"` // seeds, each of which was run in every way
	Mismatches int      `json:"mismatches"`
	Ways       []string `json:"ways"`
}

func doctor(c *cobra.Command, args []string, f doctorFlags) error {
	seeds, err := parseSeeds(f.seeds)
	if err != nil {
		return err
	}
	chosen, err := patients(args)
	if err != nil {
		return err
	}
	d := &examiner{c: c}
	defer d.close()
	if err := d.add(f); err != nil {
		return err
	}
	broken := 0
	for _, s := range chosen {
		line, err := d.examine(s, seeds)
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

func (d *examiner) examine(s *scenarios.Scenario, seeds scenarios.Seeds) (doctorLine, error) {
	line := doctorLine{Type: "doctor", Scenario: s.Name, Exact: s.Exact(), Ways: d.names()}
	for seed := range seeds.All() {
		outs, err := d.all(s, seed)
		if err != nil {
			return line, err
		}
		line.Runs++
		odd := slices.IndexFunc(outs, func(o *outcome.Outcome) bool { return o.Digest != outs[0].Digest })
		if odd < 0 {
			continue
		}
		line.Mismatches++
		if line.Mismatches == 1 {
			if err := d.locate(s, seed, odd); err != nil {
				return line, err
			}
		}
	}
	return line, d.tell(line)
}

// locate shows where the first way and another part. They may not part again.
func (d *examiner) locate(s *scenarios.Scenario, seed scenarios.Seed, odd int) error {
	if asJSON(d.c) {
		return nil
	}
	runs := [2]divergence.Run{}
	for i, w := range []way{d.ways[0], d.ways[odd]} {
		runs[i] = func(look divergence.Window) (*outcome.Outcome, error) {
			return w.run(worker.Request{Scenario: s.Name, Seed: seed, Look: &look})
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
		fmt.Fprintf(out, "%s, seed %v, run 1 %s and run 2 %s: ", s.Name, seed, d.ways[0].name, d.ways[odd].name)
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
	_, err := fmt.Fprintf(d.c.OutOrStdout(), "%s: %s, each run in separate processes %s: %s (%s)\n",
		l.Scenario, count(l.Runs, "seed"), enumerate(l.Ways), count(l.Mismatches, "mismatch"), promise)
	return err
}
