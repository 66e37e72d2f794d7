package node

import "github.com/zoobreak/zoobreak/internal/invariant"

var declared invariant.Declared

// Marks are the rare branches of a server that a campaign must reach.
func Marks() []*invariant.Mark { return declared.All() }

var (
	voteChanged     = declared.Mark("election: vote changed", "a server hears of a better candidate than the one it votes for")
	roundAdopted    = declared.Mark("election: later round", "a server hears of a later round than its own, and starts over in it")
	quorumDissolved = declared.Mark("election: quorum dissolved", "a better candidate comes up in the last wait, behind a quorum")
	settledJoined   = declared.Mark("election: settled leader joined", "a server that looks finds that others have elected a leader")

	epochAcceptedBefore = declared.Mark("discovery: epoch accepted before", "a follower is offered an epoch that it has accepted before, and so must not count again")
	acceptedAgain       = declared.Mark("discovery: epoch acknowledged again", "a follower loses its leader after it accepted its epoch, and accepts it again from the same one")
	longerHistory       = declared.Mark("discovery: learner knows more", "a leader finds that a learner has a longer history than itself")
	learnerReplaced     = declared.Mark("discovery: second connection", "a server connects to the leader again before its first connection is known to be gone")

	syncedByDiff     = declared.Mark("sync: DIFF", "a learner lacks the end of the log, and is sent it")
	syncedByTrunc    = declared.Mark("sync: TRUNC", "a learner's log goes on behind the end of the leader's, and is cut")
	syncedBySnap     = declared.Mark("sync: SNAP", "a learner's log leaves the leader's, and it is sent the whole state")
	restoreCompleted = declared.Mark("sync: SNAP and what follows", "a learner installs a state together with the committed history behind it")

	lostWithProposals = declared.Mark("broadcast: leader lost with proposals", "a follower loses its leader and has proposals of which it does not know whether they are committed")
	leftWithProposals = declared.Mark("broadcast: leader resigns with proposals", "a leader gives up and has proposals without a quorum")
	slowDiskGivenUp   = declared.Mark("broadcast: learner does not keep up", "a learner answers, but does not log what it is sent, and is given up")

	sessionReattached = declared.Mark("session: attached again", "a client comes back in time, and its session goes on")
	sessionRefused    = declared.Mark("session: too late", "a client comes back, and its session is gone")
	sessionExpired    = declared.Mark("session: expired", "a client is not heard for the time of its session, which the leader ends")
	newerClient       = declared.Mark("session: client has seen more", "a client has seen a later state than the server's, which turns it away")
)

func (n *Node) sometimes(ok bool, m *invariant.Mark) { invariant.Sometimes(n.cfg.Marks, ok, m) }
