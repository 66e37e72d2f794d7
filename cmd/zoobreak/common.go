package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zoobreak/zoobreak/examples/register"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/campaign"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/scenarios/worker"
	"github.com/zoobreak/zoobreak/workloads/guest"
)

// library is every built-in scenario.
func library() []*scenarios.Scenario {
	servers, lock, raw := scenarios.Servers(), scenarios.Lock(guest.Lock), scenarios.Wire()
	return append([]*scenarios.Scenario{lock, lock.WithoutFaults(), servers, servers.WithoutFaults(), scenarios.Observers(), raw, raw.WithoutFaults(), register.Scenario()}, planted...)
}

// planted are scenarios that tests add, to see that what is wrong with them is found.
var planted []*scenarios.Scenario

// find returns a built-in scenario.
func find(name string) (*scenarios.Scenario, error) {
	var names []string
	for _, s := range library() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return nil, usage("no scenario is called %q; there are %s; the plan of a go test is run by: go test -run '^Name$' -zoobreak.plan=FILE", name, strings.Join(names, ", "))
}

// newPool makes workers out of this very program, with additions to their environment.
func newPool(n int, env ...string) (*worker.Pool, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, internal(err)
	}
	return worker.NewPool(n, func() *exec.Cmd {
		c := exec.Command(self)
		c.Env = env
		return c
	}), nil
}

func asJSON(c *cobra.Command) bool {
	on, _ := c.Flags().GetBool("json")
	return on
}

func printJSON(c *cobra.Command, v any) error {
	e := json.NewEncoder(c.OutOrStdout())
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// runLine is the JSON line of a run.
type runLine struct {
	Type string `json:"type"`
	*outcome.Outcome
}

func printRun(c *cobra.Command, o *outcome.Outcome) error {
	short := *o
	short.Plan, short.History, short.Trace, short.Samples = nil, nil, nil, nil
	return printJSON(c, runLine{"run", &short})
}

// verdictError turns a verdict into an exit code.
func verdictError(v outcome.Verdict) error {
	switch v {
	case outcome.Pass:
		return nil
	case outcome.Fail:
		return exit{code: exitViolation}
	}
	return exit{code: exitUnknown}
}

// invocation is how a person starts this program again: as go run, if that is how it was
// started, since the binary is then gone afterwards.
func invocation() string {
	self, err := os.Executable()
	if err == nil && strings.Contains(self, string(filepath.Separator)+"go-build") {
		return "go run ./cmd/zoobreak"
	}
	return os.Args[0]
}

// parseShard reads "I/N".
func parseShard(s string) (shard campaign.Shard, err error) {
	if n, e := fmt.Sscanf(s, "%d/%d", &shard.Index, &shard.Of); n != 2 || e != nil || fmt.Sprintf("%d/%d", shard.Index, shard.Of) != s {
		return shard, usage("--shard %q is no shard; write 2/4", s)
	}
	if shard.Index < 1 || shard.Index > shard.Of {
		return shard, usage("--shard %q: the shards are 1/%d to %d/%d", s, shard.Of, shard.Of, shard.Of)
	}
	return shard, nil
}

// parseSeeds reads what --seeds is given.
func parseSeeds(s string) (scenarios.Seeds, error) {
	seeds, err := scenarios.ParseSeeds(s)
	if err != nil {
		return seeds, usage("--seeds %v", err)
	}
	return seeds, nil
}
