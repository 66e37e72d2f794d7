package worker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/sim/divergence"
	"github.com/zoobreak/zoobreak/sim/guest"
	"github.com/zoobreak/zoobreak/workloads"
)

// TestMain makes this test binary a worker when it is started as one.
func TestMain(m *testing.M) {
	if os.Getenv(Env) == "" {
		os.Exit(m.Run())
	}
	if err := Serve(InFile(), OutFile(), findFake); err != nil {
		panic(err)
	}
}

// The fake scenarios are programs that behave as badly as programs do.
func findFake(name string) (*scenarios.Scenario, error) {
	switch name {
	case "servers":
		return scenarios.Servers(), nil
	case "hang": // before anything could watch over it
		time.Sleep(time.Hour)
	case "exit":
		println("out of luck")
		os.Exit(3)
	}
	program, known := programs[name]
	if !known {
		return nil, errUnknown
	}
	s := scenarios.Guests(name, 3, 1, 4*time.Second, 5*time.Second, func(p *guest.Process, _ []workloads.Op) { program(p) })
	s.Faults.Max = 0
	return s, nil
}

var errUnknown = errors.New("no such fake")

var programs = map[string]func(p *guest.Process){
	"count": count,
	"crash": func(p *guest.Process) {
		go func() { panic("41 is not 42") }() // on a goroutine of its own: nobody can catch it
		count(p)
	},
	"print": func(p *guest.Process) {
		fmt.Println(`{"error":"what a guest prints is no answer"}`)
		count(p)
	},
	"linger": func(p *guest.Process) {
		count(p)
		<-make(chan int)
	},
}

func count(p *guest.Process) {
	p.Acquiring("/lock")
	p.Acquired(0)
	p.Counter("db").Write(p.Counter("db").Read() + 1)
	p.Released()
}

// fakePool is a pool of workers that are this test binary; starts counts them.
func fakePool(t *testing.T, n int) (p *Pool, starts *atomic.Int32) {
	starts = &atomic.Int32{}
	p = NewPool(n, func() *exec.Cmd {
		starts.Add(1)
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0") // or each would end a second late
		return c
	})
	t.Cleanup(p.Close)
	return p, starts
}

func mustRun(t *testing.T, p *Pool, q Request) *outcome.Outcome {
	t.Helper()
	out, err := p.Run(q)
	require.NoError(t, err)
	return out
}

// lines is what Serve answers to requests.
func lines(t *testing.T, requests ...string) []answer {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Serve(strings.NewReader(strings.Join(requests, "\n")), &out, findFake))
	var all []answer
	for d := json.NewDecoder(&out); ; {
		var a answer
		if err := d.Decode(&a); err == io.EOF {
			return all
		} else {
			require.NoError(t, err)
		}
		all = append(all, a)
	}
}

// The protocol: for each request an outcome or an error, and then that the worker is ready.
func TestServeAnswersEachRequestAndSaysWhenItIsReady(t *testing.T) {
	s := scenarios.Servers()
	all := lines(t, `{"scenario":"servers","seed":3}`, `{"scenario":"nobody"}`, `{"scenario":"servers","plan":`+string(s.Draw(3).JSON())+`}`)
	require.Len(t, all, 6)
	require.Equal(t, "3", all[0].Outcome.Seed)
	require.Equal(t, outcome.Pass, all[0].Outcome.Verdict)
	require.Positive(t, all[0].Outcome.WallNS)
	require.Equal(t, answer{Ready: true}, all[1])
	require.Equal(t, answer{Error: errUnknown.Error()}, all[2])
	require.Equal(t, answer{Ready: true}, all[3])
	require.Equal(t, all[0].Outcome.Digest, all[4].Outcome.Digest, "drawn or given, the plan is the same")
	require.Equal(t, answer{Ready: true}, all[5])
	require.Empty(t, lines(t), "no request, no answer")
}

func TestServeRefusesWhatIsNoRequest(t *testing.T) {
	err := Serve(strings.NewReader(`{"scenario":3}`), io.Discard, findFake)
	require.ErrorContains(t, err, "worker: bad request: ")
}

