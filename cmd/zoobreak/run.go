package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zoobreak/zoobreak/reports"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/campaign"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/scenarios/worker"
)

func runCommand() *cobra.Command {
	var seed scenarios.Seed
	var planFile, out string
	c := &cobra.Command{
		Use: "run SCENARIO --seed S", Short: "Run one seed, or one plan, of a scenario and judge it", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := find(args[0])
			if err != nil {
				return err
			}
			q := worker.Request{Scenario: s.Name, Seed: seed, History: out != ""}
			if planFile != "" {
				p, _, err := loadPlan(planFile)
				if err != nil {
					return err
				}
				if err := s.Admit(p); err != nil {
					return usage("%s: %v", planFile, err)
				}
				q.Plan = p.JSON()
			} else if !c.Flags().Changed("seed") {
				return usage("run needs --seed S or --plan FILE")
			}
			return runOne(c, q, out)
		},
	}
	c.Flags().TextVar(&seed, "seed", scenarios.Seed{}, "draws the plan; the `seed` 42@1500:7 goes on with 7 after event 1500")
	c.Flags().StringVar(&planFile, "plan", "", "run this plan instead of drawing one")
	c.Flags().StringVar(&out, "out", "", "keep plan and outcome in this directory")
	c.MarkFlagsMutuallyExclusive("seed", "plan")
	return c
}

// loadPlan reads a plan for a command: a bad one is a mistake of the caller.
func loadPlan(path string) (*scenarios.Plan, *campaign.Record, error) {
	p, record, err := campaign.LoadPlan(path)
	if err != nil {
		return nil, nil, usage("%v", err)
	}
	return p, record, nil
}

func runOne(c *cobra.Command, q worker.Request, out string) error {
	pool, err := newPool(1)
	if err != nil {
		return err
	}
	defer pool.Close()
	o, err := pool.Run(q)
	if err != nil {
		return internal(err)
	}
	if out != "" {
		if err := keepRun(o, out); err != nil {
			return internal(err)
		}
	}
	if asJSON(c) {
		err = printRun(c, o)
	} else {
		reports.Run(c.OutOrStdout(), o)
	}
	if err != nil {
		return internal(err)
	}
	return verdictError(o.Verdict)
}

// keepRun saves what one run was, and what it saw.
func keepRun(o *outcome.Outcome, out string) error {
	if err := campaign.MakeOut(out); err != nil {
		return err
	}
	dir := filepath.Join(out, o.Scenario+"-seed-"+strings.ReplaceAll(o.Seed, ":", "-"))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if err := campaign.WriteFile(filepath.Join(dir, campaign.PlanFile), append(o.Plan, '\n')); err != nil {
		return err
	}
	return campaign.WriteFile(filepath.Join(dir, campaign.OutcomeFile), campaign.Encode(o))
}
