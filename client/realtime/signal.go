package realtime

import (
	"container/list"
	"context"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/clock"
)

// signal implements client.Trigger.
type signal struct {
	rt      *Runtime
	name    string
	closed  chan struct{} // when it has fired
	waiters list.List     // of *task, in order of arrival
}

// NewSignal implements client.Runtime. Anybody may call it.
func (rt *Runtime) NewSignal(name string) client.Trigger { return rt.newSignal(name) }

func (rt *Runtime) newSignal(name string) *signal {
	return &signal{rt: rt, name: name, closed: make(chan struct{})}
}

// Fired implements client.Signal.
func (s *signal) Fired() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// C implements client.Signal.
func (s *signal) C() <-chan struct{} { return s.closed }

// Fire implements client.Trigger. Other goroutines Post an event that does.
func (s *signal) Fire() {
	if !s.rt.stopped && !s.Fired() {
		s.happen()
	}
}

// happen is Fire without a look at the program: a task ends even when that was stopped.
func (s *signal) happen() {
	close(s.closed)
	for !s.rt.stopped && s.waiters.Len() > 0 {
		s.waiters.Front().Value.(*task).makeReady(nil)
	}
}

// Wait implements client.Signal.
func (s *signal) Wait(ctx context.Context) error { return s.wait(ctx, clock.Never) }

// WaitUntil implements client.Signal.
func (s *signal) WaitUntil(ctx context.Context, at clock.Instant) (bool, error) {
	err := s.wait(ctx, at)
	return err == nil && s.Fired(), err
}

func (s *signal) wait(ctx context.Context, until clock.Instant) error {
	t, err := s.rt.enter("Wait", ctx)
	switch {
	case t == nil:
		return err
	case s.Fired():
		return nil
	case err != nil || until <= s.rt.Now():
		return err
	}
	return t.park(ctx, s, until)
}
