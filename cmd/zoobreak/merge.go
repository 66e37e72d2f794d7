package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/zoobreak/zoobreak/scenarios/campaign"
)

func mergeCommand() *cobra.Command {
	var result string
	c := &cobra.Command{
		Use: "merge FILE...", Short: "Join the results of the shards of a hunt", Args: cobra.MinimumNArgs(1),
		Long: "Merge joins what hunt --result has written into one result, prints the table that one hunt of all the seeds\n" +
			"would have printed, and exits with its code. Files may overlap, and be merged again: a run counts once.",
		RunE: func(c *cobra.Command, files []string) error { return merge(c, files, result) },
	}
	c.Flags().StringVar(&result, "result", "", "write the joined result to this file")
	return c
}

func merge(c *cobra.Command, files []string, result string) error {
	all, err := mergeFiles(files)
	if err != nil {
		return err
	}
	if result != "" {
		if err := all.Save(result); err != nil {
			return internal(err)
		}
	}
	s := all.Summary()
	if asJSON(c) {
		err = printMerged(c, s, all.Table())
	} else {
		printSummary(c.OutOrStdout(), effort(s, len(files)), s, all.Table())
	}
	if err != nil {
		return internal(err)
	}
	return huntError(s)
}

func mergeFiles(files []string) (all *campaign.Result, err error) {
	for _, file := range files {
		r, err := campaign.LoadResult(file)
		if err != nil {
			return nil, usage("%v", err)
		}
		if all == nil {
			all = r
			continue
		}
		all, err = campaign.Merge(all, r)
		var mismatch *campaign.MismatchError
		switch {
		case errors.As(err, &mismatch):
			return nil, exit{exitInternal, fmt.Sprintf("%s: %v", file, err)}
		case err != nil:
			return nil, usage("%s: %v", file, err)
		}
	}
	return all, nil
}

func effort(s campaign.Summary, files int) string {
	return fmt.Sprintf("%s from %s, %v of running, %s", count(s.Runs, "run"), count(files, "file"), time.Duration(s.WallNS).Round(time.Millisecond), count(s.Findings, "distinct finding"))
}

func printMerged(c *cobra.Command, s campaign.Summary, found []campaign.Told) error {
	for _, f := range found {
		if err := printJSON(c, lineOf(f, f.Dir)); err != nil {
			return err
		}
	}
	return printJSON(c, summaryLine{"summary", s})
}
