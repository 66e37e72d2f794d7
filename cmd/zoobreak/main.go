package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/zoobreak/zoobreak/scenarios/worker"
)

// The exit codes. Scripts rely on them.
const (
	exitNothing   = 0  // nothing found
	exitViolation = 1  // a rule is broken
	exitUnknown   = 2  // undecided, or there was nothing to look at
	exitUsage     = 64 // the command line, or a file that it names, is wrong
	exitInternal  = 70 // an exact scenario ran differently, or zoobreak itself failed
)

// exit is an error that carries an exit code. Without a sentence it is silent: what there
// is to say has been printed.
type exit struct {
	code     int
	sentence string
}

func (e exit) Error() string { return e.sentence }

// internal wraps what is zoobreak's fault, or the machine's, unless a worker says that it
// is the caller's.
func internal(err error) error {
	if err == nil {
		return nil
	}
	var refused *worker.RefusedError
	if errors.As(err, &refused) {
		return exit{exitUsage, refused.Why}
	}
	return exit{exitInternal, err.Error()}
}

func usage(format string, args ...any) error { return exit{exitUsage, fmt.Sprintf(format, args...)} }

func main() {
	if os.Getenv(worker.Env) != "" {
		work()
		return
	}
	err := root().Execute()
	if err == nil {
		return
	}
	var e exit
	if !errors.As(err, &e) {
		e = exit{exitUsage, err.Error()} // cobra's own complaints are about the command line
	}
	if e.sentence != "" {
		fmt.Fprintln(os.Stderr, "zoobreak:", e.sentence)
	}
	os.Exit(e.code)
}

// work is this program as a worker. An interrupt is for the parent, who lets workers
// finish what they run.
func work() {
	signal.Ignore(os.Interrupt)
	if err := worker.Serve(worker.InFile(), worker.OutFile(), find); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitInternal)
	}
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:           "zoobreak",
		Short:         "Break coordination, deterministically: locks and more on a ZooKeeper-like service in a simulated world",
		SilenceErrors: true, SilenceUsage: true,
	}
	c.PersistentFlags().Bool("json", false, "print JSON lines")
	c.AddCommand(runCommand(), huntCommand(), replayCommand(), shrinkCommand(), mergeCommand(), doctorCommand(), listCommand(), serveCommand(), fsckCommand(), versionCommand())
	c.CompletionOptions.DisableDefaultCmd = true
	return c
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			v := versionOf()
			if asJSON(c) {
				return printJSON(c, map[string]string{"type": "version", "version": v.zoobreak, "revision": v.revision, "go": v.goVersion})
			}
			fmt.Fprintf(c.OutOrStdout(), "zoobreak %s %s %s\n", v.zoobreak, v.revision, v.goVersion)
			return nil
		},
	}
}

type version struct{ zoobreak, revision, goVersion string }

func versionOf() version {
	v := version{zoobreak: "(devel)", revision: "unknown"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.goVersion = info.GoVersion
	if info.Main.Version != "" {
		v.zoobreak = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v.revision = s.Value
		}
	}
	return v
}
