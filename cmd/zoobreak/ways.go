package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/scenarios/worker"
)

// way is one of the ways in which doctor runs a seed. All must give the same digest.
type way struct {
	name string
	pool *worker.Pool
}

func (w way) run(q worker.Request) (*outcome.Outcome, error) {
	out, err := w.pool.Run(q)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.name, err)
	}
	return out, nil
}

// lost is an error if the run has no digest to compare: the worker ended without one.
func (w way) lost(s *scenarios.Scenario, seed scenarios.Seed, out *outcome.Outcome) error {
	if out.Digest != "" || !s.Exact() { // guests may take their process down: that is a finding about them
		return nil
	}
	return fmt.Errorf("%s, seed %v, %s: %s", s.Name, seed, w.name, out.Findings()[0].Message)
}

// examiner runs everything in several ways, at the same time.
type examiner struct {
	c    *cobra.Command
	ways []way
	dir  string // of what it has built
}

// add adds the ways that are asked for.
func (d *examiner) add(f doctorFlags) error {
	self, err := os.Executable()
	if err != nil {
		return internal(err)
	}
	d.addWay("on one processor", []string{self}, "GOMAXPROCS=1")
	d.addWay("on two", []string{self}, "GOMAXPROCS=2")
	if f.race {
		race, err := d.buildRace()
		if err != nil {
			return err
		}
		d.addWay("with the race detector", []string{race}, "GOMAXPROCS=2", "GORACE=halt_on_error=1 atexit_sleep_ms=0")
	}
	for _, command := range f.against {
		args := strings.Fields(command)
		if len(args) == 0 {
			return usage("--against is empty; it must be a command")
		}
		if args[0], err = exec.LookPath(args[0]); err != nil {
			return usage("--against %q: %v", command, err)
		}
		d.addWay("by "+command, args, "GOMAXPROCS=2")
	}
	return nil
}

func (d *examiner) addWay(name string, args []string, env ...string) {
	d.ways = append(d.ways, way{name, worker.NewPool(1, func() *exec.Cmd {
		c := exec.Command(args[0], args[1:]...)
		c.Env = env
		return c
	})})
}

// buildRace builds this program again, from the source in whose module doctor was called.
func (d *examiner) buildRace() (file string, err error) {
	if d.dir, err = os.MkdirTemp("", "zoobreak-doctor"); err != nil {
		return "", internal(err)
	}
	file = filepath.Join(d.dir, "zoobreak-race")
	out, err := exec.Command("go", "build", "-race", "-o", file, "github.com/zoobreak/zoobreak/cmd/zoobreak").CombinedOutput()
	if err != nil {
		return "", usage("--race builds zoobreak anew, and must be called where its module, the go command and a C compiler are: %v\n%s", err, out)
	}
	return file, nil
}

func (d *examiner) close() {
	for _, w := range d.ways {
		w.pool.Close()
	}
	if d.dir != "" {
		os.RemoveAll(d.dir)
	}
}

func (d *examiner) names() (names []string) {
	for _, w := range d.ways {
		names = append(names, w.name)
	}
	return names
}

// all runs a seed in all ways at once.
func (d *examiner) all(s *scenarios.Scenario, seed scenarios.Seed) ([]*outcome.Outcome, error) {
	outs, errs := make([]*outcome.Outcome, len(d.ways)), make(chan error)
	for i, w := range d.ways {
		go func() {
			var err error
			if outs[i], err = w.run(worker.Request{Scenario: s.Name, Seed: seed}); err == nil {
				err = w.lost(s, seed, outs[i])
			}
			errs <- err
		}()
	}
	var first error
	for range d.ways {
		if err := <-errs; first == nil {
			first = err
		}
	}
	return outs, first
}

// enumerate joins parts of a sentence.
func enumerate(parts []string) string {
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}
