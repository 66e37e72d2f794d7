package clocktest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
)

// World is one owner's clock.
type World struct {
	Alarm clock.Alarm
	Now   func() clock.Now

	// Pump lets time pass, event by event, until the condition holds; it is looked at
	// after each event and a little after any instant. Pump returns false when the
	// condition does not come to hold in bounded time.
	Pump func(until func() bool) bool
}

// Start makes a world whose owner is woken by the function.
type Start func(t *testing.T, wake func()) World

// stage is a world with its owner.
type stage struct {
	World
	t     *testing.T
	woken []clock.Instant
	then  func() // what the owner does from inside the event
}

// Run tells every story in a world of its own.
func Run(t *testing.T, start Start) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			st := &stage{t: t, then: func() {}}
			st.World = start(t, st.wake)
			s.tell(st)
		})
	}
}

func (s *stage) wake() {
	s.woken = append(s.woken, s.Now().Mono)
	s.then()
}

// in returns the instant so many milliseconds from now.
func (s *stage) in(millis int) clock.Instant {
	return s.Now().Mono.Add(time.Duration(millis) * time.Millisecond)
}

func (s *stage) untilWoken(times int) {
	s.t.Helper()
	require.True(s.t, s.Pump(func() bool { return len(s.woken) >= times }), "never woken for the %d. time", times)
}

func (s *stage) untilPast(at clock.Instant) {
	s.t.Helper()
	require.True(s.t, s.Pump(func() bool { return s.Now().Mono > at }), "never past %v", at)
}

var stories = []struct {
	name string
	tell func(*stage)
}{
	{"never early, and once", neverEarly},
	{"a later setting replaces an earlier instant", movedToLater},
	{"a later setting replaces a later instant", movedToEarlier},
	{"never turns it off", turnedOff},
	{"off and on again", offAndOn},
	{"the past fires in an event of its own", inThePast},
	{"set again from inside", fromInside},
	{"one after the other, each from inside the one before", oneAfterTheOther},
	{"the clock moves on", movesOn},
	{"the calendar is of this century", calendar},
}

func neverEarly(s *stage) {
	for i, millis := range []int{1, 5, 2, 0, 3} {
		at := s.in(millis)
		s.Alarm.Set(at)
		s.untilWoken(i + 1)
		require.GreaterOrEqual(s.t, s.woken[i], at)
	}
	s.untilPast(s.in(10))
	require.Len(s.t, s.woken, 5)
}

func movedToLater(s *stage) {
	first, second := s.in(5), s.in(20)
	s.Alarm.Set(first)
	s.Alarm.Set(second)
	s.untilWoken(1)
	require.GreaterOrEqual(s.t, s.woken[0], second)
	s.untilPast(s.in(10))
	require.Len(s.t, s.woken, 1)
}

func movedToEarlier(s *stage) {
	first, second := s.in(500), s.in(5)
	s.Alarm.Set(first)
	s.Alarm.Set(second)
	s.untilWoken(1)
	require.GreaterOrEqual(s.t, s.woken[0], second)
	require.Less(s.t, s.woken[0], first)
	s.untilPast(first.Add(10 * time.Millisecond))
	require.Len(s.t, s.woken, 1)
}

func turnedOff(s *stage) {
	for _, at := range []clock.Instant{s.in(5), 0} {
		s.Alarm.Set(at)
		s.Alarm.Set(clock.Never)
	}
	s.Alarm.Set(clock.Never)
	s.untilPast(s.in(20))
	require.Empty(s.t, s.woken)
}

func offAndOn(s *stage) {
	at := s.in(10)
	s.Alarm.Set(at)
	s.Alarm.Set(clock.Never)
	s.Alarm.Set(at)
	s.untilWoken(1)
	require.GreaterOrEqual(s.t, s.woken[0], at)
	s.untilPast(s.in(20))
	require.Len(s.t, s.woken, 1)
}

func inThePast(s *stage) {
	for i, at := range []clock.Instant{0, -5, s.in(0), s.in(-1)} {
		s.Alarm.Set(at)
		require.Len(s.t, s.woken, i, "not inside Set")
		s.untilWoken(i + 1)
	}
}

// An owner that sets its alarm at every event, as all do; here also to the past, which
// must not become a call inside a call.
func fromInside(s *stage) {
	inside := false
	s.then = func() {
		require.False(s.t, inside)
		inside = true
		if n := len(s.woken); n%2 == 0 {
			s.Alarm.Set(0)
		} else if n < 9 {
			s.Alarm.Set(s.in(1))
		}
		inside = false
	}
	s.Alarm.Set(0)
	s.untilWoken(9)
	s.untilPast(s.in(5))
	require.Len(s.t, s.woken, 9)
}

// A train of timeouts, as a client's pings are: none is early, lost, or before another.
func oneAfterTheOther(s *stage) {
	var due []clock.Instant
	next := func() {
		if len(due) < 20 {
			due = append(due, s.in(1+len(due)%3))
			s.Alarm.Set(due[len(due)-1])
		}
	}
	s.then = next
	next()
	s.untilWoken(20)
	for i, at := range due {
		require.GreaterOrEqual(s.t, s.woken[i], at)
		if i+1 < len(due) {
			require.Less(s.t, s.woken[i], due[i+1])
		}
	}
}

func calendar(s *stage) {
	year := time.Unix(0, int64(s.Now().Wall)).UTC().Year()
	require.Greater(s.t, year, 2000)
	require.Less(s.t, year, 2100)
}

func movesOn(s *stage) {
	before := s.Now()
	for range 100 {
		now := s.Now()
		require.GreaterOrEqual(s.t, now.Mono, before.Mono)
		before = now
	}
	start := s.Now()
	s.untilPast(s.in(10))
	end := s.Now()
	require.InDelta(s.t, int64(end.Mono-start.Mono), int64(end.Wall-start.Wall), float64(time.Second), "nobody has set the clock meanwhile")
}
