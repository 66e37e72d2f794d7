package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/zoobreak/zoobreak/checkers"
	"github.com/zoobreak/zoobreak/checkers/invariants"
	"github.com/zoobreak/zoobreak/examples/register"
	"github.com/zoobreak/zoobreak/node/bugs"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/sim/fault"
)

// item is one line of a list.
type item struct {
	Name    string `json:"name"`
	Summary string `json:"summary"`
	Exact   *bool  `json:"exact,omitempty"` // scenarios
	Naive   *bool  `json:"naive,omitempty"` // recipes
}

// lists are what can be listed, in the order of the help text.
var lists = []struct {
	name  string
	items func() []item
}{
	{"scenarios", listScenarios},
	{"workloads", listWorkloads},
	{"recipes", listRecipes},
	{"bugs", listBugs},
	{"faults", listFaults},
	{"triggers", listTriggers},
	{"checkers", listCheckers},
	{"knobs", listKnobs},
	{"marks", listMarks},
}

func listCommand() *cobra.Command {
	var names []string
	for _, l := range lists {
		names = append(names, l.name)
	}
	return &cobra.Command{
		Use: "list [" + strings.Join(names, "|") + "]", Short: "List what there is", Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"scenarios"}
			}
			for _, l := range lists {
				if l.name == args[0] {
					return printItems(c, l.items())
				}
			}
			return usage("there is no list of %q; there are %s", args[0], strings.Join(names, ", "))
		},
	}
}

func printItems(c *cobra.Command, items []item) error {
	w := tabwriter.NewWriter(c.OutOrStdout(), 2, 0, 2, ' ', 0)
	for _, i := range items {
		if asJSON(c) {
			if err := printJSON(c, i); err != nil {
				return internal(err)
			}
			continue
		}
		fmt.Fprintf(w, "%s\t%s\n", i.Name, i.Summary)
	}
	return internal(w.Flush())
}

func listScenarios() (items []item) {
	for _, s := range library() {
		exact := s.Exact()
		items = append(items, item{Name: s.Name, Summary: s.Summary, Exact: &exact})
	}
	return items
}

func listWorkloads() []item {
	return []item{
		{Name: "writers", Summary: "native clients that create, set, delete, read and sync a few shared nodes, one operation after the other"},
		{Name: "zk-lock", Summary: "unmodified github.com/go-zookeeper/zk clients that take turns under its stock Lock around a fenced and an unfenced counter"},
	}
}

func listRecipes() []item {
	published := false
	return []item{{Name: "go-zookeeper-lock", Summary: "the stock Lock of github.com/go-zookeeper/zk v1.0.4, as published", Naive: &published}}
}

func listBugs() (items []item) {
	for _, b := range bugs.All() {
		items = append(items, item{Name: string(b.Bug), Summary: b.Summary})
	}
	return append(items,
		item{Name: register.AckBeforeSync, Summary: "register: a server says that it has a value when it has only begun to write it"},
		item{Name: register.DeposedServes, Summary: "register: a primary answers reads without asking whether it still is the primary"})
}

func listFaults() (items []item) {
	for _, k := range fault.Kinds() {
		items = append(items, item{Name: string(k.Kind), Summary: k.Summary})
	}
	return items
}

func listTriggers() (items []item) {
	for _, e := range fault.Events() {
		items = append(items, item{Name: e.Name, Summary: e.Summary})
	}
	return items
}

func listCheckers() (items []item) {
	for _, c := range checkers.All() {
		var sentences []string
		for _, r := range checkers.Rules() {
			if r.Checker == c.Name() {
				sentences = append(sentences, r.ID+": "+r.Quote)
			}
		}
		items = append(items, item{Name: c.Name(), Summary: strings.Join(sentences, " ")})
	}
	var watched []string
	for _, x := range invariants.All() {
		watched = append(watched, x.Name+": "+x.Meaning)
	}
	return append(items, item{Name: "invariants", Summary: strings.Join(watched, " ")})
}

func listMarks() (items []item) {
	s := scenarios.ZooKeeper()
	for _, m := range append(s.Marks, s.ClientMarks...) {
		items = append(items, item{Name: m.Name, Summary: m.Sentence})
	}
	return items
}

func listKnobs() []item {
	return []item{
		{Name: "servers", Summary: "plan: number of servers, 1 to 9"},
		{Name: "observers", Summary: "plan: how many of the servers, the last ones, have no vote"},
		{Name: "clients", Summary: "plan: number of clients, 0 to 64"},
		{Name: "idle", Summary: "plan: clients that do nothing"},
		{Name: "duration", Summary: "plan: how long faults may happen, at most an hour"},
		{Name: "session_timeout", Summary: "plan: the clients' session timeout"},
		{Name: "mixed_segments", Summary: "plan: percent of writes to the network that arrive cut in two, or together with the next"},
		{Name: "knobs.window", Summary: "plan: bytes of one direction of a connection that may wait until they are taken; usually 256 KiB"},
		{Name: "knobs.retransmission", Summary: "plan: how long a sender without an answer goes on; usually 924.6 s"},
		{Name: "knobs.connect", Summary: "plan: how long a dial without an answer goes on; usually 127 s"},
		{Name: "knobs.sector", Summary: "plan: bytes that a disk writes whole or not at all; usually 512"},
		{Name: "knobs.append", Summary: "plan: the longest that an append to a file takes; usually no time"},
		{Name: "knobs.snapshot_every", Summary: "plan: transactions between two snapshots of a server; usually 60"},
		{Name: "knobs.commit_log", Summary: "plan: committed transactions that a leader keeps for learners that lack them; usually 500"},
		{Name: "beyond", Summary: "plan: faults may damage more than the service promises to survive; only safety is judged then"},
		{Name: "noise", Summary: "plan: keys latencies, crash images and guests' randomness"},
		{Name: "bugs", Summary: "plan: bugs that are switched on in the servers"},
	}
}
