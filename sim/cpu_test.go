package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
)

// busy is a process that is given numbers, and notes when it handles them.
type busy struct {
	echo
	handled []int
	at      []clock.Instant
}

func (b *busy) Wake(now clock.Now) { b.note(0, now.Mono) }

func (b *busy) note(n int, at clock.Instant) {
	b.handled, b.at = append(b.handled, n), append(b.at, at)
}

// newBusy starts one that wakes at instant 100, as number 0.
func newBusy(t *testing.T) (*World, *Process, *busy) {
	w, b := New(Config{}), &busy{}
	p := w.AddServer(func(env Env, now clock.Now) (Server, error) {
		env.Alarm.Set(100)
		return b, nil
	})
	require.NoError(t, p.Start())
	return w, p, b
}

func (b *busy) give(p *Process, numbers ...int) {
	for _, n := range numbers {
		p.Post(func() { b.note(n, p.Now().Mono) })
	}
}

// Each step happens at an instant, in order; what is given is a number.
func TestASlowOrPausedCPU(t *testing.T) {
	type step struct {
		at clock.Instant
		do func(p *Process, b *busy)
	}
	var m, other, pause int
	give := func(numbers ...int) func(*Process, *busy) {
		return func(p *Process, b *busy) { b.give(p, numbers...) }
	}
	slow := func(m *int, each time.Duration) func(*Process, *busy) {
		return func(p *Process, _ *busy) { p.SlowDown(each, m) }
	}
	speedUp := func(m *int) func(*Process, *busy) { return func(p *Process, _ *busy) { p.SpeedUp(m) } }
	for name, tc := range map[string]struct {
		steps    []step
		handled  []int
		at       []clock.Instant
		mattered int
	}{
		"at once, without a fault": {[]step{{5, give(1, 2)}},
			[]int{1, 2, 0}, []clock.Instant{5, 5, 100}, 0},
		"one after the other": {[]step{{0, slow(&m, 10)}, {5, give(1, 2)}, {8, give(3)}, {40, give(4)}},
			[]int{1, 2, 3, 4, 0}, []clock.Instant{15, 25, 35, 50, 110}, 5},
		"the alarm waits its turn": {[]step{{0, slow(&m, 10)}, {99, give(1, 2)}, {101, give(3)}},
			[]int{1, 2, 0, 3}, []clock.Instant{109, 119, 129, 139}, 4},
		"and then it has caught up": {[]step{{0, slow(&m, 10)}, {5, give(1, 2, 3)}, {18, speedUp(&m)}, {19, give(4)}},
			[]int{1, 2, 3, 4, 0}, []clock.Instant{15, 18, 18, 19, 100}, 3},
		"two faults add up, and lift independently": {[]step{{0, slow(&m, 10)}, {0, slow(&other, 5)}, {5, give(1, 2)}, {21, speedUp(&m)}},
			[]int{1, 2, 0}, []clock.Instant{20, 35, 105}, 2},
		"a pause interrupts": {[]step{{0, slow(&m, 10)}, {5, give(1, 2)},
			{17, func(p *Process, _ *busy) { p.Pause(&pause) }}, {19, give(3)}, {30, func(p *Process, _ *busy) { p.Resume(&pause) }}},
			[]int{1, 2, 3, 0}, []clock.Instant{15, 40, 50, 110}, 4},
		"who is killed forgets, and is slow in its next life": {[]step{{0, slow(&m, 10)}, {5, give(1, 2)},
			{17, func(p *Process, _ *busy) { p.Kill() }}, {19, give(3)}, {30, func(p *Process, _ *busy) { require.NoError(t, p.Start()) }}, {31, give(4)}},
			[]int{1, 4, 0}, []clock.Instant{15, 41, 110}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			m, other, pause = 0, 0, 0
			w, p, b := newBusy(t)
			for _, s := range tc.steps {
				require.NoError(t, w.Kernel.Run(s.at))
				s.do(p, b)
			}
			require.NoError(t, w.Kernel.Run(1000))
			require.Equal(t, tc.handled, b.handled)
			require.Equal(t, tc.at, b.at)
			require.Equal(t, tc.mattered, m)
		})
	}
}

// An alarm that went off during a pause, and was moved by what came before it, is not an
// alarm any more: a real inbox would not ring it either.
func TestAnAlarmThatWasMovedWhileItWaitedDoesNotRing(t *testing.T) {
	w, p, b := newBusy(t)
	var pause int
	require.NoError(t, w.Kernel.Run(50))
	p.Pause(&pause)
	p.Post(func() { p.clock.Set(300) })
	require.NoError(t, w.Kernel.Run(200))
	p.Resume(&pause)
	require.NoError(t, w.Kernel.Run(1000))
	require.Equal(t, []clock.Instant{300}, b.at)
	require.Equal(t, 2, pause)
}

// A server that ends itself while it catches up handles nothing more.
func TestWhoEndsItselfWhileCatchingUp(t *testing.T) {
	w, p, b := newBusy(t)
	var pause int
	p.Pause(&pause)
	b.give(p, 1)
	p.Post(func() { p.halted = true })
	b.give(p, 2)
	p.Resume(&pause)
	require.Equal(t, []int{1}, b.handled)
	require.False(t, p.Running())
	require.Equal(t, 1, count(w, history.Stopped))
}

// stopper notes that its life is over, and tries to go on.
type stopper struct {
	echo
	env     Env
	stopped *[]bool
}

func (s *stopper) Stop() {
	s.env.Alarm.Set(0)
	s.env.Time.Post(func() { panic("it is dead") })
	*s.stopped = append(*s.stopped, true)
}

func TestAServerIsToldThatItsLifeIsOver(t *testing.T) {
	w, stopped := New(Config{}), []bool{}
	p := w.AddServer(func(env Env, _ clock.Now) (Server, error) { return &stopper{env: env, stopped: &stopped}, nil })
	for _, end := range []func() int{p.Kill, p.PowerOff} {
		require.NoError(t, p.Start())
		end()
	}
	require.NoError(t, w.Kernel.Run(second))
	require.True(t, slices.Equal([]bool{true, true}, stopped))
	p.Kill()
	require.Len(t, stopped, 2, "it was down already")
}
