package resource_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/sim/resource"
	"github.com/zoobreak/zoobreak/wire"
)

// wires is a network that remembers what was sent.
type wires struct {
	listening []net.Port
	sent      map[net.Conn][]byte
	closed    []net.Conn
	full      bool // there is no room for more
	paused    []net.Conn
	resumed   []net.Conn
}

func (w *wires) Listen(p net.Port)      { w.listening = append(w.listening, p) }
func (w *wires) Dial(net.Addr) net.Conn { panic("the resource dials nobody") }
func (w *wires) Close(c net.Conn)       { w.closed = append(w.closed, c) }
func (w *wires) Pause(c net.Conn)       { w.paused = append(w.paused, c) }
func (w *wires) Resume(c net.Conn)      { w.resumed = append(w.resumed, c) }

func (w *wires) Send(c net.Conn, b []byte) bool {
	w.sent[c] = append(w.sent[c], b...)
	return !w.full
}

func start(observe func(resource.Request, resource.Reply)) (*resource.Resource, *wires) {
	w := &wires{sent: map[net.Conn][]byte{}}
	return resource.New(w, observe), w
}

// ask sends a request on a fresh connection and returns the reply.
func ask(t require.TestingT, r *resource.Resource, w *wires, q resource.Request) resource.Reply {
	const c = 7
	delete(w.sent, c)
	r.NetEvent(net.Event{Kind: net.Accepted, Conn: c, Port: resource.Port})
	r.NetEvent(net.Event{Kind: net.Received, Conn: c, Data: q.Encode()})
	var f wire.Framer
	f.Feed(w.sent[c])
	frame, ok, err := f.Next()
	require.NoError(t, err)
	require.True(t, ok)
	reply, err := resource.DecodeReply(frame)
	require.NoError(t, err)
	require.Equal(t, q.ID, reply.ID)
	return reply
}

// One client's session with the resource, line by line.
func TestCounters(t *testing.T) {
	read := func(id uint64, token int64) resource.Request {
		return resource.Request{ID: id, Client: 1, Name: "db", Fenced: true, Token: token}
	}
	write := func(id uint64, token, v int64) resource.Request {
		q := read(id, token)
		q.Write, q.Value = true, v
		return q
	}
	unfenced := func(q resource.Request) resource.Request { q.Fenced = false; return q }
	steps := []struct {
		what string
		q    resource.Request
		want resource.Reply
	}{
		{"a new counter is 0", read(1, 3), resource.Reply{ID: 1, OK: true}},
		{"a write makes a version", write(2, 3, 10), resource.Reply{ID: 2, OK: true, Value: 10, Version: 1}},
		{"the same token may go on", write(3, 3, 11), resource.Reply{ID: 3, OK: true, Value: 11, Version: 2}},
		{"a repetition has the same answer and no effect", write(2, 3, 10), resource.Reply{ID: 2, OK: true, Value: 10, Version: 1}},
		{"a greater token reads", read(4, 5), resource.Reply{ID: 4, OK: true, Value: 11, Version: 2}},
		{"which shuts the older out of writing", write(5, 3, 12), resource.Reply{ID: 5}},
		{"and of reading", read(6, 4), resource.Reply{ID: 6}},
		{"a repeated refusal is a refusal", write(5, 3, 12), resource.Reply{ID: 5}},
		{"the unfenced counter is another one", unfenced(write(7, 0, 9)), resource.Reply{ID: 7, OK: true, Value: 9, Version: 1}},
		{"and checks nothing", unfenced(write(8, -1, 8)), resource.Reply{ID: 8, OK: true, Value: 8, Version: 2}},
		{"it did not touch the fenced one", read(9, 5), resource.Reply{ID: 9, OK: true, Value: 11, Version: 2}},
	}
	r, w := start(nil)
	require.Equal(t, []net.Port{resource.Port}, w.listening)
	for _, s := range steps {
		require.Equal(t, s.want, ask(t, r, w, s.q), s.what)
	}
}

func TestTheObserverSeesEachRequestOnce(t *testing.T) {
	var seen []uint64
	r, w := start(func(q resource.Request, reply resource.Reply) { seen = append(seen, q.ID) })
	for _, id := range []uint64{1, 1, 2, 1, 2, 3} {
		ask(t, r, w, resource.Request{ID: id, Client: 1, Name: "db"})
	}
	ask(t, r, w, resource.Request{ID: 1, Client: 2, Name: "db"})
	require.Equal(t, []uint64{1, 2, 3, 1}, seen)
}

func TestNonsenseIsHungUpOn(t *testing.T) {
	cases := map[string][]byte{
		"a short request":   {0, 0, 0, 1, 9},
		"a negative length": {0xff, 0xff, 0xff, 0xff},
	}
	for name, bytes := range cases {
		t.Run(name, func(t *testing.T) {
			r, w := start(nil)
			r.NetEvent(net.Event{Kind: net.Accepted, Conn: 3})
			r.NetEvent(net.Event{Kind: net.Received, Conn: 3, Data: bytes})
			require.Equal(t, []net.Conn{3}, w.closed)
			r.NetEvent(net.Event{Kind: net.Received, Conn: 3, Data: bytes})
			require.Empty(t, w.sent)
		})
	}
}

// However the bytes are cut, and however often a request is repeated, the value is that
// of the last accepted write, and the version their number.
func TestAnySequence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, w := start(nil)
		var value, version, greatest int64
		var stream []byte
		for id := range uint64(rapid.IntRange(1, 20).Draw(t, "requests")) {
			q := resource.Request{ID: id + 1, Client: 1, Name: "db", Fenced: true, Write: true,
				Token: rapid.Int64Range(0, 5).Draw(t, "token"), Value: rapid.Int64().Draw(t, "value")}
			if q.Token >= greatest {
				value, greatest = q.Value, q.Token
				version++
			}
			for range rapid.IntRange(1, 3).Draw(t, "times") {
				stream = append(stream, q.Encode()...)
			}
		}
		r.NetEvent(net.Event{Kind: net.Accepted, Conn: 1})
		for len(stream) > 0 {
			n := rapid.IntRange(1, len(stream)).Draw(t, "segment")
			r.NetEvent(net.Event{Kind: net.Received, Conn: 1, Data: stream[:n]})
			stream = stream[n:]
		}
		got := ask(t, r, w, resource.Request{ID: 100, Client: 1, Name: "db", Fenced: true, Token: greatest})
		require.Equal(t, resource.Reply{ID: 100, OK: true, Value: value, Version: version}, got)
	})
}

// Who does not take its replies is not read until it does.
func TestASlowClientIsNotRead(t *testing.T) {
	r, w := start(nil)
	ask(t, r, w, resource.Request{ID: 1, Client: 1, Name: "db"})
	require.Empty(t, w.paused)
	w.full = true
	ask(t, r, w, resource.Request{ID: 2, Client: 1, Name: "db"})
	require.Equal(t, []net.Conn{7}, w.paused)
	r.NetEvent(net.Event{Kind: net.Writable, Conn: 7})
	require.Equal(t, []net.Conn{7}, w.resumed)
}
