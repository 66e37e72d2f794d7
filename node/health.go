package node

import "github.com/zoobreak/zoobreak/clock"

// checkHealth is the stage that notices silence.
func (n *Node) checkHealth() bool {
	switch {
	case n.follower != nil:
		return n.followerHealth()
	case n.leader != nil:
		return n.leaderHealth()
	}
	return false
}

// healthDue returns when the health stage next has work, or 0.
func (n *Node) healthDue() clock.Instant {
	switch {
	case n.follower != nil:
		return min(n.follower.deadline, n.follower.dialAt)
	case n.leader != nil && !n.leader.active:
		return min(n.leader.pingAt, n.leader.deadline)
	case n.leader != nil:
		return n.leader.pingAt
	}
	return 0
}
