package proc

import (
	"context"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/clock"
)

// Signal implements client.Trigger.
type Signal struct {
	rt          *Runtime
	name        string
	kind        kind
	fired       bool
	closed      chan struct{} // nil: nobody has asked for it
	first, last *Task         // who waits, in order of arrival
}

// NewSignal implements client.Runtime.
func (rt *Runtime) NewSignal(name string) client.Trigger {
	return &Signal{rt: rt, name: name, kind: signal}
}

// Fired implements client.Signal.
func (s *Signal) Fired() bool { return s.fired }

// Fire implements client.Trigger. Tasks and events may call it.
func (s *Signal) Fire() {
	if s.rt.stopped || s.fired {
		return
	}
	s.happen()
	for s.first != nil {
		s.first.wake(nil)
	}
}

func (s *Signal) happen() {
	s.fired = true
	if s.closed != nil {
		close(s.closed)
	}
}

// C implements client.Signal. Whoever waits for it stands outside of every program.
func (s *Signal) C() <-chan struct{} {
	if s.closed == nil {
		s.closed = make(chan struct{})
		if s.fired {
			close(s.closed)
		}
	}
	return s.closed
}

// Wait implements client.Signal.
func (s *Signal) Wait(ctx context.Context) error {
	return s.wait(ctx, clock.Never)
}

// WaitUntil implements client.Signal.
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
