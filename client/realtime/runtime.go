package realtime

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/zoobreak/zoobreak/client"
	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/clock/wall"
	"github.com/zoobreak/zoobreak/internal/inbox"
	"github.com/zoobreak/zoobreak/internal/rng"
)

var _ client.Runtime = (*Runtime)(nil)

// Config is what a Runtime is told once.
type Config struct {
	Name   string
	Random rng.Key // 0: another one in each life
	// Failed is told, on the program's thread, that a task panicked, after all tasks have
	// ended. Nil repeats the panic, which ends the process as a panic does.
	Failed func(error)
}

// Runtime implements client.Runtime. Its one thread is a goroutine that handles the events
// of the inbox and lets ready tasks run, one at a time: while a task runs, the thread waits
// for it. So whoever runs has all of the Runtime to itself, and nothing in it needs a lock.
type Runtime struct {
	cfg   Config
	box   *inbox.Inbox
	clock *wall.Clock
	back  chan struct{} // the baton, on its way from a task to the thread
	gone  chan struct{} // closed when the thread has ended
	ended chan struct{} // closed when the program has

	live    []*task // in the order of spawning
	ready   queue
	timers  timers
	current *task // who has the baton; nil: the thread
	stopped bool
	failure error
	looking atomic.Bool // an event is under way that looks at contexts
}

// New starts the thread. Close ends it.
func New(cfg Config) *Runtime {
	if cfg.Random == 0 {
		var b [8]byte
		rand.Read(b[:]) // never fails
		cfg.Random = rng.New(binary.LittleEndian.Uint64(b[:]))
	}
	rt := &Runtime{cfg: cfg, box: inbox.New(), back: make(chan struct{}), gone: make(chan struct{}), ended: make(chan struct{})}
	rt.clock = wall.New(rt.box, rt.ring)
	go rt.loop()
	return rt
}

// loop is the thread. Events and tasks take turns, so that neither can keep the others
// waiting for ever.
func (rt *Runtime) loop() {
	defer close(rt.gone)
	for rt.ready.any() || rt.box.Next() {
		if t := rt.ready.pop(); t != nil {
			rt.run(t)
			rt.box.Try()
		}
	}
}

// run gives a task the baton, and returns when it is handed back.
func (rt *Runtime) run(t *task) {
	rt.current = t
	if t.state == unbegun {
		t.state = running
		go t.main()
	} else {
		t.state = running
		t.turn <- struct{}{}
	}
	<-rt.back
	rt.current = nil
	if rt.failure != nil && !rt.stopped {
		rt.fail()
	}
}

// Name implements client.Runtime. Anybody may call it.
func (rt *Runtime) Name() string { return rt.cfg.Name }

// Now implements client.Runtime. Anybody may call it.
func (rt *Runtime) Now() clock.Instant { return rt.clock.Now().Mono }

// Random implements client.Runtime. Anybody may call it.
func (rt *Runtime) Random(purpose string, index uint64) rng.Key {
	return rt.cfg.Random.Of(purpose).Int(index)
}

// Inbox returns the inbox whose events run on the program's thread. It is for the twins
// of net, disk and clock that a client library stands on.
func (rt *Runtime) Inbox() *inbox.Inbox { return rt.box }

// Post lets an event run on the program's thread, between the steps of its tasks: the way
// in for other goroutines, which complete a Call there or fire a signal. It returns false
// if the Runtime is closed. The program itself must not call it: see inbox.Inbox.Post.
func (rt *Runtime) Post(event func()) bool { return rt.box.Post(event) }

// Sleep implements client.Runtime.
func (rt *Runtime) Sleep(ctx context.Context, d time.Duration) error {
	t, err := rt.enter("Sleep", ctx)
	if err != nil {
		return err
	}
	if d <= 0 {
		t.makeReady(nil)
		return t.handOver()
	}
	return t.park(ctx, nil, rt.Now().Add(d))
}

// WithTimeout implements client.Runtime. Here contexts of the standard library do as well.
func (rt *Runtime) WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(parent, d)
}

// Remaining implements client.Runtime.
func (rt *Runtime) Remaining(ctx context.Context) (d time.Duration, ok bool) {
	at, ok := ctx.Deadline()
	if !ok {
		return 0, false
	}
	return time.Until(at), true
}

// enter begins a call of the task that has the baton.
func (rt *Runtime) enter(op string, ctx context.Context) (*task, error) {
	if rt.stopped {
		return nil, rt.refuse()
	}
	if rt.current == nil {
		panic(fmt.Sprintf("realtime: %s of program %s is called from outside of its tasks, where nothing can wait: Spawn a task that does", op, rt.cfg.Name))
	}
	return rt.current, ctx.Err()
}

// ring lets those go on whose time has come.
func (rt *Runtime) ring() {
	for now := rt.Now(); rt.timers.earliest() <= now; {
		rt.timers.all[0].makeReady(nil)
	}
	rt.clock.Set(rt.timers.earliest())
}

// contextEnded is called by some goroutine when the context of a parked call is over.
func (rt *Runtime) contextEnded() {
	if rt.looking.CompareAndSwap(false, true) {
		rt.box.Post(rt.lookAtContexts)
	}
}

// lookAtContexts ends the waits of those whose context is over, in the order of spawning,
// although the contexts tell of it in any order. What is due is left to its alarm.
func (rt *Runtime) lookAtContexts() {
	rt.looking.Store(false)
	now := rt.Now()
	for _, t := range rt.live {
		if t.state == parked && t.due > now {
			if err := t.ctx.Err(); err != nil {
				t.makeReady(err)
			}
		}
	}
}
