package node

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/node/quorum"
	"github.com/zoobreak/zoobreak/wire"
)

func TestVoteOrder(t *testing.T) {
	for _, c := range []struct {
		name          string
		better, worse vote
	}{
		{"a later epoch beats a longer log", vote{leader: 1, zxid: wire.MakeZxid(1, 1), epoch: 2}, vote{leader: 2, zxid: wire.MakeZxid(1, 9), epoch: 1}},
		{"a longer log beats a higher id", vote{leader: 1, zxid: wire.MakeZxid(1, 2), epoch: 1}, vote{leader: 2, zxid: wire.MakeZxid(1, 1), epoch: 1}},
		{"the epoch of a zxid beats its counter", vote{leader: 1, zxid: wire.MakeZxid(2, 1), epoch: 1}, vote{leader: 2, zxid: wire.MakeZxid(1, 9), epoch: 1}},
		{"the higher id is last to decide", vote{leader: 2, zxid: wire.MakeZxid(1, 1), epoch: 1}, vote{leader: 1, zxid: wire.MakeZxid(1, 1), epoch: 1}},
	} {
		require.True(t, c.better.beats(c.worse), c.name)
		require.False(t, c.worse.beats(c.better), c.name)
		require.Equal(t, c.better, (&Node{members: newMembership(quorum.Simple(1, 2))}).better(c.worse, c.better), c.name)
		require.Equal(t, c.better, (&Node{members: newMembership(quorum.Simple(1, 2))}).better(c.better, c.worse), c.name)
	}
}

// An order that is not total, or not transitive, is an election without end.
func TestVotesAreTotallyOrdered(t *testing.T) {
	few := rapid.Int64Range(0, 2)
	anyVote := rapid.Custom(func(t *rapid.T) vote {
		z := wire.MakeZxid(wire.Epoch(few.Draw(t, "zxid epoch")), uint32(few.Draw(t, "counter")))
		return vote{leader: ID(rapid.IntRange(1, 3).Draw(t, "leader")), zxid: z, epoch: wire.Epoch(few.Draw(t, "epoch"))}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anyVote.Draw(t, "a"), anyVote.Draw(t, "b"), anyVote.Draw(t, "c")
		require.False(t, a.beats(a), "irreflexive")
		require.Equal(t, a != b, a.beats(b) != b.beats(a), "one of two different votes beats the other, not both")
		if a.beats(b) && b.beats(c) {
			require.True(t, a.beats(c), "transitive")
		}
	})
}

func TestFollows(t *testing.T) {
	for _, c := range []struct {
		prev, next wire.Zxid
		want       bool
	}{
		{wire.MakeZxid(1, 1), wire.MakeZxid(1, 2), true},
		{wire.MakeZxid(1, 1), wire.MakeZxid(1, 3), false},
		{wire.MakeZxid(1, 1), wire.MakeZxid(1, 1), false},
		{wire.MakeZxid(1, 7), wire.MakeZxid(2, 1), true},
		{wire.MakeZxid(1, 7), wire.MakeZxid(4, 1), true},
		{wire.MakeZxid(1, 7), wire.MakeZxid(2, 2), false},
		{wire.MakeZxid(2, 7), wire.MakeZxid(1, 8), false},
		{0, wire.MakeZxid(1, 1), true},
		{0, wire.MakeZxid(1, 2), false},
	} {
		require.Equal(t, c.want, follows(c.next, c.prev), "%s after %s", zxidText(c.next), zxidText(c.prev))
	}
}
