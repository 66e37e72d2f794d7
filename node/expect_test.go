package node

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// violation returns the sentence of the assertion that f violates, or nothing.
func violation(f func()) (sentence string) {
	defer func() {
		if v, ok := recover().(invariant.Violation); ok {
			sentence = v.Sentence
		}
	}()
	f()
	return ""
}

// Each message is expected in some states of the conversation, and in no others.
func TestMessagesAreExpectedInTheirStates(t *testing.T) {
	states := []struct {
		name string
		follower
		legal []packetType
	}{
		{"connected", follower{}, []packetType{leaderInfo, ping}},
		{"epoch accepted", follower{epoch: 1}, []packetType{leaderInfo, diff, trunc, snap, ping}},
		{"in the history", follower{epoch: 1, syncing: true}, []packetType{proposal, commit, newLeader, ping}},
		{"history acknowledged", follower{epoch: 1, syncing: true, acked: true}, []packetType{proposal, commit, inform, upToDate, ping}},
		{"serving", follower{epoch: 1, syncing: true, acked: true, serving: true}, []packetType{proposal, commit, inform, ping}},
	}
	for _, s := range states {
		for _, p := range []packetType{leaderInfo, diff, trunc, snap, proposal, commit, inform, newLeader, upToDate, ping} {
			v := violation(func() { s.expectFromLeader(p) })
			if isLegal(s.legal, p) {
				require.Empty(t, v, "%s: %v", s.name, p)
			} else {
				require.Contains(t, v, "I-11: ", "%s: %v", s.name, p)
			}
		}
	}
}

func isLegal(legal []packetType, p packetType) bool {
	for _, l := range legal {
		if l == p {
			return true
		}
	}
	return false
}

func TestCommitsAreOfWhatWasProposed(t *testing.T) {
	z := func(c uint32) wire.Zxid { return wire.MakeZxid(1, c) }
	n := &Node{log: []tree.Txn{{Zxid: z(1)}, {Zxid: z(2)}}, follower: &follower{commitTo: z(1)}}
	require.Empty(t, violation(func() { n.expectCommit(z(2)) }))
	require.Contains(t, violation(func() { n.expectCommit(z(3)) }), "I-14: what is committed was proposed before")
	require.Contains(t, violation(func() { n.expectCommit(0) }), "I-14: commits come in order")
}

func TestAcknowledgementsAreOfWhatWasSent(t *testing.T) {
	n := leaderOf(t)
	last, history := n.lastLogged(), wire.MakeZxid(n.leader.epoch, 0)
	sent := &learner{id: 2, forwarding: true}
	require.Empty(t, violation(func() { n.expectAck(sent, history) }))
	require.Empty(t, violation(func() { n.expectAck(sent, last) }))
	require.Contains(t, violation(func() { n.expectAck(sent, last+1) }), "I-12: server 2 acknowledges")
	require.Contains(t, violation(func() { n.expectAck(&learner{id: 2}, history) }), "was sent nothing")
	observer := &learner{id: 4, forwarding: true, observer: true}
	require.Empty(t, violation(func() { n.expectAck(observer, history) }))
	require.Contains(t, violation(func() { n.expectAck(observer, last) }), "I-12: server 4 acknowledges")
}

// The counter of an epoch never runs into the epoch (A28.34): the leader gives up, and the
// next epoch begins at 1.
func TestAnEpochEndsWithItsZxids(t *testing.T) {
	n := leaderOf(t)
	n.base, n.leader.next = wire.MakeZxid(2, 1<<32-2), 1<<32-2
	n.propose(tree.Txn{Op: wire.OpError})
	require.Equal(t, wire.MakeZxid(2, 1<<32-1), n.lastLogged())
	n.propose(tree.Txn{Op: wire.OpError})
	require.Equal(t, Looking, n.role)
	require.Equal(t, wire.MakeZxid(2, 1<<32-1), n.lastLogged())
}
