package proc_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/clock"
)

// step is one call of a random program.
type step struct {
	What string
	N    int // which signal, call, context or child
	For  time.Duration
	Ctx  int
}

const things = 3 // of each kind

// randomProgram is what each task does; task n may spawn those after it.
type randomProgram [][]step

func drawProgram(t *rapid.T) randomProgram {
	draw := rapid.Custom(func(t *rapid.T) step {
		return step{
			What: rapid.SampledFrom([]string{"sleep", "fire", "wait", "until", "spawn", "join", "cancel", "timeout", "call", "complete"}).Draw(t, "what"),
			N:    rapid.IntRange(0, things-1).Draw(t, "n"),
			For:  time.Duration(rapid.IntRange(0, 5).Draw(t, "for")),
			Ctx:  rapid.IntRange(0, things).Draw(t, "ctx"),
		}
	})
	return rapid.SliceOfN(rapid.SliceOfN(draw, 0, 8), 1, 5).Draw(t, "program")
}

// player runs a random program, and checks what holds for every program.
type player struct {
	*story
	program  randomProgram
	signals  []client.Trigger
	calls    []*client.Call[int]
	contexts []context.Context // the last is never over
	cancels  []context.CancelFunc
	children []client.Task
	inside   int // tasks that run
	begun    int
	ended    int
	late     bool // it was paused
}

func play(t require.TestingT, program randomProgram) *player {
	p := &player{story: tell(t), program: program}
	for range things {
		p.signals = append(p.signals, p.NewSignal("s"))
		p.calls = append(p.calls, client.NewCall[int](p.Runtime, "c"))
		ctx, cancel := context.WithCancel(background)
		p.contexts, p.cancels = append(p.contexts, ctx), append(p.cancels, cancel)
	}
	p.contexts = append(p.contexts, background)
	p.spawn(0)
	return p
}

func (p *player) spawn(n int) {
	if n >= len(p.program) {
		return
	}
	p.children = append(p.children, p.Spawn(fmt.Sprint("task", n), func() {
		p.begun++
		p.inside++
		defer func() { p.inside--; p.ended++ }()
		for i, s := range p.program[n] {
			err := p.do(n, s)
			p.say("task%d.%d %s %s", n, i, s.What, word(err))
			p.k.Fold(uint64(n*100 + i))
		}
	}))
}

// blocking is a call in which others may run.
func (p *player) blocking(call func() error) error {
	require.Equal(p.t, 1, p.inside, "one task has the baton")
	p.inside--
	err := call()
	p.inside++
	require.Equal(p.t, 1, p.inside, "one task has the baton")
	return err
}

func (p *player) do(n int, s step) error {
	ctx := p.contexts[s.Ctx]
	switch s.What {
	case "sleep":
		due := p.Now().Add(s.For)
		err := p.blocking(func() error { return p.Sleep(ctx, s.For) })
		require.True(p.t, err != nil || p.Now() == due || p.late && p.Now() > due, "a sleep ends when it is due")
		return err
	case "fire":
		p.signals[s.N].Fire()
	case "wait":
		return p.blocking(func() error { return p.signals[s.N].Wait(ctx) })
	case "until":
		return p.blocking(func() error { _, err := p.signals[s.N].WaitUntil(ctx, p.Now().Add(s.For)); return err })
	case "spawn":
		p.spawn(n + 1 + s.N)
	case "join":
		return p.blocking(func() error { return p.children[s.N%len(p.children)].Wait(ctx) })
	case "cancel":
		p.cancels[s.N]()
	case "timeout":
		ctx, cancel := p.WithTimeout(ctx, s.For)
		p.contexts[s.N], p.cancels[s.N] = context.WithCancel(ctx)
		_ = cancel // by its deadline
	case "call":
		return p.blocking(func() error { _, err := p.calls[s.N].Wait(ctx); return err })
	case "complete":
		if !p.calls[s.N].Done() {
			p.calls[s.N].Complete(s.N, nil)
		}
	}
	return nil
}

func (p *player) finish() (digest uint64, said []string) {
	p.run()
	require.Equal(p.t, p.begun, p.ended, "defers run")
	require.Zero(p.t, p.inside)
	return p.k.Digest(), p.lines
}

// A program does the same in every run; whatever is killed or paused, and when.
func TestRandomPrograms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		program := drawProgram(t)
		fault := rapid.SampledFrom([]string{"none", "kill", "pause"}).Draw(t, "fault")
		begin := clock.Instant(rapid.IntRange(0, 20).Draw(t, "begin"))
		end := begin + clock.Instant(rapid.IntRange(0, 10).Draw(t, "for"))
		once := func() (uint64, []string) {
			p := play(t, program)
			switch fault {
			case "kill":
				p.at(begin, p.Kill)
			case "pause":
				p.at(begin, func() { p.late = true; p.Pause() })
				p.at(end, func() { p.Resume() })
			}
			return p.finish()
		}
		digest, said := once()
		again, saidAgain := once()
		require.Equal(t, said, saidAgain)
		require.Equal(t, digest, again)
	})
}

// A pause of no length changes nothing, whatever the program.
func TestAPauseOfNoLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		program := drawProgram(t)
		at := clock.Instant(rapid.IntRange(0, 20).Draw(t, "at"))
		say := func(act func(p *player)) []string {
			p := play(t, program)
			p.at(at, func() { act(p) })
			_, said := p.finish()
			return said
		}
		require.Equal(t, say(func(*player) {}), say(func(p *player) { p.Pause(); p.Resume() }))
	})
}

// Beside guests, programs run in a bubble; they do there what they do elsewhere.
func TestInABubble(t *testing.T) {
	tellSmall := func(t *testing.T) []string {
		s := tell(t)
		small(s)
		s.run()
		return slices.Clone(s.lines)
	}
	want := tellSmall(t)
	synctest.Test(t, func(t *testing.T) { require.Equal(t, want, tellSmall(t)) })
}
