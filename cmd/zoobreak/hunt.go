package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/zoobreak/zoobreak/reports"
	"github.com/zoobreak/zoobreak/reports/plots"
	"github.com/zoobreak/zoobreak/scenarios/campaign"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// What hunt does when it is not told otherwise.
const (
	defaultSeeds  = "1..300"
	confirmations = 20
	shrinkRuns    = 400
)

// huntFlags are the command's flags as given.
type huntFlags struct {
	seeds     string
	duration  time.Duration
	workers   int
	bugs      []string
	out       string
	keepGoing bool
	shard     string
	result    string
}

func huntCommand() *cobra.Command {
	var f huntFlags
	c := &cobra.Command{
		Use:   "hunt [SCENARIO...]",
		Short: "Run many seeds, and confirm, shrink and report what fails",
		Long: "Hunt runs many seeds of the scenarios and confirms, shrinks and reports each distinct failure.\n" +
			"Without arguments it hunts the scenario \"lock\" through all its seeds; with arguments it stops at the first\n" +
			"seed that fails, unless told to keep going.",
		RunE: func(c *cobra.Command, args []string) error { return hunt(c, args, f) },
	}
	c.Flags().StringVar(&f.seeds, "seeds", defaultSeeds, "seeds to run, first..last, or one that branches, 42@1500:7")
	c.Flags().DurationVar(&f.duration, "for", 0, "run seeds for this long instead")
	c.Flags().IntVar(&f.workers, "workers", runtime.NumCPU(), "processes to run them on")
	c.Flags().StringArrayVar(&f.bugs, "bug", nil, "switch on a bug in the servers; see: list bugs")
	c.Flags().StringVar(&f.out, "out", "zoobreak-out", "where findings are kept")
	c.Flags().BoolVar(&f.keepGoing, "keep-going", false, "go on after the first finding")
	c.Flags().StringVar(&f.shard, "shard", "", "run only every n-th seed, from the i-th: i/n, as in 2/4; keeps going; for merge, with --result")
	c.Flags().StringVar(&f.result, "result", "", "write the whole result to this file, for merge")
	c.MarkFlagsMutuallyExclusive("seeds", "for")
	return c
}

func (f huntFlags) config(args []string) (cfg campaign.Config, err error) {
	cfg = campaign.Config{For: f.duration, Bugs: f.bugs, KeepGoing: f.keepGoing, Confirm: confirmations, Shrink: shrinkRuns, From: 1}
	if len(args) == 0 {
		args, cfg.KeepGoing = []string{"lock"}, true
	}
	for _, name := range args {
		s, err := find(name)
		if err != nil {
			return cfg, err
		}
		if err := s.AdmitBugs(f.bugs); err != nil {
			return cfg, usage("%v", err)
		}
		cfg.Scenarios = append(cfg.Scenarios, s)
	}
	if f.workers < 1 {
		return cfg, usage("--workers is %d; it must be at least 1", f.workers)
	}
	if f.duration < 0 {
		return cfg, usage("--for is %v; it must be positive", f.duration)
	}
	if f.shard != "" {
		if cfg.Shard, err = parseShard(f.shard); err != nil {
			return cfg, err
		}
		cfg.KeepGoing = true // where one shard stops says nothing about the others
	}
	if f.duration == 0 {
		seeds, err := parseSeeds(f.seeds)
		cfg.From, cfg.To, cfg.Only = seeds.First, seeds.Last, seeds.Only
		if cfg.Only != nil && f.shard != "" {
			return cfg, usage("--shard %s: there is only one seed, %v, to split", f.shard, *cfg.Only)
		}
		return cfg, err
	}
	return cfg, nil
}

func hunt(c *cobra.Command, args []string, f huntFlags) error {
	cfg, err := f.config(args)
	if err != nil {
		return err
	}
	if cfg.Pool, err = newPool(f.workers); err != nil {
		return err
	}
	defer cfg.Pool.Close()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	p := &printer{c: c, out: c.OutOrStdout(), dir: f.out, json: asJSON(c), live: isTerminal(os.Stderr) && !asJSON(c), started: time.Now()}
	v := versionOf()
	result := campaign.Begin(cfg, v.zoobreak, v.revision)
	cfg.Listen = campaign.Listener{Run: p.run, Progress: p.progress, Finding: func(x campaign.Found) error {
		result.Tell(x)
		return p.finding(x)
	}}
	if f.result != "" { // what nobody will read is not kept: it grows with every run
		cfg.Listen.Record = result.Add
	}
	p.begin(cfg)
	summary, found, err := campaign.Hunt(ctx, cfg)
	if err != nil {
		return internal(err)
	}
	if f.result != "" {
		if err := result.Save(f.result); err != nil {
			return internal(err)
		}
	}
	p.end(summary, told(found), ctx.Err() != nil)
	return huntError(summary)
}

// huntError turns a campaign into an exit code.
func huntError(s campaign.Summary) error {
	switch {
	case s.Mismatches > 0:
		return exit{exitInternal, fmt.Sprintf("%d repeats of an exact scenario ran differently", s.Mismatches)}
	case s.Findings > 0:
		return exit{code: exitViolation}
	case s.Unknown > 0 || len(s.Hollow) > 0 || s.Missing > 0:
		return exit{code: exitUnknown}
	}
	return nil
}

