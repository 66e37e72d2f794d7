package scenarios_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/sim/fault"
	"github.com/zoobreak/zoobreak/wire"
	"github.com/zoobreak/zoobreak/workloads"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o666))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "after an intended change: go test ./scenarios -update")
}

// span draws whole milliseconds from 1 to most.
func span(t *rapid.T, most time.Duration, name string) clock.Span {
	return clock.Span(time.Duration(rapid.Int64Range(1, most.Milliseconds()).Draw(t, name)) * time.Millisecond)
}

// anyClause draws a fault that a plan of three servers and three clients may have.
func anyClause(t *rapid.T, until time.Duration) fault.Clause {
	k := rapid.SampledFrom(fault.Kinds()).Draw(t, "kind")
	targets := []fault.Who{}
	if k.Can&fault.AServer != 0 {
		targets = append(targets, fault.Server(1), fault.Server(3), fault.Leader(), fault.Follower())
	}
	if k.Can&fault.Group != 0 {
		targets = append(targets, fault.Minority(), fault.Majority())
	}
	if k.Can&fault.Ensemble != 0 {
		targets = append(targets, fault.Servers())
	}
	if k.Can&fault.AClient != 0 {
		targets = append(targets, fault.Client(1), fault.Client(3))
	}
	if k.Can&fault.ALink != 0 {
		targets = append(targets, fault.Between(fault.End{Kind: "server", Index: 3}, fault.End{Kind: "client", Index: 3}))
	}
	c := fault.Clause{Kind: k.Kind, Who: rapid.SampledFrom(targets).Draw(t, "who"), At: span(t, until-time.Millisecond, "at")}
	if k.Takes&fault.Time != 0 {
		c.For = span(t, 8*time.Second, "for")
	}
	if k.Takes&fault.Delay != 0 {
		c.Extra = span(t, time.Second, "extra")
	}
	if k.Takes&fault.Shift != 0 {
		c.Shift = -fault.Signed(span(t, time.Second, "shift"))
	}
	if k.Takes&fault.Percent != 0 {
		c.Percent = rapid.IntRange(1, 300).Draw(t, "percent")
	}
	if k.Takes&fault.Bandwidth != 0 {
		c.Bandwidth = rapid.IntRange(1, 9999).Draw(t, "bandwidth")
	}
	if k.Takes&fault.OneStage != 0 {
		c.Stage = "logger"
	}
	if rapid.Bool().Draw(t, "triggered") {
		c.On, c.Nth = rapid.SampledFrom([]string{fault.OnAcquire, fault.OnRead, fault.OnLogged}).Draw(t, "on"), rapid.IntRange(1, 5).Draw(t, "nth")
	}
	return c
}

func anyOp(t *rapid.T) workloads.Op {
	return workloads.Op{
		Client: rapid.IntRange(1, 3).Draw(t, "client"), At: span(t, 20*time.Second, "op at"),
		Do:    rapid.SampledFrom([]string{"create", "ephemeral", "sequential", "set", "delete", "get", "sync"}).Draw(t, "do"),
		Path:  wire.Path(rapid.SampledFrom([]string{"/a", "/key-5", "/a/b", "/\"<&>\u00e4"}).Draw(t, "path")),
		Value: rapid.String().Draw(t, "value"),
	}
}

func anyNoise(t *rapid.T) scenarios.Noise {
	n := scenarios.Noise{{Key: rapid.Uint64().Draw(t, "noise")}}
	for range rapid.IntRange(0, 2).Draw(t, "branches") {
		from := n[len(n)-1].From + 1 + span(t, time.Second, "branches off after")
		n = append(n, scenarios.NoiseInterval{From: from, Key: rapid.Uint64().Draw(t, "noise")})
	}
	return n
}

func anyPlan(t *rapid.T) *scenarios.Plan {
	p := scenarios.Servers().Draw(rapid.Uint64().Draw(t, "seed"))
	p.Noise = anyNoise(t)
	p.Duration = span(t, time.Hour-time.Second, "duration") + clock.Span(time.Second)
	p.Session = span(t, time.Minute, "session")
	p.Idle = rapid.SliceOfNDistinct(rapid.IntRange(1, 3), 0, 3, rapid.ID).Draw(t, "idle")
	p.Bugs = rapid.SliceOfN(rapid.Just("ack-before-sync"), 0, 1).Draw(t, "bugs")
	p.Faults, p.Ops = []fault.Clause{}, []workloads.Op{}
	for range rapid.IntRange(0, 6).Draw(t, "faults") {
		p.Faults = append(p.Faults, anyClause(t, time.Duration(p.Duration)))
	}
	for range rapid.IntRange(0, 10).Draw(t, "ops") {
		p.Ops = append(p.Ops, anyOp(t))
	}
	return p
}

// What is written is read back as the same plan, and the form is canonical: reading it
// and writing it again changes no byte. Finding IDs and version control depend on that.
func TestPlansSurviveTheirJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyPlan(t).JSON()
		back, err := scenarios.ParsePlan(text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if again := back.JSON(); string(again) != string(text) {
			t.Fatalf("read and written again\n%s\nbecame\n%s", text, again)
		}
	})
}