// What a request asks to be kept comes back through the pipe, and nothing else does.
func TestARequestSaysWhatToKeep(t *testing.T) {
	p, _ := fakePool(t, 1)
	bare := mustRun(t, p, Request{Scenario: "servers", Seed: scenarios.Seed{Root: 5}})
	require.Nil(t, bare.History)
	require.Empty(t, bare.Trace)
	full := mustRun(t, p, Request{Scenario: "servers", Seed: scenarios.Seed{Root: 5}, History: true, Trace: true})
	require.Equal(t, bare.Digest, full.Digest)
	require.NotEmpty(t, full.History.Ops)
	require.Len(t, full.Trace, int(full.Events))
	require.Equal(t, uint64(100), mustRun(t, p, Request{Scenario: "servers", Seed: scenarios.Seed{Root: 5}, Until: 100}).Events)
	look := mustRun(t, p, Request{Scenario: "servers", Seed: scenarios.Seed{Root: 5}, Look: &divergence.Window{From: 98, To: 100}})
	require.Equal(t, uint64(100), look.Events)
	require.Len(t, look.Samples, 3)
	require.Equal(t, full.Trace[99], look.Samples[2].Line)
	bug := mustRun(t, p, Request{Scenario: "servers", Seed: scenarios.Seed{Root: 5}, Bugs: []string{"ack-before-sync"}, History: true})
	require.Contains(t, string(bug.Plan), "ack-before-sync")
}

// Where a worker has no descriptors but the standard ones, its answers are the same, and not
// mixed with what guests print.
func TestWorkersOnStandardInputAndOutput(t *testing.T) {
	for _, name := range []string{"servers", "print"} {
		digests := map[string]string{}
		for _, way := range []string{descriptors, standard} {
			p, starts := fakePool(t, 1)
			p.way = way
			for range 2 {
				out := mustRun(t, p, Request{Scenario: name, Seed: scenarios.Seed{Root: 5}})
				require.Equal(t, outcome.Pass, out.Verdict, out.Reason)
				digests[way] = out.Digest
			}
			require.EqualValues(t, 1, starts.Load())
		}
		if name == "servers" { // guests may run differently
			require.Equal(t, digests[descriptors], digests[standard])
		}
	}
}

// One process runs one request after the other, as long as nothing is left of the last.
func TestAWorkerIsUsedAgain(t *testing.T) {
	p, starts := fakePool(t, 1)
	first := mustRun(t, p, Request{Scenario: "count", Seed: scenarios.Seed{Root: 1}})
	require.Equal(t, outcome.Pass, first.Verdict, first.Reason)
	mustRun(t, p, Request{Scenario: "count", Seed: scenarios.Seed{Root: 2}})
	require.EqualValues(t, 1, starts.Load())
	_, err := p.RunFresh(Request{Scenario: "count", Seed: scenarios.Seed{Root: 1}})
	require.NoError(t, err)
	require.EqualValues(t, 2, starts.Load(), "fresh means a new process")
}

// Goroutines that a program leaves behind cost the process, after the outcome is told.
func TestAWorkerWithLeftoversIsReplaced(t *testing.T) {
	p, starts := fakePool(t, 1)
	for n := range int32(3) {
		require.Equal(t, outcome.Pass, mustRun(t, p, Request{Scenario: "linger", Seed: scenarios.Seed{Root: 1}}).Verdict)
		require.Equal(t, n+1, starts.Load())
	}
}

// A crash is a finding about the program, with the line that says why; the next run has a
// new process.
func TestACrashIsAFinding(t *testing.T) {
	p, starts := fakePool(t, 1)
	out := mustRun(t, p, Request{Scenario: "crash", Seed: scenarios.Seed{Root: 9}})
	require.Equal(t, outcome.Fail, out.Verdict)
	require.Equal(t, "crash", out.Scenario)
	require.Equal(t, "9", out.Seed)
	require.Len(t, out.Findings(), 1)
	f := out.Findings()[0]
	require.Equal(t, "worker-crashed", f.Rule)
	require.Equal(t, outcome.Bug, f.Class)
	require.Equal(t, "the process that ran this plan crashed: panic: 41 is not 42", f.Message)
	require.Equal(t, "worker-crashed: panic: # is not #", f.Signature)
	require.Equal(t, outcome.Pass, mustRun(t, p, Request{Scenario: "count", Seed: scenarios.Seed{Root: 1}}).Verdict)
	require.EqualValues(t, 2, starts.Load())
}

// The finding is of the plan that was asked for, whether it was drawn here or given.
func TestALostRunKeepsItsPlan(t *testing.T) {
	p, _ := fakePool(t, 1)
	s, err := findFake("crash")
	require.NoError(t, err)
	out := mustRun(t, p, Request{Scenario: "crash", Plan: s.Draw(77).JSON()})
	require.Equal(t, "77", out.Seed)
	require.JSONEq(t, string(s.Draw(77).JSON()), string(out.Plan))
}

