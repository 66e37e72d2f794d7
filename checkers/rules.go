package checkers

import (
	"slices"

	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// Severity says what a broken rule costs.
type Severity string

// The severities.
const (
	Safety   Severity = "safety"              // something wrong happened
	Progress Severity = "liveness"            // something right never happened
	Weakness Severity = "documented weakness" // what the documentation warns of happened
)

// Rule is one guarantee.
type Rule struct {
	ID       string
	Checker  string        // the name of the checker that judges it
	Quote    string        // the guarantee, in one sentence; findings quote it
	Class    outcome.Class // of a finding that no evidence excuses
	Severity Severity
	// Threat names the occurrence that endangers the guarantee: where it never
	// happened, the guarantee was not put to the test.
	Threat string
}

// The threats.
const (
	leaderChanged    = "leader changed"
	stoppedAfterAck  = "server stopped after an acknowledged write"
	faultBeforeHeal  = "fault before healing"
	lostWhileHeld    = "session lost while held"
	lostWhileAcquire = "session lost while acquiring"
	staleRejected    = "stale token rejected"
	lockCallFailed   = "lock call failed"
	sessionMoved     = "session moved"
	writeRefused     = "write refused"
	multiFailed      = "multi failed"
	eventTold        = "event told"
	sessionEnded     = "session ended"
	sessionRanOut    = "session ran out of time"
)

// The names of the checkers.
const (
	agreementChecker  = "agreement"
	durabilityChecker = "durability"
	livenessChecker   = "liveness"
	effectsChecker    = "effects"
	fencedChecker     = "fenced-effects"
	beliefChecker     = "belief"
	phantomChecker    = "phantom"
	orphanChecker     = "orphan"
	lockChecker       = "lock"
	repliesChecker    = "replies"
)

// The rules.
const (
	prefixAgreement = "prefix-agreement"
	epochUnique     = "epoch-unique"
	ackedDurable    = "acked-write-durable"
	progressHealed  = "progress-after-heal"
	meEffect        = "ME-effect"
	meEffectFenced  = "ME-effect-fenced"
	meBelief        = "ME-belief"
	phantomAcquire  = "U6-phantom-acquire"
	orphanNode      = "U7-orphan-node"
	linearizable    = "lock-linearizable"

	replyOrder        = "O6-reply-order"
	sessionMonotonic  = "O7-session-monotonic"
	replyZxid         = "O7-reply-zxid"
	ephemeralContract = "O9-ephemeral-contract"
	watchContract     = "O10-watch-contract"
	multiAtomic       = "O12-multi-atomic"
	semanticModel     = "O16-semantic-model"
	askedOnce         = "O16-asked-once"
	sessionLife       = "O17-session-life"
)

var rules = []Rule{
	{prefixAgreement, agreementChecker, "All servers apply the same transactions in the same order: equal zxid, equal tree.", outcome.Bug, Safety, leaderChanged},
	{epochUnique, agreementChecker, "At most one leader is ever established in an epoch.", outcome.Bug, Safety, leaderChanged},
	{ackedDurable, durabilityChecker, "Once an update has been applied, it will persist from that time forward until a client overwrites the update.", outcome.Bug, Safety, stoppedAfterAck},
	{progressHealed, livenessChecker, "When all faults are over, the servers elect one leader, commit writes and catch up.", outcome.Bug, Progress, faultBeforeHeal},
	{meEffect, effectsChecker, "What a lock protects is changed by its holder only: no update is lost.", outcome.Bug, Safety, lostWhileHeld},
	{meEffectFenced, fencedChecker, "A resource that checks fencing tokens accepts none older than it has seen, and loses no update.", outcome.Bug, Safety, staleRejected},
	{meBelief, beliefChecker, "At any snapshot in time no two clients think they hold the same lock.", outcome.Bug, Weakness, lostWhileHeld},
	{phantomAcquire, phantomChecker, "A lock call that succeeds leaves its caller's node in place: only the owner of a node holds the lock.", outcome.Bug, Safety, lostWhileAcquire},
	{orphanNode, orphanChecker, "A lock or unlock call that fails leaves no node of its own behind, because that node keeps everyone else waiting.", outcome.Bug, Progress, lockCallFailed},
	{linearizable, lockChecker, "Grants, releases and session ends of a lock have one order that respects real time, with one holder at a time and growing tokens.", outcome.Bug, Safety, lostWhileHeld},
	{replyOrder, repliesChecker, "Each request of a connection gets one reply, in the order of the requests.", outcome.Bug, Safety, writeRefused},
	{sessionMonotonic, repliesChecker, "A session never sees time go back, also when its client moves to another server.", outcome.Bug, Safety, sessionMoved},
	{replyZxid, repliesChecker, "The zxid of a reply is that of its transaction, and of a read where its server's tree was.", outcome.Bug, Safety, writeRefused},
	{ephemeralContract, repliesChecker, "The end of a session takes all its ephemeral nodes and no other node.", outcome.Bug, Safety, sessionEnded},
	{watchContract, repliesChecker, "A client is told all that it watches for and may read, once, in order, and before any reply that shows it.", outcome.Bug, Safety, eventTold},
	{multiAtomic, repliesChecker, "A multi does all or nothing, and says which operation failed and why.", outcome.Bug, Safety, multiFailed},
	{semanticModel, repliesChecker, "Every answer is that of one sequential service that carries out the transactions in order.", outcome.Bug, Safety, writeRefused},
	{askedOnce, repliesChecker, "Every transaction was asked for, and every request becomes at most one.", outcome.Bug, Safety, sessionMoved},
	{sessionLife, repliesChecker, "No session ends before its timeout, and none lives on behind its end.", outcome.Bug, Safety, sessionRanOut},
}

// Rules returns every rule, in the order of All.
func Rules() []Rule { return slices.Clone(rules) }

func mustRule(id string) Rule {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == id })
	if i < 0 {
		panic("checkers: no rule is called " + id)
	}
	return rules[i]
}