func TestEveryDrawnPlanIsAdmitted(t *testing.T) {
	for _, s := range []*scenarios.Scenario{scenarios.Servers(), scenarios.Servers().WithoutFaults(), lockScenario()} {
		for seed := range uint64(500) {
			require.NoError(t, s.Admit(s.Draw(seed)), "%s, seed %d", s.Name, seed)
		}
	}
}

// edited is a drawn plan with one change of its text.
func edited(t *testing.T, old, new string) []byte {
	t.Helper()
	text := string(small(t).JSON())
	require.Contains(t, text, old)
	return []byte(strings.Replace(text, old, new, 1))
}

// small is a plan that is short enough to be edited by hand.
func small(t *testing.T) *scenarios.Plan {
	t.Helper()
	p := scenarios.Servers().Draw(1)
	p.Noise, p.Knobs = scenarios.Noise{{Key: 1}}, scenarios.Knobs{}
	p.Idle = []int{3}
	p.Faults = []fault.Clause{{Kind: fault.Isolate, Who: fault.Client(1), At: 2e9, For: 1e9}}
	p.Ops = []workloads.Op{{Client: 1, At: 1e9, Do: "set", Path: "/key-0", Value: "v"}}
	require.NoError(t, p.Validate())
	return p
}

// People edit plans: what is wrong with one is said in one sentence that names it.
func TestImpossiblePlansAreNamed(t *testing.T) {
	for _, c := range []struct{ old, new, sentence string }{
		{`"version": 1,`, `"version": 2,`, `plan: version is 2; this zoobreak reads 1`},
		{`"noise": 1,`, `"nosie": 1,`, `plan: json: unknown field "nosie"`},
		{`"kind": "isolate",`, `"kind": "isolate", "why": "x",`, `plan: json: unknown field "why"`},
		{`"noise": 1,`, `"noise": -1,`, `plan: noise is -1; it must be a whole number below 2^64, or a list of intervals`},
		{`"noise": 1,`, `"noise": [],`, `plan: noise: the first interval must begin at 0s`},
		{`"noise": 1,`, `"noise": [{"from": "1s", "key": 1}],`, `plan: noise: the first interval must begin at 0s`},
		{`"noise": 1,`, `"noise": [{"from": "0s", "key": 1}, {"from": "0s", "key": 2}],`, `plan: noise[1] begins at 0s; it must begin after the one before it, at 0s`},
		{`"noise": 1,`, `"noise" 1,`, `plan, line 5: invalid character '1' after object key`},
		{`"servers": 3,`, `"servers": 0,`, `plan: servers is 0; it must be 1 to 9`},
		{`"servers": 3,`, `"servers": 10,`, `plan: servers is 10; it must be 1 to 9`},
		{`"servers": 3,`, `"servers": 3, "observers": 3,`, `plan: observers is 3; it must be 0 to 2, so that somebody votes`},
		{`"noise": 1,`, `"noise": 1, "knobs": {"window": -1},`, `plan: knobs: window is -1; it must be 1 to 1073741824, or be left out`},
		{`"noise": 1,`, `"noise": 1, "knobs": {"sector": 1048577},`, `plan: knobs: sector is 1048577; it must be 1 to 1048576, or be left out`},
		{`"noise": 1,`, `"noise": 1, "knobs": {"append": "2h"},`, `plan: knobs: append is 2h0m0s; it must be at most 1h0m0s`},
		{`"noise": 1,`, `"noise": 1, "knobs": {"windows": 1},`, `plan: json: unknown field "windows"`},
		{`"clients": 3,`, `"clients": -1,`, `plan: clients is -1; it must be 0 to 64`},
		{`"clients": 3,`, `"clients": 65,`, `plan: clients is 65; it must be 0 to 64`},
		{`"duration": "20s"`, `"duration": "0s"`, `plan: duration is 0s; it must be more than 0 and at most 1h0m0s`},
		{`"duration": "20s"`, `"duration": "61m"`, `plan: duration is 1h1m0s; it must be more than 0 and at most 1h0m0s`},
		{`"duration": "20s"`, `"duration": "-1s"`, `plan: clock: "-1s" is no duration such as 2.5s`},
		{`"session_timeout": "4s"`, `"session_timeout": "0s"`, `plan: session_timeout is 0s; it must be more than 0`},
		{`"clients": 3,`, `"clients": 2,`, `plan: idle[0] is 3; the plan has clients 1 to 2`},
		{`"kind": "isolate"`, `"kind": "isolated"`, `plan: faults[0]: no fault is called "isolated"; see: zoobreak list faults`},
		{`"kind": "isolate"`, `"kind": "stall"`, `plan: faults[0]: stall cannot happen to a client`},
		{`"who": "client 1"`, `"who": "link server 1 - client 4"`, `plan: faults[0]: link server 1 - client 4: the plan has only 3`},
		{`"at": "2s",`, `"at": "2s", "on": "logged", "of": "server 4", "nth": 1,`, `plan: faults[0]: server 4: the plan has only 3`},
		{`"who": "client 1"`, `"who": "client 4"`, `plan: faults[0]: client 4: the plan has only 3`},
		{`"who": "client 1"`, `"who": "server 4"`, `plan: faults[0]: server 4: the plan has only 3`},
		{`"who": "client 1"`, `"who": "clients"`, `plan: fault: "clients" selects no host; write "server 2", "client 1", "leader", "follower", "minority", "majority", "servers", "it" or "link server 1 - client 2"`},
		{`"who": "client 1",`, ``, `plan: faults[0]: isolate: who is missing`},
		{`"at": "2s"`, `"at": "20s"`, `plan: faults[0]: at 20s: the plan's faults end at its duration, 20s`},
		{`"for": "1s"`, `"for": "0s"`, `plan: faults[0]: isolate needs a time: for 2s`},
		{`"client": 1`, `"client": 4`, `plan: ops[0]: client is 4; the plan has clients 1 to 3`},
		{`"client": 1`, `"client": 0`, `plan: ops[0]: client is 0; the plan has clients 1 to 3`},
		{`"do": "set"`, `"do": "sett"`, `plan: ops[0]: do is "sett"; it must be create, ephemeral, sequential, set, delete, get, sync or lock, or send, auth, move, close or forget`},
		{`"path": "/key-0"`, `"path": "key-0"`, `plan: ops[0]: path is "key-0"; it must be absolute and not the root`},
		{"\n}\n", "\n}\n{}\n", `plan, line 32: something follows the plan`},
		{"\n}\n", "\n", `plan: unexpected EOF`},
	} {
		_, err := scenarios.ParsePlan(edited(t, c.old, c.new))
		require.EqualError(t, err, c.sentence, "%s -> %s", c.old, c.new)
	}
}

