package checkers

import (
	"testing"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

func TestAgreement(t *testing.T) {
	readAloud(t, Agreement(), leaderChanged, []chapter{
		{name: "equal prefixes of unequal length agree", log: func(s *story) {
			s.boots(1)
			s.boots(2)
			s.applies(1, 1, 2, 3)
			s.applies(2, 1, 2)
		}, verdict: outcome.Pass, examined: 7},

		{name: "one zxid with two trees", log: func(s *story) {
			s.boots(1)
			s.boots(2)
			s.applies(1, 1)
			s.fact(history.Applied, 2, history.Fact{Zxid: 1, Hash: 666})
		}, verdict: outcome.Fail, examined: 4, found: []string{"prefix-agreement: divergent-state"},
			says: "at zxid 0x1 the tree of server 2 (digest 29a, at 0.600000s) differs from the tree of server 1"},

		{name: "a snapshot with another tree than the log", log: func(s *story) {
			s.boots(1)
			s.applies(1, 1, 2)
			s.restores(2, 2, 666)
		}, verdict: outcome.Fail, examined: 4, found: []string{"prefix-agreement: divergent-state"}},

		{name: "a skipped transaction is a fork", log: func(s *story) {
			s.boots(1)
			s.boots(2)
			s.applies(1, 1, 2, 3)
			s.applies(2, 1, 3)
		}, verdict: outcome.Fail, examined: 7, found: []string{"prefix-agreement: fork"},
			says: "server 2 went from zxid 0x1 to 0x3 at 0.900000s, but server 1 had gone from 0x2 to 0x3 at 0.700000s"},

		{name: "two ways on from one state are a fork", log: func(s *story) {
			s.boots(1)
			s.boots(2)
			s.applies(1, 1, 2)
			s.applies(2, 1, 4)
		}, verdict: outcome.Fail, examined: 6, found: []string{"prefix-agreement: fork"}},

		{name: "a transaction applied twice", log: func(s *story) {
			s.boots(1)
			s.applies(1, 1, 1)
		}, verdict: outcome.Fail, examined: 3, found: []string{"prefix-agreement: zxid-backwards"},
			says: "server 1 applied zxid 0x1 at 0.400000s after it had reached 0x1"},

		{name: "a snapshot may take a server back, and on again", log: func(s *story) {
			s.boots(1)
			s.applies(1, 1, 2, 3)
			s.restores(1, 1, treeAt(1))
			s.applies(1, 2, 3)
		}, verdict: outcome.Pass, examined: 7},

		{name: "a restart forgets where the server was", log: func(s *story) {
			s.boots(1)
			s.applies(1, 1, 2)
			s.fact(history.Stopped, 1, history.Fact{Note: "killed"})
			s.boots(1)
			s.applies(1, 1, 2)
		}, verdict: outcome.Pass, examined: 6},

		{name: "a tree that nobody applied is told to be up to date", log: func(s *story) {
			s.boots(1)
			s.applies(1, 1)
			s.restores(2, 7, 666)
			s.fact(history.Synced, 2, history.Fact{})
		}, verdict: outcome.Fail, examined: 3, found: []string{"prefix-agreement: unknown-state"},
			says: "server 2 took part at 0.500000s with a tree restored at zxid 0x7"},

		{name: "a tree that nobody applied is built upon", log: func(s *story) {
			s.restores(2, 7, 666)
			s.applies(2, 8)
		}, verdict: outcome.Fail, examined: 2, found: []string{"prefix-agreement: unknown-state"}},

		{name: "a log may end in a proposal that its server discards before it takes part", log: func(s *story) {
			s.boots(1)
			s.applies(1, 1)
			s.restores(2, 7, 666)
			s.restores(2, 1, treeAt(1))
			s.fact(history.Synced, 2, history.Fact{})
		}, verdict: outcome.Pass, examined: 4},

		{name: "or that a new leader makes history", log: func(s *story) {
			s.restores(2, 7, 666)
			s.fact(history.Established, 2, history.Fact{Epoch: 1})
			s.restores(1, 7, 666)
			s.fact(history.Synced, 1, history.Fact{})
		}, verdict: outcome.Pass, examined: 3},

		{name: "a tree may be applied elsewhere after it was restored", log: func(s *story) {
			s.restores(2, 1, treeAt(1))
			s.fact(history.Synced, 2, history.Fact{})
			s.boots(1)
			s.applies(1, 1)
		}, verdict: outcome.Pass, examined: 3},

		{name: "leaders of different epochs", log: func(s *story) {
			s.fact(history.Established, 1, history.Fact{Epoch: 1})
			s.fact(history.Established, 2, history.Fact{Epoch: 2})
		}, verdict: outcome.Pass, examined: 2, threat: 1},

		{name: "two leaders of one epoch", log: func(s *story) {
			s.fact(history.Established, 1, history.Fact{Epoch: 3})
			s.fact(history.Established, 2, history.Fact{Epoch: 3})
		}, verdict: outcome.Fail, examined: 2, threat: 1, found: []string{"epoch-unique: two leaders"},
			says: "server 1 was established as leader of epoch 3 at 0.100000s, and server 2 of the same epoch at 0.200000s"},

		{name: "roles alone are nothing to examine", log: func(s *story) { s.role(1, "leading") }, verdict: outcome.Vacuous},
	})
}
