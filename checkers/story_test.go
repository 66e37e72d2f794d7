package checkers

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
	"github.com/zoobreak/zoobreak/wire"
)

// story writes a log by hand. Each line of it happens a tenth of a second after the last.
// Client 1 has session 0xa1, client 2 has 0xa2, and so on.
type story struct {
	history.Log
	at clock.Instant
}

func (s *story) tick() clock.Instant {
	s.at = s.at.Add(100 * time.Millisecond)
	return s.at
}

func sessionOf(client int) wire.SessionID { return wire.SessionID(0xa0 + client) }

func (s *story) call(op history.Op) history.Handle { return s.Call(s.tick(), op) }

func (s *story) end(h history.Handle, status history.Status, fill func(*history.Op)) {
	s.Return(h, s.tick(), status, fill)
}

// did is an operation that nothing else overlaps.
func (s *story) did(op history.Op, status history.Status) {
	s.end(s.call(op), status, nil)
}

func lockOp(kind history.Kind, client int, token int64) history.Op {
	return history.Op{Kind: kind, Client: client, Name: "/lock", Session: sessionOf(client), Token: token}
}

func (s *story) acquire(client int, token int64) {
	s.did(lockOp(history.Acquire, client, token), history.OK)
}

func (s *story) release(client int) { s.did(lockOp(history.Release, client, 0), history.OK) }

// dies ends a life of a client of our own.
func (s *story) dies(client int) { s.fact(history.ClientStopped, 0, history.Fact{Client: client}) }

func effect(kind history.Kind, client int, value, version int64) history.Op {
	return history.Op{Kind: kind, Client: client, Name: "db", Value: value, Version: version}
}

func (s *story) reads(client int, value, version int64) {
	s.did(effect(history.EffectRead, client, value, version), history.OK)
}

func (s *story) writes(client int, value, version int64) {
	s.did(effect(history.EffectWrite, client, value, version), history.OK)
}

func (s *story) writesFenced(client int, version, token int64) {
	op := effect(history.EffectWrite, client, version, version)
	op.Fenced, op.Token = true, token
	status := history.OK
	if version == 0 {
		status = history.Fail
	}
	s.did(op, status)
}

func (s *story) readsFenced(client int, version int64) {
	op := effect(history.EffectRead, client, version, version)
	op.Fenced = true
	s.did(op, history.OK)
}

func (s *story) fact(kind history.FactKind, server int, f history.Fact) {
	f.Kind, f.Server, f.At = kind, server, s.tick()
	s.Fact(f)
}

func (s *story) closing(client int) {
	s.fact(history.SessionClosing, 1, history.Fact{Session: sessionOf(client)})
}

func (s *story) closed(client int) {
	s.fact(history.SessionClosed, 1, history.Fact{Session: sessionOf(client)})
}

// boots starts a server that is empty.
func (s *story) boots(server int) {
	s.fact(history.Started, server, history.Fact{})
	s.restores(server, 0, 0)
}

func (s *story) restores(server int, zxid wire.Zxid, hash uint64) {
	s.fact(history.Restored, server, history.Fact{Zxid: zxid, Hash: hash})
}

func (s *story) applies(server int, zxids ...wire.Zxid) {
	for _, z := range zxids {
		s.fact(history.Applied, server, history.Fact{Zxid: z, Hash: treeAt(z)})
	}
}

// treeAt is the digest of the right tree at a zxid.
func treeAt(z wire.Zxid) uint64 { return uint64(z) * 0x9e3779b97f4a7c15 }

func (s *story) role(server int, role string) {
	s.fact(history.Role, server, history.Fact{Note: role})
}

func (s *story) heals() { s.fact(history.Healed, 0, history.Fact{}) }

// writesWire is an acknowledged write of the service.
func (s *story) writesWire(client int, zxid wire.Zxid) {
	s.did(history.Op{Kind: history.Wire, Name: "create", Client: client, Path: "/n", Zxid: zxid, Session: sessionOf(client)}, history.OK)
}

func tell(lines func(s *story)) *story {
	s := &story{}
	lines(s)
	return s
}

// chapter is one log and what a checker must say of it.
type chapter struct {
	name     string
	log      func(s *story)
	verdict  outcome.Verdict
	examined int
	found    []string // signatures
	classes  []outcome.Class
	says     string // part of the first message
	threat   int    // occurrences of the checker's threat
}

func readAloud(t *testing.T, c Checker, threat string, chapters []chapter) {
	t.Helper()
	for _, ch := range chapters {
		t.Run(ch.name, func(t *testing.T) {
			s := tell(ch.log)
			got := c.Check(&s.Log)
			require.Equal(t, ch.found, signatures(got), "%+v", got.Findings)
			require.Equal(t, ch.verdict.String(), got.Verdict.String(), got.Reason)
			require.Equal(t, ch.examined, got.Examined, "examined")
			require.Contains(t, got.Threats, threat)
			require.Equal(t, ch.threat, got.Threats[threat], "threats: %v", got.Threats)
			require.NotNil(t, got.Findings)
			requireWellFormed(t, got, ch)
		})
	}
}

func signatures(c outcome.Check) []string {
	var all []string
	for _, f := range c.Findings {
		all = append(all, f.Signature)
	}
	return all
}

// requireWellFormed checks what every finding owes its reader.
func requireWellFormed(t *testing.T, c outcome.Check, ch chapter) {
	t.Helper()
	for i, f := range c.Findings {
		want := outcome.Bug
		if ch.classes != nil {
			want = ch.classes[i]
		}
		require.Equal(t, want, f.Class, f.Signature)
		require.Equal(t, c.Name, f.Checker)
		require.Equal(t, mustRule(f.Rule).Quote, f.Quote)
		require.NotEmpty(t, f.Evidence)
		require.IsIncreasing(t, append([]uint64{0}, f.Evidence...))
		require.NotContains(t, f.Message, "%!")
		require.NotContains(t, f.Message, "\n")
	}
	if len(c.Findings) > 0 {
		require.Contains(t, c.Findings[0].Message, ch.says)
	}
}