// A plan may be well-formed and yet not be for the scenario that is to run it.
func TestScenariosAdmitTheirOwnPlansOnly(t *testing.T) {
	servers := scenarios.Servers()
	for _, c := range []struct {
		change   func(*scenarios.Plan)
		sentence string
	}{
		{func(p *scenarios.Plan) { p.Scenario = "serves" }, `the plan is of scenario "serves", not of "servers"`},
		{func(p *scenarios.Plan) { p.Bugs = []string{"ack-befor-sync"} }, `scenario servers has no bug "ack-befor-sync"; it has: ack-before-sync, child-watch-by-data, events-for-everybody, observers-count, one-mode-for-both, reads-show-committed`},
		{func(p *scenarios.Plan) { p.Ops[0].Do = "lock" }, `ops[0]: do is "lock", which the clients of scenario servers cannot; only guests lock, and they do nothing else`},
		{func(p *scenarios.Plan) { p.Servers = 0 }, `servers is 0; it must be 1 to 9`},
	} {
		p := small(t)
		c.change(p)
		require.EqualError(t, servers.Admit(p), c.sentence)
	}
	p := lockScenario().Draw(1)
	p.Ops[2].Do = "set"
	q := lockScenario().Draw(1)
	q.Faults = []fault.Clause{{Kind: fault.Isolate, Who: fault.Client(1), For: 1}, {Kind: fault.Kill, Who: fault.Server(1), For: 1}, {Kind: fault.Kill, Who: fault.Client(1), For: 1}}
	require.EqualError(t, lockScenario().Admit(q), "faults[2]: kill cannot happen to the clients of scenario lock: they are guests, which nothing but the network reaches")
	require.EqualError(t, lockScenario().Admit(p), `ops[2]: do is "set", which the clients of scenario lock cannot; only guests lock, and they do nothing else`)
}

// Seeds are quoted in reports and kept by people: drawing must not change by accident.
func TestDrawIsStable(t *testing.T) {
	var digests strings.Builder
	for _, s := range []*scenarios.Scenario{scenarios.Servers(), scenarios.Servers().WithoutFaults(), lockScenario(), lockScenario().WithoutFaults()} {
		for _, seed := range []uint64{0, 1, 7, 1<<64 - 1} {
			fmt.Fprintf(&digests, "%s %d %x\n", s.Name, seed, sha256.Sum256(s.Draw(seed).JSON()))
		}
	}
	golden(t, "draw.golden", digests.String())
}

func TestSeedsGiveDifferentPlans(t *testing.T) {
	seen := map[string]uint64{}
	for seed := range uint64(300) {
		p := scenarios.Servers().Draw(seed)
		p.Seed, p.Noise = "", scenarios.Noise{{}} // of course those differ
		text := string(p.JSON())
		other, known := seen[text]
		require.False(t, known, "seeds %d and %d give one plan", other, seed)
		seen[text] = seed
	}
}

func TestSizeCountsWhatShrinkingRemoves(t *testing.T) {
	require.Equal(t, scenarios.Size{Faults: 1, Ops: 1, Clients: 2}, small(t).Size())
}
