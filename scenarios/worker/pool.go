package worker

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/sim/guest"
)

// patience is the real time after which a run that says nothing is given up. The guests'
// own watchdog speaks long before.
const patience = 2 * time.Minute

// Pool is up to n workers, started when needed and again after they ended.
type Pool struct {
	// Patience is the real time after which a run that says nothing is given up. It may
	// be changed before the first run.
	Patience time.Duration

	command func() *exec.Cmd
	way     string      // to talk with them
	idle    chan *child // room for n; a nil child is a worker that is not started

	mu      sync.Mutex
	busy    map[*child]bool
	aborted bool
}

// NewPool makes a pool. Command makes the command line of a worker.
func NewPool(n int, command func() *exec.Cmd) *Pool {
	p := &Pool{Patience: patience, command: command, way: ordinaryWay(), idle: make(chan *child, n), busy: map[*child]bool{}}
	for range n {
		p.idle <- nil
	}
	return p
}

// Size returns how many workers there are.
func (p *Pool) Size() int { return cap(p.idle) }

// Close ends all workers. No run may be under way.
func (p *Pool) Close() {
	for range cap(p.idle) {
		if c := <-p.idle; c != nil {
			c.end()
		}
	}
}

// RefusedError says why a request cannot be run: the mistake is the caller's.
type RefusedError struct{ Why string }

func (e *RefusedError) Error() string { return e.Why }

// Run runs a request on a free worker. A worker that crashes or hangs gives an outcome
// that says so: that is a finding about the guest, or about us. An error means that the
// request is refused, or that no worker can be started.
func (p *Pool) Run(q Request) (*outcome.Outcome, error) { return p.run(q, false) }

// RunFresh runs a request in a process that has run nothing before.
func (p *Pool) RunFresh(q Request) (*outcome.Outcome, error) { return p.run(q, true) }

func (p *Pool) run(q Request, fresh bool) (*outcome.Outcome, error) {
	c := <-p.idle
	if c != nil && (fresh || !c.ready()) {
		c.end()
		c = nil
	}
	if c == nil {
		var err error
		if c, err = start(p.command(), p.way, p.Patience); err != nil {
			p.idle <- nil
			return nil, err
		}
	}
	p.set(c, true)
	a, err := c.ask(q)
	p.set(c, false)
	if err != nil {
		c.end()
		p.idle <- nil
		return lost(q, c), nil
	}
	p.idle <- c
	if a.Error != "" {
		return nil, &RefusedError{a.Error}
	}
	return a.Outcome, nil
}

// Abort ends the runs that are under way, and all later ones, at once: each gives the
// outcome of a crash. Only Close makes sense afterwards.
func (p *Pool) Abort() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.aborted = true
	for c := range p.busy {
		c.cmd.Process.Kill()
	}
}

func (p *Pool) set(c *child, busy bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !busy {
		delete(p.busy, c)
		return
	}
	p.busy[c] = true
	if p.aborted {
		c.cmd.Process.Kill()
	}
}

// child is one worker process.
type child struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *json.Decoder
	out     io.Closer
	stderr  tail
	asked   bool // it has run something and not yet said that it is ready

	patience time.Duration
	gaveUp   atomic.Bool // it was killed because it said nothing
}

func start(cmd *exec.Cmd, way string, patience time.Duration) (*child, error) {
	inR, inW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, in: inW, out: outR, answers: json.NewDecoder(bufio.NewReaderSize(outR, 1<<16)), patience: patience}
	// What the command sets itself comes last, and so wins.
	cmd.Env = append(append(os.Environ(), Env+"="+way, "GODEBUG="+guest.Godebug, "GOMAXPROCS=1"), cmd.Env...)
	cmd.Stdout, cmd.Stderr = nil, &c.stderr
	give(cmd, way, inR, outW)
	err = cmd.Start()
	inR.Close()
	outW.Close()
	if err != nil {
		inW.Close()
		outR.Close()
		return nil, fmt.Errorf("worker: cannot start %s: %w", cmd.Path, err)
	}
	return c, nil
}

// ask sends a request and waits for the outcome.
func (c *child) ask(q Request) (a answer, err error) {
	defer c.killIfSilent().Stop()
	if err := json.NewEncoder(c.in).Encode(q); err != nil {
		return a, err
	}
	c.asked = true
	err = c.answers.Decode(&a)
	return a, err
}

// killIfSilent kills the child unless the timer is stopped in time.
func (c *child) killIfSilent() *time.Timer {
	return time.AfterFunc(c.patience, func() {
		c.gaveUp.Store(true)
		c.cmd.Process.Kill()
	})
}

// ready waits until the worker has wound down its last run; false means that it ended.
func (c *child) ready() bool {
	if !c.asked {
		return true
	}
	defer c.killIfSilent().Stop()
	var a answer
	err := c.answers.Decode(&a)
	c.asked = false
	return err == nil && a.Ready
}

// end closes the worker's input, on which it ends, and makes sure that it does.
func (c *child) end() {
	c.in.Close()
	timer := time.AfterFunc(5*time.Second, func() { c.cmd.Process.Kill() })
	defer timer.Stop()
	c.cmd.Wait()
	c.out.Close()
}

// lost is the outcome of a run whose worker ended without one.
func lost(q Request, c *child) *outcome.Outcome {
	what, why := "crashed", firstPanic(c.stderr.String())
	if c.gaveUp.Load() {
		what, why = "hung", fmt.Sprintf("it had said nothing for %v", c.patience)
	}
	f := outcome.Finding{
		Checker: "worker", Rule: "worker-" + what, Class: outcome.Bug,
		Signature: "worker-" + what + ": " + scenarios.Shape(why),
		Message:   "the process that ran this plan " + what + ": " + why,
		Quote:     "A program under test does not take its process down.",
	}
	check := outcome.Check{Name: "worker", Examined: 1, Findings: []outcome.Finding{f}}
	check.Settle()
	o := &outcome.Outcome{Scenario: q.Scenario, Seed: q.label(), Checks: []outcome.Check{check}, Faults: []outcome.FaultCount{}, Plan: q.Plan}
	o.Settle(0)
	return o
}

// label names the seed that the request's plan is of.
func (q Request) label() string {
	if p, err := scenarios.ParsePlan(q.Plan); err == nil {
		return p.Seed
	}
	return q.Seed.String()
}

// firstPanic picks the line that says why, and where.
func firstPanic(stderr string) string {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	for _, l := range lines {
		if strings.HasPrefix(l, "panic:") || strings.HasPrefix(l, "fatal error:") {
			return l
		}
	}
	return lines[len(lines)-1]
}

// tail keeps the last bytes of a stream. It is written by the goroutine that copies a
// child's output and read after the child ended.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const tailSize = 1 << 16

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(b)
	if extra := t.buf.Len() - tailSize; extra > 0 {
		t.buf.Next(extra)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}
