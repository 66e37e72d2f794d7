package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/sim"
	"github.com/zoobreak/zoobreak/workloads"
)

// leaksEnv makes this test binary the program, with scenarios that claim to be exact and, all
// but one, are not.
const leaksEnv = "ZOOBREAK_TEST_LEAKS"

// greetingEnv does the same, and makes a build of which the words differ.
const greetingEnv = "ZOOBREAK_TEST_GREETING"

// habits are how a process greets another from time to time. A leak is a habit that depends
// on what no seed decides.
type habits struct {
	pause func() time.Duration
	whom  func(servers []string) string
	words func(beat int) string
}

var honest = habits{
	pause: func() time.Duration { return 100 * time.Millisecond },
	whom:  func(servers []string) string { return servers[0] },
	words: func(beat int) string { return fmt.Sprint(os.Getenv(greetingEnv), beat) },
}

func leaks() []*scenarios.Scenario {
	byClock, byMap, inBytes := honest, honest, honest
	byClock.pause = func() time.Duration {
		return 100*time.Millisecond + time.Duration(time.Now().UnixNano()%100_000)
	}
	byMap.whom = func(servers []string) string {
		known := map[string]bool{}
		for i := range 64 { // one server under many names: two runs rarely begin with the same
			known[fmt.Sprint(servers[i%len(servers)], " ", i)] = true
		}
		for name := range known {
			return strings.Fields(name)[0]
		}
		return ""
	}
	inBytes.words = func(int) string { return fmt.Sprintf("it is %020d", time.Now().UnixNano()) }
	return []*scenarios.Scenario{
		greeting("honest", "server 2", honest),
		greeting("clock-in-server", "server 2", byClock), greeting("clock-in-client", "client 1", byClock),
		greeting("map-in-server", "server 3", byMap), greeting("map-in-client", "client 2", byMap),
		greeting("clock-in-bytes", "server 1", inBytes),
	}
}

// greeting is a world of three servers and two clients that greet servers. From its tenth
// greeting on, one of them has the habits.
func greeting(name, who string, leak habits) *scenarios.Scenario {
	boot := func(w scenarios.World, me string) sim.Boot {
		return func(env sim.Env, now clock.Now) (sim.Server, error) {
			g := &greeter{env: env, servers: w.Servers, leak: honest}
			if me == who {
				g.leak = leak
			}
			env.Net.Listen(greetings)
			env.Alarm.Set(now.Mono.Add(honest.pause()))
			return g, nil
		}
	}
	return &scenarios.Scenario{
		Name: name, Servers: 3, Clients: 2, Duration: 5 * time.Second, Settle: time.Second, Session: time.Second,
		Service: &scenarios.Service{
			Server: func(w scenarios.World, id int) sim.Boot { return boot(w, fmt.Sprint("server ", id)) },
			Client: func(w scenarios.World, id int, _ []workloads.Op) sim.Boot { return boot(w, fmt.Sprint("client ", id)) },
			Probe:  func(clock.Instant, time.Duration) []workloads.Op { return nil },
		},
	}
}

const greetings net.Port = 7000

type greeter struct {
	env     sim.Env
	servers []string
	leak    habits
	beat    int
}

func (g *greeter) habits() habits {
	if g.beat >= 10 {
		return g.leak
	}
	return honest
}

func (g *greeter) NetEvent(_ clock.Now, ev net.Event) {
	if ev.Kind == net.Connected {
		g.env.Net.Send(ev.Conn, []byte(g.habits().words(g.beat)))
	}
}

func (g *greeter) DiskDone(clock.Now, disk.Done) {}

func (g *greeter) Wake(now clock.Now) {
	g.beat++
	h := g.habits()
	g.env.Net.Dial(net.MakeAddr(h.whom(g.servers), greetings))
	g.env.Alarm.Set(now.Mono.Add(h.pause()))
}

// doctored calls doctor as it is in this test binary.
func doctored(t *testing.T, args ...string) result {
	t.Helper()
	c := exec.Command(os.Args[0], append([]string{"doctor"}, args...)...)
	c.Env = append(os.Environ(), leaksEnv+"=1")
	return run(t, c)
}

