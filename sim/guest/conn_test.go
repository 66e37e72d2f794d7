package guest_test

import (
	"io"
	stdnet "net"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/simnet"
	"github.com/zoobreak/zoobreak/sim/guest"
)

func dial(t *testing.T, p *guest.Process) stdnet.Conn {
	c, err := p.Dial("tcp", p.Servers()[0], time.Second)
	require.NoError(t, err)
	return c
}

func TestAProgramTalksToAServer(t *testing.T) {
	var got []byte
	var took time.Duration
	require.NoError(t, run(t, 1, func(w *world) {
		w.process().Start(func(p *guest.Process) {
			start := time.Now()
			c := dial(t, p)
			_, err := c.Write([]byte("hello"))
			require.NoError(t, err)
			got = make([]byte, 5)
			_, err = io.ReadFull(c, got)
			require.NoError(t, err)
			require.NoError(t, c.Close())
			require.ErrorIs(t, c.Close(), stdnet.ErrClosed)
			took = time.Since(start)
		})
		w.until(t, second)
	}))
	require.Equal(t, "hello", string(got))
	require.Greater(t, took, 4*time.Millisecond, "four segments of at least 1ms each")
	require.Less(t, took, 21*time.Millisecond)
}

// Each way in which a connection can end, as the program sees it.
func TestErrorsLookLikeThoseOfTCP(t *testing.T) {
	cases := map[string]struct {
		program func(c stdnet.Conn) error
		meddle  func(w *world)
		want    error
	}{
		"orderly close": {
			program: func(c stdnet.Conn) error { c.Write([]byte("bye")); return read(c) },
			want:    io.EOF,
		},
		"write after orderly close": {
			program: func(c stdnet.Conn) error { c.Write([]byte("bye")); read(c); _, err := c.Write([]byte("x")); return err },
			want:    syscall.EPIPE,
		},
		"reset": {
			program: read,
			meddle:  func(w *world) { w.net.Reset(w.clients[0], w.server) },
			want:    syscall.ECONNRESET,
		},
		"deadline": {
			program: func(c stdnet.Conn) error { c.SetReadDeadline(time.Now().Add(3 * time.Second)); return read(c) },
			want:    os.ErrDeadlineExceeded,
		},
		"deadline in the past": {
			program: func(c stdnet.Conn) error {
				c.SetDeadline(time.Now().Add(-1))
				_, err := c.Write([]byte("x"))
				return err
			},
			want: os.ErrDeadlineExceeded,
		},
		"closed by another goroutine": {
			program: func(c stdnet.Conn) error { time.AfterFunc(time.Second, func() { c.Close() }); return read(c) },
			want:    stdnet.ErrClosed,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got error
			require.NoError(t, run(t, 1, func(w *world) {
				w.process().Start(func(p *guest.Process) { got = tc.program(dial(t, p)) })
				w.until(t, second)
				if tc.meddle != nil {
					tc.meddle(w)
				}
				w.until(t, 10*second)
			}))
			require.ErrorIs(t, got, tc.want)
		})
	}
}

func read(c stdnet.Conn) error {
	_, err := c.Read(make([]byte, 16))
	return err
}

func TestADeadlineMovedLaterDoesNotFireEarly(t *testing.T) {
	var after time.Duration
	require.NoError(t, run(t, 1, func(w *world) {
		w.process().Start(func(p *guest.Process) {
			c, start := dial(t, p), time.Now()
			c.SetReadDeadline(start.Add(time.Second))
			c.SetReadDeadline(start.Add(4 * time.Second))
			require.ErrorIs(t, read(c), os.ErrDeadlineExceeded)
			after = time.Since(start)
			c.SetReadDeadline(time.Time{})
			c.Write([]byte("works again"))
			require.NoError(t, read(c))
		})
		w.until(t, 10*second)
	}))
	require.Equal(t, 4*time.Second, after)
}

func TestDialsThatFail(t *testing.T) {
	cases := map[string]struct {
		address string
		isolate bool
		want    error
	}{
		"nobody listens":   {address: "10.0.0.1:9999", want: syscall.ECONNREFUSED},
		"cut off":          {address: "10.0.0.1:2181", isolate: true, want: os.ErrDeadlineExceeded},
		"no such host":     {address: "example.com:2181", want: &stdnet.DNSError{Err: "no such host in this world", Name: "example.com:2181", IsNotFound: true}},
		"no port is named": {address: "10.0.0.1", want: &stdnet.DNSError{Err: "no such host in this world", Name: "10.0.0.1", IsNotFound: true}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got error
			require.NoError(t, run(t, 1, func(w *world) {
				p := w.process()
				if tc.isolate {
					w.isolate(p, w.clients[0])
				}
				p.Start(func(p *guest.Process) { _, got = p.Dial("tcp", tc.address, 2*time.Second) })
				w.until(t, 5*second)
			}))
			var op *stdnet.OpError
			require.ErrorAs(t, got, &op)
			require.Equal(t, "dial", op.Op)
			if want, ok := tc.want.(*stdnet.DNSError); ok {
				require.Equal(t, want, op.Err)
			} else {
				require.ErrorIs(t, got, tc.want)
			}
		})
	}
}

