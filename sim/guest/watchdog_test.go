package guest_test

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/sim/guest"
)

// store is a home-made client as people write it: one mutex around everything.
type store struct {
	mu sync.Mutex
	p  *guest.Process
}

func (s *store) update() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.p.Counter("db").Write(1) // the blocking call
}

func (s *store) peek() {
	s.mu.Lock() // the waiter
	defer s.mu.Unlock()
}

// hangs are programs in which virtual time stops, and what the report must say. They are
// run in a process of their own, which they would otherwise occupy for ever.
var hangs = map[string]struct {
	program func(p *guest.Process)
	want    string
}{
	"mutex": {
		program: func(p *guest.Process) {
			s := &store{p: p}
			go s.update()
			time.Sleep(time.Millisecond) // the request is on its way, and takes longer
			s.peek()
		},
		want: `guest/watchdog_test\.go:\d+ \(guest_test\.\(\*store\)\.peek\) waits for a mutex, (most likely )?held by a goroutine that waits \(chan receive\) at guest/watchdog_test\.go:\d+ \(guest_test\.\(\*store\)\.update\)\..*Release the mutex`,
	},
	"local mutex": {
		program: func(p *guest.Process) {
			var mu sync.Mutex
			mu.Lock()
			go func() { mu.Lock() }()
			time.Sleep(time.Second)
		},
		want: `waits for a mutex, (most likely )?held by a goroutine that waits \(sleep\) at guest/watchdog_test\.go:\d+`,
	},
	"spin": {
		program: func(p *guest.Process) {
			for p.Running() {
			}
		},
		want: `guest/watchdog_test\.go:\d+ \(guest_test\..*\) spins without blocking`,
	},
	"retry": {
		program: func(p *guest.Process) {
			for p.Running() {
				p.Acquired(1)
			}
		},
		want: `more than 100000 calls at the single instant 0\.000000s, the last by A: .* add a back-off`,
	},
	"chatter": {
		program: func(p *guest.Process) {
			for {
				p.Printf("again")
			}
		},
		want: `more than 100000 calls at the single instant 0\.000000s, the last by A`,
	},
	"outside": {
		program: func(p *guest.Process) { <-outside },
		want:    `guest/watchdog_test\.go:\d+ \(guest_test\..*\) waits \(chan receive\) for something outside the simulation`,
	},
	"tiny steps": {
		program: func(p *guest.Process) {
			for {
				time.Sleep(1)
			}
		},
		want: `without virtual time reaching the next event.*guest/watchdog_test\.go:\d+`,
	},
}

// outside is a channel that was made before any bubble.
var outside = make(chan struct{})

const hangVariable = "ZOOBREAK_TEST_HANG"

func TestMain(m *testing.M) {
	if name := os.Getenv(hangVariable); name != "" {
		hang(name)
	}
	os.Exit(m.Run())
}

// hang is the child: it prints the report and exits with 3, or runs into the patience of
// its parent.
func hang(name string) {
	report := func(r string) { fmt.Println(r); os.Exit(3) }
	err := guest.Run(guest.Options{Stuck: report, Patience: 400 * time.Millisecond}, func(b *guest.Bubble) {
		w := newWorld(b, 1)
		w.process().Start(hangs[name].program)
		w.k.Run(60 * second)
	})
	fmt.Println("returned", err)
	os.Exit(4)
}

func TestTheWatchdogExplainsWhyNothingMoves(t *testing.T) {
	for name, h := range hangs {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), hangVariable+"="+name)
			out, _ := cmd.CombinedOutput()
			require.Equal(t, 3, cmd.ProcessState.ExitCode(), string(out))
			require.Regexp(t, regexp.MustCompile(h.want), string(out))
		})
	}
}

// A program that computes for a while, and then waits, is left alone.
func TestTheWatchdogIsPatient(t *testing.T) {
	err := guest.Run(guest.Options{Patience: time.Minute}, func(b *guest.Bubble) {
		w := newWorld(b, 1)
		w.process().Start(func(p *guest.Process) {
			for range 1000 {
				x := 0
				for i := range 10_000 {
					x += i
				}
				time.Sleep(time.Millisecond * time.Duration(1+x%2))
			}
		})
		require.NoError(t, w.k.Run(60*second))
	})
	require.NoError(t, err)
}