// A worker that ends by itself leaves its last line instead of a panic's.
func TestAnExitIsAFinding(t *testing.T) {
	p, _ := fakePool(t, 1)
	f := mustRun(t, p, Request{Scenario: "exit"}).Findings()[0]
	require.Equal(t, "the process that ran this plan crashed: out of luck", f.Message)
}

// A worker that says nothing is killed, and that is a finding of its own.
func TestAHangIsKilled(t *testing.T) {
	p, starts := fakePool(t, 1)
	p.Patience = 300 * time.Millisecond
	out := mustRun(t, p, Request{Scenario: "hang", Seed: scenarios.Seed{Root: 4}})
	require.Equal(t, outcome.Fail, out.Verdict)
	f := out.Findings()[0]
	require.Equal(t, "worker-hung", f.Rule)
	require.Equal(t, "the process that ran this plan hung: it had said nothing for 300ms", f.Message)
	p.Patience = patience
	require.Equal(t, outcome.Pass, mustRun(t, p, Request{Scenario: "count", Seed: scenarios.Seed{Root: 1}}).Verdict)
	require.EqualValues(t, 2, starts.Load())
}

// A request that cannot be run is an error and no finding; the worker lives on.
func TestABadPlanIsAnError(t *testing.T) {
	p, starts := fakePool(t, 1)
	foreign := scenarios.Servers().Draw(1)
	foreign.Scenario = "lock"
	for _, c := range []struct {
		q        Request
		sentence string
	}{
		{Request{Scenario: "nobody"}, errUnknown.Error()},
		{Request{Scenario: "servers", Plan: json.RawMessage(`{"version":9}`)}, "plan: version is 9; this zoobreak reads 1"},
		{Request{Scenario: "servers", Plan: foreign.JSON()}, `the plan is of scenario "lock", not of "servers"`},
		{Request{Scenario: "servers", Seed: scenarios.Seed{Root: 1}, Bugs: []string{"typo"}}, `scenario servers has no bug "typo"; it has: ack-before-sync, child-watch-by-data, events-for-everybody, observers-count, one-mode-for-both, reads-show-committed`},
	} {
		out, err := p.Run(c.q)
		require.EqualError(t, err, c.sentence)
		require.Nil(t, out)
	}
	require.Equal(t, outcome.Pass, mustRun(t, p, Request{Scenario: "servers", Seed: scenarios.Seed{Root: 1}}).Verdict)
	require.EqualValues(t, 1, starts.Load())
}

// Whatever happens to the workers, every request gets its own outcome.
func TestNoOutcomeIsLost(t *testing.T) {
	p, _ := fakePool(t, 2)
	require.Equal(t, 2, p.Size())
	names := []string{"count", "crash", "linger", "count", "exit", "count", "crash", "linger"}
	got := make([]*outcome.Outcome, len(names))
	errs := make([]error, len(names))
	done := make(chan int)
	for i, name := range names {
		go func() {
			got[i], errs[i] = p.Run(Request{Scenario: name, Seed: scenarios.Seed{Root: uint64(i)}})
			done <- i
		}()
	}
	for range names {
		<-done
	}
	for i, name := range names {
		require.NoError(t, errs[i])
		require.Equal(t, name, got[i].Scenario)
		require.Equal(t, name == "crash" || name == "exit", got[i].Verdict == outcome.Fail, name)
	}
}

func TestAWorkerThatCannotStartIsAnError(t *testing.T) {
	p := NewPool(1, func() *exec.Cmd { return exec.Command("/nowhere/zoobreak") })
	defer p.Close()
	for range 2 { // the place of the worker is free again
		_, err := p.Run(Request{Scenario: "count"})
		require.EqualError(t, err, "worker: cannot start /nowhere/zoobreak: fork/exec /nowhere/zoobreak: no such file or directory")
	}
}

// Only the end of what a worker prints is kept: it may print for hours.
func TestTailKeepsTheEnd(t *testing.T) {
	var s tail
	for range 100 {
		n, err := s.Write(bytes.Repeat([]byte("x"), 1000))
		require.NoError(t, err)
		require.Equal(t, 1000, n)
	}
	s.Write([]byte("the end"))
	require.Len(t, s.String(), tailSize)
	require.True(t, strings.HasSuffix(s.String(), "xthe end"))
}

func TestFirstPanic(t *testing.T) {
	for _, c := range []struct{ stderr, line string }{
		{"", ""},
		{"hello\nworld\n", "world"},
		{"hello\npanic: a\n\ngoroutine 1\n\tx.go:1\nexit status 2\n", "panic: a"},
		{"fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1", "fatal error: all goroutines are asleep - deadlock!"},
	} {
		require.Equal(t, c.line, firstPanic(c.stderr))
	}
}
