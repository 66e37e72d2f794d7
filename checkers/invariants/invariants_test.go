package invariants_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/checkers/invariants"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/wire"
)

// told gives a monitor of three servers facts as text, a line each: the server, what it
// did, and an epoch, a zxid "epoch.counter", or a zxid with what follows.
func told(t *testing.T, story string) outcome.Check {
	t.Helper()
	m := invariants.New(invariants.Majority(3))
	for n, line := range strings.Split(strings.TrimSpace(story), "\n") {
		f := parse(t, strings.TrimSpace(line))
		f.Seq = uint64(n + 1)
		m.See(&f)
	}
	return m.Check()
}

func parse(t *testing.T, line string) (f history.Fact) {
	t.Helper()
	var kind, rest string
	n, err := fmt.Sscan(line, &f.Server, &kind)
	require.NoError(t, err, "%d words of %q", n, line)
	_, rest, _ = strings.Cut(line, kind)
	f.Kind = history.FactKind(kind)
	words := strings.Fields(rest)
	zxid := func(s string) wire.Zxid {
		var epoch, counter int
		_, err := fmt.Sscanf(s, "%d.%d", &epoch, &counter)
		require.NoError(t, err, line)
		return wire.MakeZxid(wire.Epoch(epoch), uint32(counter))
	}
	switch f.Kind {
	case history.Promised, history.Adopted:
		fmt.Sscan(words[0], &f.Epoch)
	case history.Established: // epoch, history
		fmt.Sscan(words[0], &f.Epoch)
		f.Zxid = zxid(words[1])
	case history.FaultOn, history.FaultOff:
		f.Note = strings.TrimSpace(rest)
	case history.Started, history.Replaced, history.Damaged:
	default:
		f.Zxid = zxid(words[0])
		f.Hash = 1000 + uint64(f.Zxid)
		for _, w := range words[1:] {
			switch key, value, _ := strings.Cut(w, "="); key {
			case "tree":
				fmt.Sscan(value, &f.Hash)
			case "session":
				fmt.Sscan(value, &f.Session)
			case "node":
				f.Note = value
			}
		}
	}
	return f
}

// healthy is an epoch in which all is well: two transactions, one server that comes later.
const healthy = `
	1 started
	1 restored 0.0
	2 restored 0.0
	1 epoch.promised 1
	2 epoch.promised 1
	1 epoch.adopted 1
	1 established 1 0.0
	1 logged 1.1
	2 logged 1.1
	1 committed 1.1
	1 applied 1.1
	1 session.opened 1.1 session=7
	2 applied 1.1
	2 session.opened 1.1 session=7
	1 logged 1.2
	2 logged 1.2
	1 committed 1.2
	1 applied 1.2
	1 node.created 1.2 session=7 node=/e
	3 restored 0.0
	3 applied 1.1
	3 applied 1.2
	3 node.created 1.2 session=7 node=/e
`

func TestAHealthyEpoch(t *testing.T) {
	c := told(t, healthy)
	require.Equal(t, outcome.Pass, c.Verdict)
	require.Empty(t, c.Findings)
	require.Equal(t, 13, c.Examined)
}

func TestNothingToJudgeIsVacuous(t *testing.T) {
	require.Equal(t, outcome.Vacuous, told(t, "1 started").Verdict)
}

