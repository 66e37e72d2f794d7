package runtimetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/client"
)

// World is one program, and what is around it.
type World struct {
	Runtime client.Runtime

	// After lets an event happen after some time: on the program's thread, but in none of
	// its tasks.
	After func(d time.Duration, event func())

	// Pump lets time pass until the condition holds, which is looked at between events. It
	// returns false when the condition does not come to hold in bounded time.
	Pump func(until func() bool) bool

	// Kill ends the program, and returns when all of its tasks have ended.
	Kill func()

	// Failure returns what the owner was told of a task that panicked.
	Failure func() error
}

// Start makes a world.
type Start func(t *testing.T) World

// tick is long enough for a machine to do what a story does within it, although no story
// depends on that: whatever is due earlier goes on earlier, however late it is.
const tick = 2 * time.Millisecond

var background = context.Background()

// Stage is a world with what was said in it.
type Stage struct {
	World
	client.Runtime
	t     *testing.T
	lines []string
	live  int // tasks that have not ended
}

// NewStage returns a stage on which nothing was said.
func NewStage(t *testing.T, w World) *Stage { return &Stage{World: w, Runtime: w.Runtime, t: t} }

// Run tells every story in a world of its own.
func Run(t *testing.T, start Start) {
	for name, story := range transcripts {
		t.Run(name, func(t *testing.T) {
			s := NewStage(t, start(t))
			s.act(func() { story.tell(s) })
			s.untilAllHaveEnded()
			require.Equal(t, story.want, strings.Join(s.lines, "\n"))
			s.World.Kill()
			require.NoError(t, s.Failure())
		})
	}
	for name, tell := range free {
		t.Run(name, func(t *testing.T) { tell(NewStage(t, start(t))) })
	}
}

func (s *Stage) say(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

// Spawn starts a task that the stage waits for.
func (s *Stage) Spawn(name string, program func()) client.Task {
	s.live++
	return s.Runtime.Spawn(name, func() {
		defer func() { s.live-- }()
		program()
	})
}

// act runs an event now, and returns when it has run.
func (s *Stage) act(event func()) {
	s.t.Helper()
	ran := false
	s.After(0, func() {
		defer func() { ran = true }()
		event()
	})
	s.until(func() bool { return ran })
}

func (s *Stage) until(condition func() bool) {
	s.t.Helper()
	if !s.Pump(condition) { // only then may the lines be looked at from here
		require.Fail(s.t, "in vain", "so far: %q", s.lines)
	}
}

func (s *Stage) untilAllHaveEnded() {
	s.t.Helper()
	s.until(func() bool { return s.live == 0 })
}

// pass lets some time go by.
func (s *Stage) pass(d time.Duration) {
	s.t.Helper()
	over := false
	s.After(d, func() { over = true })
	s.until(func() bool { return over })
}

// word names the error of a call.
func word(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, client.ErrStopped):
		return "stopped"
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "too late"
	}
	return err.Error()
}

// sleep says how a Sleep ended.
func (s *Stage) sleep(who string, ctx context.Context, d time.Duration) {
	s.say("%s %s", who, word(s.Sleep(ctx, d)))
}

func lines(l ...string) string { return strings.Join(l, "\n") }
