package fault

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/history"
	"github.com/zoobreak/zoobreak/wire"
)

// told is a fact, and who reports it.
type told struct {
	server int
	history.Fact
}

func logs(server int, z wire.Zxid) told {
	return told{server, history.Fact{Kind: history.Logged, Zxid: z}}
}

func commits(server int, z wire.Zxid) told {
	return told{server, history.Fact{Kind: history.Committed, Zxid: z}}
}

// follows is everything that a server reports when it has joined the leader of an epoch.
func follows(server int, e wire.Epoch) []told {
	return []told{
		{server, history.Fact{Kind: history.Promising, Epoch: e}}, {server, history.Fact{Kind: history.Promised, Epoch: e}},
		{server, history.Fact{Kind: history.Adopted, Epoch: e}},
	}
}

func (b *Budget) seeAll(facts ...told) *Budget {
	for _, f := range facts {
		b.See(f.server, f.Fact)
	}
	return b
}

var t1, t2 = wire.MakeZxid(1, 1), wire.MakeZxid(1, 2)

// three is an ensemble of which all servers are in epoch 1 and have T1, which is committed.
func three() *Budget {
	b := NewBudget(3)
	for s := 1; s <= 3; s++ {
		b.seeAll(follows(s, 1)...).seeAll(logs(s, t1))
	}
	return b.seeAll(commits(2, t1))
}

// Wiping one of three can lose a committed write although a quorum and a good copy
// remain: T2 is on 1 and 2 and committed, and 3 lags.
func TestWipingOneVoterWhileAnotherLagsIsRefused(t *testing.T) {
	b := three().seeAll(logs(1, t2), logs(2, t2), commits(2, t2))
	require.Contains(t, b.Refusal([]int{1}), "without it only 1 of 3 voters report")
	require.NotEmpty(t, b.Refusal([]int{2}))
	require.Empty(t, b.Refusal([]int{3}), "who lags has nothing that the others lack")
	b.seeAll(logs(3, t2))
	require.Empty(t, b.Refusal([]int{1}), "now it is on 2 and 3, and each quorum with 1 has one of them")
}

func TestWhatTheBudgetPermits(t *testing.T) {
	for name, c := range map[string]struct {
		budget *Budget
		damage []int
		inside bool
	}{
		"all have everything":                    {three(), []int{1}, true},
		"two of three at once":                   {three(), []int{1, 2}, false},
		"nobody reports anything":                {NewBudget(3), []int{1}, false},
		"epochs are not reported":                {NewBudget(3).seeAll(logs(1, t1), logs(2, t1), logs(3, t1)), []int{1}, false},
		"it is logged, and may be committed":     {three().seeAll(logs(1, t2)), []int{3}, false},
		"the damaged one alone has logged it":    {three().seeAll(logs(1, t2)), []int{1}, false},
		"another one was damaged before":         {three().damaged(2), []int{1}, false},
		"the same one again":                     {three().damaged(1), []int{1}, true},
		"the other one has come back":            {three().damaged(2).seeAll(follows(2, 1)...).seeAll(logs(2, t1)), []int{1}, true},
		"it has come back without the epoch":     {three().damaged(2).seeAll(logs(2, t1)), []int{1}, false},
		"it has promised what the others do not": {three().seeAll(follows(1, 2)...), []int{1}, false},
		"the promise is on its way to the disk":  {three().seeAll(told{1, history.Fact{Kind: history.Promising, Epoch: 2}}), []int{1}, false},
		"one other has promised it as well":      {three().seeAll(follows(1, 2)...).seeAll(follows(2, 2)...), []int{1}, false},
		"all others have promised it as well":    {three().seeAll(follows(1, 2)...).seeAll(follows(2, 2)...).seeAll(follows(3, 2)...), []int{1}, true},
		"an outsider":                            {three().seeAll(follows(1, 2)...).seeAll(follows(2, 2)...), []int{3}, true},
		"logged, but in no epoch of a leader": {three().seeAll(
			logs(1, wire.MakeZxid(2, 1)), logs(2, wire.MakeZxid(2, 1)), logs(3, wire.MakeZxid(2, 1))), []int{1}, false},
		"while a stage is stalled": {three().stalled(1), []int{1}, false},
		"when it goes on again":    {three().stalled(1).stalled(-1), []int{1}, true},
		"the only server":          {NewBudget(1).seeAll(follows(1, 1)...).seeAll(logs(1, t1)), []int{1}, false},
	} {
		require.Equal(t, c.inside, c.budget.Refusal(c.damage) == "", "%s: %s", name, c.budget.Refusal(c.damage))
	}
}

// Nobody counts on what an observer has on its disk.
func TestObserversMayBeDamaged(t *testing.T) {
	b := NewBudget(3)
	b.See(4, history.Fact{Kind: history.Logged, Zxid: 1})
	b.Damaged(4)
	require.Empty(t, b.Refusal([]int{4}))
	require.NotEmpty(t, b.Refusal([]int{1, 4}), "server 1 votes")
}

func (b *Budget) damaged(server int) *Budget { b.Damaged(server); return b }
func (b *Budget) stalled(by int) *Budget     { b.Stalled(by); return b }

// Whatever was logged, committed and damaged: when damage is permitted, every majority of
// all voters has a server with everything that was committed.
func TestNoMajorityIsWithoutWhatIsCommitted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{3, 5}).Draw(t, "servers")
		b := NewBudget(n)
		has := make([]wire.Zxid, n) // really on the disk
		for s := 1; s <= n; s++ {
			b.seeAll(follows(s, 1)...)
		}
		next, committed := wire.Zxid(0), wire.Zxid(0)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			s := rapid.IntRange(1, n).Draw(t, "server")
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0: // a transaction more is logged; a server that was damaged gets all there is
				next = max(next, has[s-1]+1)
				has[s-1] = max(has[s-1], rapid.SampledFrom([]wire.Zxid{next, next - 1}).Draw(t, "up to"))
				b.seeAll(follows(s, 1)...).seeAll(logs(s, wire.MakeZxid(1, uint32(has[s-1]))))
			case 1, 2: // a quorum has it
				committed = max(committed, nth(has, n/2+1))
				if committed > 0 {
					b.seeAll(commits(s, wire.MakeZxid(1, uint32(committed))))
				}
			case 3:
				if b.Refusal([]int{s}) != "" {
					continue
				}
				b.Damaged(s)
				has[s-1] = 0
			}
			if lacking := lack(has, committed); lacking > n/2 {
				t.Fatalf("%d of %d servers lack %d: %v", lacking, n, committed, has)
			}
		}
	})
}

// nth returns the largest transaction that at least n servers have.
func nth(has []wire.Zxid, n int) wire.Zxid {
	best := wire.Zxid(0)
	for _, z := range has {
		if len(has)-lack(has, z) >= n {
			best = max(best, z)
		}
	}
	return best
}

func lack(has []wire.Zxid, z wire.Zxid) (n int) {
	for _, x := range has {
		if x < z {
			n++
		}
	}
	return n
}
