package runtimetest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/client/runtimetest"
)

// step is one call of a random program. None takes time, so that the order of everything
// is settled by the interface alone.
type step struct {
	What string
	N    int // which signal, call or child
}

const things = 3 // of each kind

func drawProgram(t *rapid.T) [][]step {
	draw := rapid.Custom(func(t *rapid.T) step {
		return step{
			What: rapid.SampledFrom([]string{"yield", "fire", "wait", "given up", "spawn", "join", "call", "complete"}).Draw(t, "what"),
			N:    rapid.IntRange(0, things-1).Draw(t, "n"),
		}
	})
	return rapid.SliceOfN(rapid.SliceOfN(draw, 0, 8), 1, 5).Draw(t, "program")
}

// player runs a random program in one world.
type player struct {
	runtimetest.World
	program  [][]step
	signals  []client.Trigger
	calls    []*client.Call[int]
	children []client.Task
	lines    []string
}

func (p *player) spawn(n int) {
	if n >= len(p.program) {
		return
	}
	p.children = append(p.children, p.Runtime.Spawn(fmt.Sprint("task", n), func() {
		for i, s := range p.program[n] {
			err := p.do(n, s)
			p.lines = append(p.lines, fmt.Sprintf("task%d.%d %s %v", n, i, s.What, err))
		}
	}))
}

func (p *player) do(n int, s step) error {
	ctx := context.Background()
	switch s.What {
	case "yield":
		return p.Runtime.Sleep(ctx, 0)
	case "fire":
		p.signals[s.N].Fire()
	case "wait":
		return p.signals[s.N].Wait(ctx)
	case "given up":
		_, err := p.signals[s.N].WaitUntil(ctx, p.Runtime.Now())
		return err
	case "spawn":
		p.spawn(n + 1 + s.N)
	case "join":
		return p.children[s.N%len(p.children)].Wait(ctx)
	case "call":
		_, err := p.calls[s.N].Wait(ctx)
		return err
	case "complete":
		if !p.calls[s.N].Done() {
			p.calls[s.N].Complete(s.N, nil)
		}
	}
	return nil
}

// play runs the program until nothing more is said, kills it, and returns what was said.
// The world that cannot tell whether it has come to rest is told how much to wait for.
func play(w runtimetest.World, program [][]step, atLeast int) (all []string, beforeKill int) {
	p := &player{World: w, program: program}
	for range things {
		p.signals = append(p.signals, w.Runtime.NewSignal("s"))
		p.calls = append(p.calls, client.NewCall[int](w.Runtime, "c"))
	}
	begun := false
	w.After(0, func() { p.spawn(0); begun = true })
	w.Pump(func() bool { return begun && len(p.lines) >= atLeast })
	w.Pump(func() bool { beforeKill = len(p.lines); return true })
	w.Kill()
	return p.lines, beforeKill
}

// Whatever a program does, both worlds do the same: who runs first, who is woken by what,
// and how it unwinds.
func TestBothWorldsDoTheSame(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		program := drawProgram(r)
		simulated, atLeast := play(simulatedWorld(t), program, 0)
		real, _ := play(realWorld(t), program, atLeast)
		require.Equal(r, simulated, real)
	})
}