// What no seed decides is found: the report says from which event on two runs differ, when
// that is, and whose event it is.
func TestDoctorLocatesLeaks(t *testing.T) {
	for name, want := range map[string]string{
		"clock-in-server": `clock 10\.0\.0\.2 +alarm`,
		"clock-in-client": `clock 10\.0\.1\.1 +alarm`,
		"clock-in-bytes":  `net +10\.0\.0\.1 -> 10\.0\.0\.1 conn [0-9]+: [0-9]+ bytes`,
		"map-in-server":   `net +10\.0\.0\.3 dials 10\.0\.0\.[123]:7000`,
		"map-in-client":   `net +10\.0\.1\.2 dials 10\.0\.0\.[123]:7000`,
	} {
		t.Run(name, func(t *testing.T) {
			r := doctored(t, name, "--seeds", "1..2")
			require.Equal(t, 70, r.code, r.out)
			require.Equal(t, "zoobreak: 2 seeds of exact scenarios ran differently\n", r.err)
			require.Contains(t, r.out, name+": 2 seeds, each run in separate processes on one processor and on two: 2 mismatches (exact)")
			p := partingOf(t, r.out)
			require.Equal(t, name+", seed 1, run 1 on one processor and run 2 on two", p.title)
			require.True(t, slices.ContainsFunc(p.first, regexp.MustCompile(want).MatchString), r.out)
		})
	}
}

// The same world without a leak is well, and other builds of it are.
func TestDoctorFindsNothingWithoutALeak(t *testing.T) {
	other := "env " + leaksEnv + "=1 " + os.Args[0]
	r := doctored(t, "honest", "--seeds", "1..20", "--against", other)
	require.Zero(t, r.code, r.out+r.err)
	require.Equal(t, "honest: 20 seeds, each run in separate processes on one processor, on two and by "+other+": 0 mismatches (exact)\n", r.out)
}

// A build that runs differently is told apart from those that do not.
func TestDoctorComparesBuilds(t *testing.T) {
	other := "env " + greetingEnv + "=hello " + os.Args[0]
	r := doctored(t, "honest", "--seeds", "1..2", "--against", "env "+leaksEnv+"=1 "+os.Args[0], "--against", other)
	require.Equal(t, 70, r.code, r.out+r.err)
	require.Contains(t, r.out, "honest, seed 1, run 1 on one processor and run 2 by "+other+": two runs differ from event ")

	r = doctored(t, "honest", "--seeds", "1..2", "--json", "--against", other)
	require.Equal(t, 70, r.code)
	require.Equal(t, object{
		"type": "doctor", "scenario": "honest", "exact": true, "runs": 2.0, "mismatches": 2.0,
		"ways": []any{"on one processor", "on two", "by " + other},
	}, r.lines(t)[0])
}

// What gives no digest agrees with nothing.
func TestDoctorRefusesWhatDoesNotRun(t *testing.T) {
	r := zoobreak(t, "doctor", "register", "--seeds", "1..1", "--against", "false")
	require.Equal(t, 70, r.code)
	require.Contains(t, r.err, "register, seed 1, by false: the process that ran this plan crashed: ")
	for against, want := range map[string]string{
		" ":            "--against is empty; it must be a command",
		"no-such-file": `--against "no-such-file": exec: "no-such-file": executable file not found in $PATH`,
	} {
		r := zoobreak(t, "doctor", "register", "--seeds", "1..1", "--against", against)
		require.Equal(t, 64, r.code)
		require.Equal(t, "zoobreak: "+want+"\n", r.err)
	}
	r = zoobreak(t, "doctor", "register", "--race") // the test calls it in an empty directory
	require.Equal(t, 64, r.code)
	require.Contains(t, r.err, "zoobreak: --race builds zoobreak anew, and must be called where its module, the go command and a C compiler are: ")
}

// parting is what a report shows of two runs.
type parting struct {
	title string
	first []string // the event from which they differ, in both
}

var partingText = regexp.MustCompile(`(.*): two runs differ from event ([0-9]+) on(?:; .*)?\n((?:  both .*\n)*)((?:  run 1 .*\n)+)((?:  run 2 .*\n)+)`)

func partingOf(t *testing.T, report string) (p parting) {
	t.Helper()
	m := partingText.FindStringSubmatch(report)
	require.NotNil(t, m, report)
	require.Equal(t, 3, strings.Count(m[3], "\n"), "the context")
	p.title = m[1]
	for _, run := range m[4:] {
		line, _, _ := strings.Cut(run, "\n")
		require.Equal(t, m[2], strings.Fields(line)[2], "the event that is named is shown first")
		p.first = append(p.first, line)
	}
	return p
}
