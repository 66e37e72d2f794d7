package checkers

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// interleave lets rapid schedule a service for a while.
func interleave(t *rapid.T, s *lockService, sessionsEnd bool) {
	last := len(s.users) - 1
	for range rapid.IntRange(0, 120).Draw(t, "steps") {
		u := s.users[rapid.IntRange(0, last).Draw(t, "client")]
		switch luck := rapid.IntRange(0, 19).Draw(t, "luck"); {
		case luck == 0 && sessionsEnd:
			s.expire(u)
		case luck == 1:
			u.unclear = u.at == releasing || u.at == released
		default:
			s.step(u)
		}
	}
}

func recipeCheckers() []Checker { return []Checker{Lock(), Belief(), Effects(), FencedEffects()} }

func TestACorrectLockWithLastingSessionsBreaksNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newLockService(3)
		interleave(t, s, false)
		s.drain()
		s.until(s.users[0], finished) // so that no log is empty
		for _, c := range recipeCheckers() {
			got := c.Check(&s.Log)
			require.Equal(t, outcome.Pass, got.Verdict, "%s: %v %s", got.Name, got.Findings, got.Reason)
		}
	})
}

func TestACorrectLockWhoseSessionsEndShowsLimitationsOnly(t *testing.T) {
	limits := 0
	rapid.Check(t, func(t *rapid.T) {
		s := newLockService(3)
		interleave(t, s, true)
		for _, c := range recipeCheckers() {
			got := c.Check(&s.Log)
			require.NotEqual(t, outcome.Unknown, got.Verdict, got.Reason)
			for _, f := range got.Findings {
				require.Equal(t, outcome.Limitation, f.Class, f.Message)
				limits++
			}
		}
	})
	require.Positive(t, limits, "no schedule showed a limitation, so none was told from a bug")
}

func TestALockThatGrantsFreelyIsCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newLockService(3)
		s.grantsFreely = true
		interleave(t, s, false)
		a, b := s.users[0], s.users[1]
		s.until(a, holding)
		s.until(b, holding)
		s.until(a, hasRead)
		s.until(b, finished)
		s.until(a, finished)
		requireFinds(t, s, Lock(), grantedWhileHeld)
		requireFinds(t, s, Belief(), "ME-belief: overlap with a live session")
		requireFinds(t, s, Effects(), lostWhileLive)
	})
}

func TestALockThatReusesTokensIsCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newLockService(3)
		s.reusesTokens = true
		interleave(t, s, false)
		s.drain()
		s.until(s.users[0], holding)
		s.until(s.users[0], idle)
		s.until(s.users[1], holding)
		requireFinds(t, s, Lock(), "lock-linearizable: token not increasing")
	})
}

func TestAResourceThatIgnoresTokensIsCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newLockService(3)
		s.acceptsAll = true
		interleave(t, s, false)
		s.drain()
		a, b := s.users[0], s.users[1]
		s.until(a, hasRead)
		s.expire(a)
		s.expire(a)
		s.until(b, finished)
		s.until(a, finished)
		requireFinds(t, s, FencedEffects(), "ME-effect-fenced: stale token accepted")
		requireFinds(t, s, FencedEffects(), "ME-effect-fenced: update lost")
		requireFinds(t, s, Effects(), lostAfterSession)
		require.Equal(t, outcome.Pass, Lock().Check(&s.Log).Verdict, "the lock itself is right")
	})
}

// drain lets everybody finish: the holder first, then those who wait.
func (s *lockService) drain() {
	for range s.users {
		for _, u := range s.users {
			if u == s.holder || s.holder == nil || u.at > granted {
				s.until(u, idle)
			}
		}
	}
}

func requireFinds(t *rapid.T, s *lockService, c Checker, signature string) {
	got := c.Check(&s.Log)
	require.Equal(t, outcome.Fail, got.Verdict, "%s: %s", c.Name(), got.Reason)
	require.Contains(t, signatures(got), signature)
}

// TestLockAgreesWithTryingEveryOrder compares the checker, which narrows intervals and
// leaves the search to Porcupine, with the definition.
func TestLockAgreesWithTryingEveryOrder(t *testing.T) {
	verdicts := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		s := smallHistory(t)
		want := anyOrder(definition(&s.Log))
		verdicts[want]++
		got := Lock().Check(&s.Log)
		require.Equal(t, !want, got.Verdict == outcome.Fail, "%v", got.Findings)
	})
	if n := verdicts[true] + verdicts[false]; n >= 100 { // fewer, under -short, may all be alike
		require.Positive(t, verdicts[true], "possible histories")
		require.Positive(t, verdicts[false], "impossible histories")
	}
}

