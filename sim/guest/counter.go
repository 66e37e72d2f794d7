package guest

import (
	"errors"
	"time"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/sim/kernel"
	"github.com/zoobreak/zoobreak/sim/resource"
	"github.com/zoobreak/zoobreak/wire"
)

// What an access to a fenced counter may be told.
var (
	ErrStaleToken = errors.New("guest: the resource has seen a greater fencing token")
	ErrOver       = errors.New("guest: the run is over")
)

// Counter is a number at the resource outside the service, which checks nothing.
type Counter struct{ access access }

// Counter returns the unfenced counter of a name.
func (p *Process) Counter(name string) *Counter {
	return &Counter{p.reach(resource.Request{Name: name})}
}

// Read returns the value. It waits as long as the resource cannot be reached; when the
// run is over it returns 0.
func (c *Counter) Read() int64 { return c.access.do(false, 0).Value }

// Write sets the value. It waits as Read does.
func (c *Counter) Write(v int64) { c.access.do(true, v) }

// FencedCounter is a number at the resource, which refuses a token smaller than the
// greatest it has seen.
type FencedCounter struct{ access access }

// FencedCounter returns the fenced counter of a name, accessed with the token.
func (p *Process) FencedCounter(name string, token int64) *FencedCounter {
	return &FencedCounter{p.reach(resource.Request{Name: name, Fenced: true, Token: token})}
}

// Read returns the value, or ErrStaleToken, or ErrOver.
func (c *FencedCounter) Read() (int64, error) {
	r := c.access.do(false, 0)
	return r.Value, c.refusal(r)
}

// Write sets the value, or returns ErrStaleToken or ErrOver.
func (c *FencedCounter) Write(v int64) error { return c.refusal(c.access.do(true, v)) }

func (c *FencedCounter) refusal(r resource.Reply) error {
	switch {
	case r.OK:
		return nil
	case r.ID == 0:
		return ErrOver
	}
	return ErrStaleToken
}

// access is how a program's goroutine reaches the resource.
type access struct {
	p *Process
	q resource.Request
}

func (p *Process) reach(q resource.Request) access {
	if p.spec.Resource == "" {
		panic("guest: this world has no resource for counter " + q.Name)
	}
	q.Client = p.spec.Index
	return access{p, q}
}

// do waits for the answer. It is the zero Reply if the run ended first.
func (a access) do(write bool, v int64) (r resource.Reply) {
	q := a.q
	q.Write, q.Value = write, v
	a.p.ask(&task{do: func() { a.p.client.request(q, &r) }})
	return r
}

// redialDelay is how long a process waits before it dials the resource again.
const redialDelay = 50 * time.Millisecond

// client is a process's side of the connection to the resource. A request is repeated,
// with the same ID, on a new connection until an answer arrives. For the driver.
type client struct {
	p       *Process
	actor   kernel.Actor
	conn    net.Conn // 0: none
	open    bool
	framer  wire.Framer
	ids     uint64
	pending *pending
}

// pending is the request that has no answer yet.
type pending struct {
	request resource.Request
	handle  history.Handle
	reply   *resource.Reply // where its program wants the answer
}

func (c *client) request(q resource.Request, into *resource.Reply) {
	c.p.marks.settle()
	c.ids++
	q.ID = c.ids
	op := history.Op{Client: q.Client, Kind: history.EffectRead, Name: q.Name, Fenced: q.Fenced, Token: q.Token}
	if q.Write {
		op.Kind, op.Value = history.EffectWrite, q.Value
	}
	c.pending = &pending{q, c.p.spec.Log.Call(c.p.b.k.Now(), op), into}
	c.attempt()
}

// attempt sends what is pending, or dials first.
func (c *client) attempt() {
	switch {
	case c.pending == nil:
	case c.conn == 0:
		c.conn = c.p.spec.Host.Dial(c.p.spec.Resource)
	case c.open:
		c.p.spec.Host.Send(c.conn, c.pending.request.Encode())
	}
}

// netEvent reports whether the event was of this connection.
func (c *client) netEvent(ev net.Event) bool {
	if c.conn == 0 || ev.Conn != c.conn {
		return false
	}
	switch ev.Kind {
	case net.Connected:
		c.open = true
		c.attempt()
	case net.Received:
		c.received(ev.Data)
	case net.Closed:
		c.conn, c.open, c.framer = 0, false, wire.Framer{}
		c.p.b.k.At(c.p.b.k.Now().Add(redialDelay), c.actor, 0, 0)
	}
	return true
}

// redialer is the process's own actor in the kernel.
type redialer struct{ p *Process }

// Fire implements kernel.Handler.
func (r redialer) Fire(int32, uint64) {
	if !r.p.b.over.Load() {
		r.p.client.attempt()
	}
}

// Describe implements kernel.Describer.
func (r redialer) Describe(int32, uint64) string {
	return r.p.spec.Name + " dials the resource again, if it still wants something"
}

func (c *client) received(b []byte) {
	c.framer.Feed(b)
	for {
		frame, ok, err := c.framer.Next()
		if err == nil && !ok {
			return
		}
		r, bad := resource.DecodeReply(frame)
		if err != nil || bad != nil {
			panic("guest: the resource sent " + c.p.spec.Name + " what is no reply")
		}
		c.answered(r)
	}
}

func (c *client) answered(r resource.Reply) {
	w := c.pending
	if w == nil || w.request.ID != r.ID {
		return // the answer to an earlier attempt
	}
	c.pending = nil
	*w.reply = r
	status := history.OK
	if !r.OK {
		status = history.Fail
	}
	c.p.spec.Log.Return(w.handle, c.p.b.k.Now(), status, func(op *history.Op) {
		op.Version = r.Version
		if !w.request.Write {
			op.Value = r.Value
		}
	})
	c.p.b.k.Fold(rng.Mix(uint64(r.Version), uint64(r.Value)))
	c.p.marks.idle()
	c.p.tasks.finish()
	c.p.proceed()
}

// Effect is told by the resource when a request takes effect: the history knows it then,
// even if the program never gets the answer. For the driver; give it to resource.New.
func (b *Bubble) Effect(q resource.Request, r resource.Reply) {
	for _, p := range b.processes {
		w := p.client.pending
		if p.spec.Index == q.Client && w != nil && w.request.ID == q.ID {
			p.spec.Log.Ops[w.handle].Version = r.Version
		}
	}
}