func TestIsolationHoldsBytesUntilItHeals(t *testing.T) {
	var answered time.Duration
	require.NoError(t, run(t, 1, func(w *world) {
		p := w.process()
		p.Start(func(p *guest.Process) {
			c, start := dial(t, p), time.Now()
			time.Sleep(2 * time.Second)
			c.Write([]byte("x"))
			require.NoError(t, read(c))
			answered = time.Since(start)
		})
		w.until(t, second)
		heal := w.isolate(p, w.clients[0])
		w.until(t, 7*second)
		heal()
		w.until(t, 9*second)
	}))
	require.Greater(t, answered, 6900*time.Millisecond)
	require.Less(t, answered, 8*time.Second)
}

// A program that writes faster than its server takes waits, and goes on when it does; so
// what is between them is bounded, and no byte is lost.
func TestWritingWaitsForRoom(t *testing.T) {
	const all = 10 << 20
	var at []time.Duration
	var wrote int
	require.NoError(t, run(t, 1, func(w *world) {
		sink := &sleeper{h: w.server}
		w.server.Run(sink)
		w.process().Start(func(p *guest.Process) {
			c := dial(t, p)
			for wrote < all {
				n, err := c.Write(make([]byte, 100_000))
				require.NoError(t, err)
				require.Equal(t, 100_000, n)
				wrote += n
				at = append(at, p.Elapsed())
			}
		})
		w.until(t, 5*second)
		require.Less(t, wrote, 1<<20, "it waits")
		sink.wake()
		w.until(t, 10*second)
		require.Equal(t, wrote, sink.got)
	}))
	require.GreaterOrEqual(t, wrote, all)
	require.Less(t, at[0], time.Second)
	require.Greater(t, at[len(at)-1], 5*time.Second)
}

// sleeper reads nothing until it is woken.
type sleeper struct {
	h     *simnet.Host
	conn  net.Conn
	awake bool
	got   int
}

func (s *sleeper) NetEvent(ev net.Event) {
	if ev.Kind == net.Accepted && !s.awake {
		s.conn = ev.Conn
		s.h.Pause(ev.Conn)
	}
	s.got += len(ev.Data)
}

func (s *sleeper) wake() {
	s.awake = true
	s.h.Resume(s.conn)
}

// What ends the wait of a Write: its deadline, also one that is set while it waits, the
// connection's end, and Close.
func TestWhatEndsTheWaitOfAWrite(t *testing.T) {
	for name, tc := range map[string]struct {
		program func(c stdnet.Conn)
		meddle  func(w *world)
		want    error
		after   time.Duration
	}{
		"a deadline": {
			program: func(c stdnet.Conn) { c.SetWriteDeadline(time.Now().Add(3 * time.Second)) },
			want:    os.ErrDeadlineExceeded, after: 3 * time.Second,
		},
		"a deadline that is moved": {
			program: func(c stdnet.Conn) {
				c.SetWriteDeadline(time.Now().Add(time.Second))
				time.AfterFunc(time.Second/2, func() { c.SetWriteDeadline(time.Now().Add(2 * time.Second)) })
			},
			want: os.ErrDeadlineExceeded, after: 2500 * time.Millisecond,
		},
		"close": {
			program: func(c stdnet.Conn) { time.AfterFunc(time.Second, func() { c.Close() }) },
			want:    stdnet.ErrClosed, after: time.Second,
		},
		"a reset": {
			program: func(stdnet.Conn) {},
			meddle:  func(w *world) { w.net.Reset(w.clients[0], w.server) },
			want:    syscall.ECONNRESET, after: time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got error
			var n int
			var after time.Duration
			require.NoError(t, run(t, 1, func(w *world) {
				w.server.Run(&sleeper{h: w.server})
				w.process().Start(func(p *guest.Process) {
					c := dial(t, p)
					start := time.Now()
					tc.program(c)
					n, got = c.Write(make([]byte, 10<<20))
					after = time.Since(start)
				})
				w.until(t, second)
				if tc.meddle != nil {
					tc.meddle(w)
				}
				w.until(t, 10*second)
			}))
			require.ErrorIs(t, got, tc.want)
			require.InDelta(t, tc.after.Seconds(), after.Seconds(), 0.02)
			require.Greater(t, n, 100<<10, "what went before")
			require.Less(t, n, 1<<20)
		})
	}
}

// A program that does not read makes its server wait.
func TestNotReadingMakesTheServerWait(t *testing.T) {
	var room []bool
	var got int
	require.NoError(t, run(t, 1, func(w *world) {
		s := &flooder{h: w.server}
		w.server.Run(s)
		w.process().Start(func(p *guest.Process) {
			c := dial(t, p)
			time.Sleep(3 * time.Second)
			for b := make([]byte, 1<<20); got < s.total(); {
				n, err := c.Read(b)
				require.NoError(t, err)
				got += n
			}
		})
		w.until(t, 3*second)
		require.Less(t, s.total(), 1<<20, "it waits")
		room = append(room, s.writable)
		w.until(t, 10*second)
		room = append(room, s.writable)
		require.Equal(t, s.total(), got)
	}))
	require.Equal(t, []bool{false, true}, room)
}

// flooder sends until there is no room.
type flooder struct {
	h        *simnet.Host
	sent     atomic.Int64 // the program, on its own goroutine, asks
	writable bool
}

func (f *flooder) total() int { return int(f.sent.Load()) }

func (f *flooder) NetEvent(ev net.Event) {
	if f.writable = ev.Kind == net.Writable; f.writable {
		return
	}
	for room := true; room; f.sent.Add(10_000) {
		room = f.h.Send(ev.Conn, make([]byte, 10_000))
	}
}