// smallHistory is what three clients might say of a lock that may be broken.
func smallHistory(t *rapid.T) *story {
	s := &story{}
	open := map[int]history.Handle{}
	for range rapid.IntRange(1, 14).Draw(t, "events") {
		client := rapid.IntRange(1, 3).Draw(t, "client")
		handle, busy := open[client]
		switch action := rapid.SampledFrom([]string{"op", "op", "op", "op", "closing", "closed"}).Draw(t, "action"); {
		case action == "closing":
			s.closing(client)
		case action == "closed":
			s.closed(client)
		case busy:
			delete(open, client)
			s.end(handle, rapid.SampledFrom([]history.Status{history.OK, history.OK, history.Unknown}).Draw(t, "status"), nil)
		default:
			kind := rapid.SampledFrom([]history.Kind{history.Acquire, history.Release}).Draw(t, "kind")
			open[client] = s.call(lockOp(kind, client, rapid.Int64Range(1, 6).Draw(t, "token")))
		}
	}
	return s
}

// possibility is a step and the interval in which it may happen; unless it must, it may
// also not happen.
type possibility struct {
	lockStep
	call, ret uint64
	must      bool
}

// definition reads a log of one lock literally.
func definition(l *history.Log) []possibility {
	var all []possibility
	latest, unsure := map[int]possibility{}, map[int]bool{}
	for _, op := range l.Ops {
		g, held := latest[op.Client]
		switch ok := op.Status == history.OK; {
		case op.Kind == history.Acquire && ok:
			p := possibility{lockStep{action: acquire, session: op.Session, token: op.Token}, op.Call, op.Return, true}
			latest[op.Client], unsure[op.Client] = p, false
			all = append(all, p)
		case op.Kind == history.Acquire:
			delete(latest, op.Client)
		case held:
			p := possibility{lockStep{action: release, session: g.session, token: g.token}, op.Call, endless, false}
			if ok {
				p.ret, p.must = op.Return, !unsure[op.Client] && !closesBefore(l, g, op.Return)
			}
			unsure[op.Client] = unsure[op.Client] || !ok
			all = append(all, p)
		}
	}
	return append(all, expiries(l)...)
}

func closesBefore(l *history.Log, g possibility, position uint64) bool {
	for _, p := range expiries(l) {
		if p.session == g.session && p.call < position {
			return true
		}
	}
	return false
}

// expiries gives each session one end, from the first closing to the first closed.
func expiries(l *history.Log) []possibility {
	var all []possibility
	for client := 1; client <= 3; client++ {
		p := possibility{lockStep{action: expire, session: sessionOf(client)}, 0, endless, false}
		for _, f := range l.Facts {
			switch {
			case f.Session != p.session:
			case f.Kind == history.SessionClosing && p.call == 0:
				p.call = f.Seq
			case f.Kind == history.SessionClosed && p.call > 0 && p.ret == endless:
				p.ret = f.Seq
			}
		}
		if p.call > 0 {
			all = append(all, p)
		}
	}
	return all
}

func anyOrder(all []possibility) bool {
	return tryOrders(all, 0, lockState{}, map[attempt]bool{})
}

// attempt is what has been placed, and the state that it led to.
type attempt struct {
	placed int // a bit for each
	state  lockState
}

func tryOrders(all []possibility, placed int, state lockState, tried map[attempt]bool) bool {
	if tried[attempt{placed, state}] {
		return false
	}
	tried[attempt{placed, state}] = true
	complete := true
	for i, p := range all {
		if placed&(1<<i) != 0 {
			continue
		}
		complete = complete && !p.must
		if ok, next := state.apply(p.lockStep); ok && mayComeNext(all, placed, p) && tryOrders(all, placed|1<<i, next, tried) {
			return true
		}
	}
	return complete
}

// mayComeNext: after everything that had returned, and before everything called later.
func mayComeNext(all []possibility, placed int, p possibility) bool {
	for i, q := range all {
		done := placed&(1<<i) != 0
		if done && q.call > p.ret || !done && q.must && q.ret < p.call {
			return false
		}
	}
	return true
}

func BenchmarkLock2000Ops20Clients(b *testing.B) {
	s, luck := newLockService(20), rng.New(1)
	for i := uint64(0); ops(s) < 2000; i++ {
		s.step(s.users[luck.Int(i).Below(20)])
	}
	b.ReportAllocs()
	for b.Loop() {
		require.Equal(b, outcome.Pass, Lock().Check(&s.Log).Verdict)
	}
}

func BenchmarkLock2000Ops20ClientsDoubleGrant(b *testing.B) {
	s, luck := newLockService(20), rng.New(1)
	for i := uint64(0); ops(s) < 2000; i++ {
		s.grantsFreely = ops(s) == 1000
		s.step(s.users[luck.Int(i).Below(20)])
	}
	b.ReportAllocs()
	for b.Loop() {
		require.Equal(b, outcome.Fail, Lock().Check(&s.Log).Verdict)
	}
}

// ops counts the operations on the lock.
func ops(s *lockService) int {
	n := 0
	for _, op := range s.Ops {
		if op.Kind == history.Acquire || op.Kind == history.Release {
			n++
		}
	}
	return n
}
