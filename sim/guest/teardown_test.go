package guest_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/sim/guest"
)

// Programs that wait for what will never come end when the run does.
func TestTeardownEndsBlockedPrograms(t *testing.T) {
	cases := map[string]struct {
		program func(p *guest.Process)
		isolate bool
	}{
		"reading":                  {program: func(p *guest.Process) { read(dial(t, p)) }},
		"dialing, cut off":         {program: func(p *guest.Process) { p.Dial("tcp", p.Servers()[0], 0) }, isolate: true},
		"a held mark":              {program: func(p *guest.Process) { p.Acquired(1) }, isolate: true},
		"a counter, cut off":       {program: func(p *guest.Process) { p.Counter("db").Read() }, isolate: true},
		"a fenced counter":         {program: func(p *guest.Process) { require.ErrorIs(t, p.FencedCounter("db", 1).Write(1), guest.ErrOver) }, isolate: true},
		"sleeping a minute":        {program: func(p *guest.Process) { time.Sleep(time.Minute) }},
		"the real client, looping": {program: session},
		"the real client, on a watch": {program: func(p *guest.Process) {
			c, _, _ := zk.Connect(p.Servers(), 4*time.Second, zk.WithDialer(p.Dial), zk.WithLogger(p))
			defer c.Close()
			_, _, ch, _ := c.ExistsW("/absent")
			ev := <-ch
			require.ErrorIs(t, ev.Err, zk.ErrSessionExpired)
		}},
		"the real client, cut off": {program: session, isolate: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			require.NoError(t, run(t, 1, func(w *world) {
				if strings.Contains(name, "real client") {
					w.serve()
				}
				p := w.process()
				if tc.isolate {
					w.isolate(p, w.clients[0])
				}
				p.Start(tc.program)
				w.until(t, 3*second)
				require.True(t, w.b.Teardown())
				require.True(t, w.b.Teardown(), "a second time says the same")
			}))
			requireGoroutines(t, before)
		})
	}
}

// requireGoroutines gives goroutines that have been told to end the chance to run.
func requireGoroutines(t *testing.T, most int) {
	for range 10_000 {
		if runtime.NumGoroutine() <= most {
			return
		}
		runtime.Gosched()
	}
	buf := make([]byte, 1<<20)
	require.Fail(t, "goroutines are left", "%s", buf[:runtime.Stack(buf, true)])
}

// A program that does not end, or that leaves a goroutine of its library behind, makes
// Run say so instead of hanging.
func TestTeardownGivesUp(t *testing.T) {
	cases := map[string]func(p *guest.Process){
		"sleeps too long": func(p *guest.Process) { time.Sleep(time.Hour) },
		"never closes its connection": func(p *guest.Process) {
			zk.Connect(p.Servers(), 4*time.Second, zk.WithDialer(p.Dial), zk.WithLogger(p))
		},
	}
	for name, program := range cases {
		t.Run(name, func(t *testing.T) {
			clean := true
			err := run(t, 1, func(w *world) {
				w.serve()
				w.process().Start(program)
				w.until(t, second)
				clean = w.b.Teardown()
			})
			require.False(t, clean)
			require.ErrorIs(t, err, guest.ErrLeftovers)
		})
	}
}

func TestAPanicOfAProgramEndsTheRun(t *testing.T) {
	var process, stack string
	err := guest.Run(guest.Options{Panicked: func(p, s string) { process, stack = p, s }}, func(b *guest.Bubble) {
		w := newWorld(b, 1)
		w.serve()
		w.process().Start(func(p *guest.Process) { time.Sleep(time.Second); panic("lost my mind") })
		w.process().Start(session)
		w.until(t, 10*second)
		require.True(t, w.k.Stopped())
		require.Equal(t, second, w.k.Now())
	})
	var panicked *guest.PanicError
	require.ErrorAs(t, err, &panicked)
	require.Equal(t, "A", process)
	require.Contains(t, stack, "lost my mind")
	require.Contains(t, stack, "teardown_test.go")
}

func TestAPanicOfTheBodyReachesTheCaller(t *testing.T) {
	wrong := errors.New("the world is wrong")
	defer func() {
		p, ok := recover().(*guest.BodyPanic)
		require.True(t, ok)
		require.ErrorIs(t, p, wrong)
		require.Contains(t, p.Stack, "teardown_test.go")
	}()
	run(t, 1, func(*world) { panic(wrong) })
}
