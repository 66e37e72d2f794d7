package proc

import (
	"context"

	"github.com/zoobreak/zoobreak/clock"
)

// Signal is something that happens at most once, and that tasks wait for.
type Signal struct {
	rt          *Runtime
	name        string
	kind        kind
	fired       bool
	first, last *Task // who waits, in order of arrival
}

// NewSignal returns a signal that has not fired. Its name is for reports.
func (rt *Runtime) NewSignal(name string) *Signal {
	return &Signal{rt: rt, name: name, kind: signal}
}

// Fired reports whether the signal has fired.
func (s *Signal) Fired() bool { return s.fired }

// Fire lets everybody go on who waits, in order of arrival and when the caller has handed
// over. Tasks and events may call it; again changes nothing. In a program that was killed
// it does nothing.
func (s *Signal) Fire() {
	if s.rt.stopped {
		return
	}
	s.fired = true
	for s.first != nil {
		s.first.wake(nil)
	}
}

// Wait returns when the signal has fired. What has happened counts for more than the
// context: a signal that has fired returns nil even if ctx is over.
func (s *Signal) Wait(ctx context.Context) error {
	return s.wait(ctx, clock.Never)
}

// WaitUntil is Wait, but gives up at an instant and reports whether the signal has fired.
func (s *Signal) WaitUntil(ctx context.Context, at clock.Instant) (bool, error) {
	err := s.wait(ctx, at)
	return s.fired && err == nil, err
}

func (s *Signal) wait(ctx context.Context, until clock.Instant) error {
	t, deadline, err := s.rt.enter("Wait", ctx)
	switch {
	case t == nil:
		return err
	case s.fired:
		return nil
	case err != nil || until <= s.rt.Now():
		return err
	}
	s.add(t)
	return t.park(wait{kind: s.kind, signal: s, until: until}, ctx, deadline)
}

// The list of who waits runs through the tasks, so that waiting allocates nothing: a task
// waits for one thing at a time.

func (s *Signal) add(t *Task) {
	t.before = s.last
	if s.last == nil {
		s.first = t
	} else {
		s.last.after = t
	}
	s.last = t
}

func (s *Signal) remove(t *Task) {
	if t.before == nil {
		s.first = t.after
	} else {
		t.before.after = t.after
	}
	if t.after == nil {
		s.last = t.before
	} else {
		t.after.before = t.before
	}
	t.before, t.after = nil, nil
}