// Every invariant fires where it is broken, and where it is not, what comes nearest to it
// does not.
func TestInvariantsFire(t *testing.T) {
	fired := map[string]bool{}
	for _, c := range []struct{ name, broken, near string }{
		{"leadership", "2 established 1 0.0", "2 established 2 1.2"},
		{"epoch-promise", "2 epoch.promised 0", "2 epoch.promised 1"},
		{"epoch-promise", "1 epoch.adopted 0", "1 disk.damaged\n1 epoch.adopted 0"},
		{"total-order", "3 restored 1.1\n2 established 2 1.2\n3 applied 2.1", "3 restored 1.2\n2 established 2 1.2\n2 logged 2.1\n3 logged 2.1\n2 committed 2.1\n3 applied 2.1"},
		{"local-primary-order", "1 applied 1.4", "2 applied 1.2"},
		{"local-primary-order", "2 established 2 1.2\n2 logged 2.1\n3 logged 2.1\n2 committed 2.1\n1 applied 2.2", "1 started"},
		{"integrity", "1 applied 1.3", "2 established 2 1.3\n1 applied 1.3"},
		{"tree-equality", "2 applied 1.2 tree=5", "2 applied 1.2"},
		{"commit-order", "1 logged 1.4\n2 logged 1.4\n1 committed 1.4", "1 logged 1.3\n2 logged 1.3\n1 committed 1.3"},
		{"committed-log-durability", "1 logged 1.3\n1 committed 1.3", "0 fault.on at 1s for 1s stall server 2 stage synced\n1 logged 1.3\n1 committed 1.3\n0 fault.off at 1s for 1s stall server 2 stage synced\n1 logged 1.4\n1 committed 1.4"},
		{"committed-log-durability", "1 logged 1.3\n3 established 2 1.2\n3 logged 2.1\n1 committed 1.3", "1 logged 1.3\n2 logged 1.3\n2 established 2 1.3\n2 logged 2.1\n1 committed 1.3"},
		{"leader-log-completeness", "3 established 2 1.2\n1 logged 1.3\n2 logged 1.3\n1 committed 1.3", "3 established 2 1.3\n1 logged 1.3\n2 logged 1.3\n1 committed 1.3"},
		{"leader-log-completeness", "3 established 2 1.1", "3 established 2 1.2"},
		{"leader-log-completeness", "3 established 2 0.0", "1 established 1 0.0"},
		{"ephemeral-owner", "1 logged 1.3\n2 logged 1.3\n1 committed 1.3\n1 applied 1.3\n1 node.created 1.3 session=8 node=/f", "1 logged 1.3\n2 logged 1.3\n1 committed 1.3\n1 applied 1.3\n1 node.created 1.3 session=7 node=/f"},
		{"epoch-promise", "1 disk.damaged\n2 epoch.promised 0", "2 disk.damaged\n2 epoch.promised 0"},
		{"ephemeral-end", closes, closes + "1 node.deleted 1.3 session=7 node=/e\n"},
		{"ephemeral-end", closes + next, closes + "1 node.deleted 1.3 session=7 node=/e\n" + next},
		{"session-once", closes + "1 session.closed 1.3 session=7", closes + "1 node.deleted 1.3 session=7 node=/e\n2 session.closed 1.3 session=7"},
		{"session-once", "1 logged 1.3\n2 logged 1.3\n1 committed 1.3\n1 applied 1.3\n1 session.opened 1.3 session=7", "1 restored 0.0\n1 applied 1.1\n1 session.opened 1.1 session=7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := told(t, healthy+c.broken)
			require.Equal(t, outcome.Fail, bad.Verdict)
			var names []string
			for _, f := range bad.Findings {
				names = append(names, f.Rule)
				require.NotEmpty(t, f.Quote)
				require.NotEmpty(t, f.Evidence)
			}
			require.Contains(t, names, c.name)
			good := told(t, healthy+c.near)
			require.Empty(t, good.Findings)
		})
		fired[c.name] = true
	}
	for _, x := range invariants.All() {
		require.True(t, fired[x.Name], "%s has no test in which it fires", x.Name)
		require.NotEmpty(t, x.Source)
	}
}

const (
	closes = "1 logged 1.3\n2 logged 1.3\n1 committed 1.3\n1 applied 1.3\n1 session.closed 1.3 session=7\n"
	next   = "1 logged 1.4\n2 logged 1.4\n1 committed 1.4\n1 applied 1.4"
)

// Of each invariant the first violation is told: what follows from it is noise.
func TestTheFirstViolationIsTold(t *testing.T) {
	c := told(t, healthy+"2 established 1 0.0\n3 established 1 0.0")
	require.Len(t, c.Findings, 1)
	require.Equal(t, []uint64{7, 24}, c.Findings[0].Evidence)
}

func BenchmarkFacts(b *testing.B) {
	m := invariants.New(invariants.Majority(3))
	m.See(&history.Fact{Server: 1, Kind: history.Established, Epoch: 1})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		z := wire.MakeZxid(1, uint32(i%(1<<30)+1))
		for server := 1; server <= 3; server++ {
			m.See(&history.Fact{Server: server, Kind: history.Logged, Zxid: z})
		}
		m.See(&history.Fact{Server: 1, Kind: history.Committed, Zxid: z})
		for server := 1; server <= 3; server++ {
			m.See(&history.Fact{Server: server, Kind: history.Applied, Zxid: z, Hash: uint64(i)})
		}
	}
}