// printer shows a hunt as it goes: lines for people, or JSON lines.
type printer struct {
	c       *cobra.Command
	out     io.Writer
	dir     string
	json    bool
	live    bool // a terminal: the progress line is rewritten in place
	started time.Time
	shown   time.Time
	err     error
}

func (p *printer) begin(cfg campaign.Config) {
	if p.json {
		return
	}
	for _, s := range cfg.Scenarios {
		fmt.Fprintf(p.out, "hunting %s: %s\n", s.Name, s.Summary)
	}
	if cfg.Shard.Of > 0 {
		fmt.Fprintf(p.out, "shard %d of %d: every seed is in one of them\n", cfg.Shard.Index, cfg.Shard.Of)
	}
	fmt.Fprintf(p.out, "determinism: tier %s, %d workers, reports under %s\n", cfg.Scenarios[0].Tier(), cfg.Pool.Size(), p.dir)
}

func (p *printer) run(o *outcome.Outcome) {
	if p.json {
		p.err = printRun(p.c, o)
	}
}

func (p *printer) progress(s campaign.Summary) {
	every := 5 * time.Second
	if p.live {
		every = 200 * time.Millisecond
	}
	if p.json || time.Since(p.shown) < every {
		return
	}
	p.shown = time.Now()
	end := "\n"
	if p.live {
		end = "\033[K\r"
	}
	fmt.Fprintf(os.Stderr, "%s%s", p.speed(s, time.Since(p.started)), end)
}

func (p *printer) speed(s campaign.Summary, d time.Duration) string {
	sec := max(d.Seconds(), 1e-3)
	return fmt.Sprintf("%s in %.1fs (%.0f/s), %.0f events/s, %.0f checked client operations/s, %.0f virtual seconds/s, %s",
		count(s.Runs, "run"), sec, float64(s.Runs)/sec, float64(s.Events)/sec, float64(s.Ops)/sec, float64(s.VirtualNS)/1e9/sec, count(s.Findings, "distinct finding"))
}

// findingLine is the JSON line of a finding.
type findingLine struct {
	Type       string        `json:"type"`
	Scenario   string        `json:"scenario"`
	Seed       string        `json:"seed"`
	Checker    string        `json:"checker"`
	Rule       string        `json:"rule"`
	Class      outcome.Class `json:"class"`
	Signature  string        `json:"signature"`
	Reproduced int           `json:"reproduced"`
	Of         int           `json:"of"`
	Dir        string        `json:"dir"`
}

func lineOf(f campaign.Told, dir string) findingLine {
	return findingLine{"finding", f.Scenario, f.Seed.String(), f.Finding.Checker, f.Finding.Rule,
		f.Finding.Class, f.Finding.Signature, f.Reproduced, f.Of, dir}
}

// finding saves a finding first and then shows it.
func (p *printer) finding(f campaign.Found) error {
	dir, err := saveFound(f, p.dir)
	if err != nil {
		return err
	}
	if p.json {
		return printJSON(p.c, lineOf(f.Told(), dir))
	}
	fmt.Fprintf(p.out, "\n%s after the start: seed %s, one of %d failing runs like it\n", time.Since(p.started).Round(100*time.Millisecond), f.Original.Seed, f.Variants)
	return reports.Text(p.out, f.Report(replayCommandLine(dir)))
}

func replayCommandLine(dir string) string { return invocation() + " replay " + dir }

// saveFound writes a finding's directory, its data before anything is rendered from it.
func saveFound(f campaign.Found, out string) (dir string, err error) {
	if dir, err = f.Save(out); err != nil {
		return "", err
	}
	if err := f.Render(dir, replayCommandLine(dir)); err != nil {
		return "", err
	}
	return dir, savePlots(f.Outcome, dir)
}

func savePlots(o *outcome.Outcome, dir string) error {
	svg, err := plots.Timeline(o)
	if err != nil {
		return err
	}
	png, err := plots.TimelinePNG(o)
	if err != nil {
		return err
	}
	if err := campaign.WriteFile(filepath.Join(dir, "timeline.svg"), svg); err != nil {
		return err
	}
	return campaign.WriteFile(filepath.Join(dir, "timeline.png"), png)
}

// summaryLine is the last JSON line of a hunt.
type summaryLine struct {
	Type string `json:"type"`
	campaign.Summary
}

func told(found []campaign.Found) (all []campaign.Told) {
	for _, f := range found {
		all = append(all, f.Told())
	}
	return all
}

func (p *printer) end(s campaign.Summary, found []campaign.Told, interrupted bool) {
	if p.json {
		printJSON(p.c, summaryLine{"summary", s})
		return
	}
	if interrupted {
		fmt.Fprintln(p.out, "\ninterrupted: what follows covers the seeds that were finished")
	}
	printSummary(p.out, p.speed(s, time.Duration(s.WallNS)), s, found)
	for i, f := range found {
		if i == 0 {
			fmt.Fprintf(p.out, "\nread  %s\n", filepath.Join(p.dir, f.Dir, campaign.MarkdownFile))
		}
	}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
