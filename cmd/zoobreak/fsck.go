package main

import (
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/zoobreak/zoobreak/disk/osdisk"
	"github.com/zoobreak/zoobreak/node/txnlog"
	"github.com/zoobreak/zoobreak/server"
)

func fsckCommand() *cobra.Command {
	return &cobra.Command{
		Use: "fsck DIR", Short: "Check the data directory of a server, and explain what is in it", Args: cobra.ExactArgs(1),
		Long: "Fsck reads all of the data directory (dataDir) of a server, also what a start would not read, and changes nothing. Run\n" +
			"it while the server is down: it does not wait for what is being written. It exits with 0 if nothing is wrong, or nothing but\n" +
			"what a crash may leave; with 1 if something that was durable is damaged; with 2 if the directory cannot be read.",
		RunE: func(c *cobra.Command, args []string) error { return fsck(c, args[0]) },
	}
}

func fsck(c *cobra.Command, dir string) error {
	if in, err := os.Stat(server.FilesDir(dir)); err == nil && in.IsDir() {
		dir = server.FilesDir(dir)
	}
	files, err := osdisk.Look(dir)
	if err != nil {
		return exit{exitUnknown, err.Error()}
	}
	defer files.Close()
	r, err := txnlog.Check(files)
	if err != nil {
		return exit{exitUnknown, err.Error()}
	}
	if err := printReport(c, r); err != nil {
		return err
	}
	if r.Worst == txnlog.Damage {
		return exit{exitViolation, ""}
	}
	return nil
}

func printReport(c *cobra.Command, r txnlog.Report) error {
	if asJSON(c) {
		return printJSON(c, struct {
			Type string `json:"type"`
			txnlog.Report
		}{"fsck", r})
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.File, f.Severity, f.Text)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(c.OutOrStdout(), r.Start)
	return nil
}
