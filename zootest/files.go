package zootest

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zoobreak/zoobreak/reports"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/campaign"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/scenarios/worker"
)

var (
	planFlag  = flag.String("zoobreak.plan", "", "run this plan instead of hunting")
	seedsFlag = flag.String("zoobreak.seeds", "", "seeds to hunt, first..last")
	outFlag   = flag.String("zoobreak.out", "zoobreak-out", "where reports of failures go")
)

// The default effort.
const (
	fixedSeeds    = 200
	shortSeeds    = 20
	confirmations = 20
	shrinkRuns    = 150
	extraRuns     = 30 // after a finding that is not about effects, to find one that is
)

// seeds returns the seeds to hunt: the same ones every time, unless told otherwise. One
// that branches is refused by the scenario, which knows why.
func seeds(t *testing.T) scenarios.Seeds {
	t.Helper()
	switch {
	case *seedsFlag != "":
		s, err := scenarios.ParseSeeds(*seedsFlag)
		if err != nil {
			t.Fatalf("zootest: -zoobreak.seeds: %v", err)
		}
		return s
	case testing.Short():
		return scenarios.Seeds{First: 1, Last: shortSeeds}
	}
	return scenarios.Seeds{First: 1, Last: fixedSeeds}
}

// kept is where plans of failures are kept, for the next run and for version control.
const kept = "testdata/zoobreak"

// fileName is a test's name as a file name.
func fileName(test string) string { return strings.ReplaceAll(test, "/", "-") }

// savedPlans returns the plans that are kept for a test, in order. Those of a test whose
// name begins with this one's are not among them; a file that is no plan is: to run it
// says what is wrong.
func savedPlans(test string) (files []string) {
	all, _ := os.ReadDir(kept) // sorted; without the directory there are none
	for _, f := range all {
		if !strings.HasPrefix(f.Name(), fileName(test)+"-") || filepath.Ext(f.Name()) != ".json" {
			continue
		}
		file := filepath.Join(kept, f.Name())
		if p, _, err := campaign.LoadPlan(file); err != nil || p.Scenario == test {
			files = append(files, file)
		}
	}
	return files
}

// pattern is what -run takes to mean one test, or subtest, and no other.
func pattern(test string) string {
	parts := strings.Split(test, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

// command makes the command line of a worker: this test binary, with this test alone.
func command(test string) func() *exec.Cmd {
	return func() *exec.Cmd {
		return exec.Command(os.Args[0], "-test.run="+pattern(test), "-test.count=1", "-test.timeout=0")
	}
}

// replayCommand is what a person types to run a plan again.
func (h *hunt) replayCommand(file string) string {
	return fmt.Sprintf("go test -run '%s' -zoobreak.plan=%s", pattern(h.t.Name()), filepath.ToSlash(file))
}

// fail keeps the finding and fails the test with its story.
func (h *hunt) fail(f campaign.Found) {
	h.t.Helper()
	name := fmt.Sprintf("%s-%s", fileName(h.t.Name()), f.ID())
	plan := filepath.Join(kept, name+".json")
	dir := filepath.Join(*outFlag, name)
	replay := h.replayCommand(plan)
	err := os.MkdirAll(kept, 0o777)
	if err == nil {
		err = campaign.WriteFile(plan, f.Plan.JSON())
	}
	if err == nil {
		err = f.SaveAs(*outFlag, name)
	}
	if err == nil {
		err = f.Render(dir, replay)
	}
	h.t.Errorf("%s  Report:        %s\n", story(f, replay), filepath.Join(dir, campaign.MarkdownFile))
	if err != nil {
		h.t.Errorf("zootest: the finding could not be kept: %v", err)
	}
}

func story(f campaign.Found, replay string) string {
	var b strings.Builder
	if err := reports.Text(&b, f.Report(replay)); err != nil {
		return f.Finding.Message
	}
	return b.String()
}

// replay runs one saved plan. A plan that no longer fails is kept, as a regression test.
func (h *hunt) replay(file string) {
	h.t.Helper()
	plan, _, err := campaign.LoadPlan(file)
	if err != nil {
		h.t.Fatalf("zootest: %v", err)
	}
	out, err := h.pool.RunFresh(worker.Request{Scenario: h.scenario.Name, Plan: plan.JSON(), History: true})
	if err != nil {
		h.t.Fatalf("zootest: %v", err)
	}
	findings := slices.DeleteFunc(out.Findings(), func(f outcome.Finding) bool { return slices.Contains(h.rules(), f.Rule) })
	if len(findings) == 0 {
		h.t.Logf("%s: %s; this plan does not fail", file, out.Verdict)
		return
	}
	f := campaign.Found{Scenario: h.scenario, Finding: campaign.Telling(findings), Original: plan, Plan: plan, Outcome: out, Reproduced: 1, Of: 1}
	h.t.Errorf("%s", story(f, h.replayCommand(file)))
}
