package simdisk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/simdisk"
)

var both = simdisk.Config{
	Sync:   simdisk.Latency{Min: time.Millisecond, Max: 5 * time.Millisecond},
	Append: simdisk.Latency{Min: 10 * time.Microsecond, Max: 50 * time.Microsecond},
}

// durations runs batches, one after the other, and says how long each took.
func durations(c simdisk.Config, seed uint64, batches ...[]disk.Op) (took []clock.Instant) {
	p := startOn(c, seed).must(create)
	for _, b := range batches {
		before := p.k.Now()
		p.must(b...)
		took = append(took, p.at[len(p.at)-1]-before)
	}
	return took
}

func record(i int) []disk.Op { return []disk.Op{add(fmt.Sprintf("record %d", i)), sync} }

// A latency is a matter of what is done, not of how much was done before.
func TestTakingABatchAwayMovesNobodyElsesLatency(t *testing.T) {
	var batches [][]disk.Op
	for i := range 40 {
		batches = append(batches, record(i))
		if i%5 == 0 {
			batches = append(batches, []disk.Op{sync}) // the same again and again
		}
	}
	all := durations(both, 1, batches...)
	for gone := range batches {
		if len(batches[gone]) == 1 {
			continue // the others of its kind are then one fewer
		}
		without := slices.Delete(slices.Clone(batches), gone, gone+1)
		require.Equal(t, slices.Delete(slices.Clone(all), gone, gone+1), durations(both, 1, without...), "without batch %d", gone)
	}
	require.NotEqual(t, all, durations(both, 2, batches...), "it is noise all the same")
}

func TestLatenciesOfTheSameAgainAndAgainDiffer(t *testing.T) {
	took := map[clock.Instant]bool{}
	for _, d := range durations(usual, 1, [][]disk.Op{{sync}, {sync}, {sync}, {sync}, {sync}, {sync}}...) {
		took[d] = true
	}
	require.Len(t, took, 6)
	took = map[clock.Instant]bool{}
	p := start().must(create).must(sync, sync, sync)
	for _, d := range durations(usual, 1, []disk.Op{sync}, []disk.Op{sync, syncDir}, []disk.Op{syncDir, sync}) {
		took[d] = true
	}
	require.Len(t, took, 3)
	require.NotEqual(t, p.at[1]-p.at[0], 3*(p.at[0]), "and so do those within one batch")
}

// Whatever is part of what a batch does is part of its luck.
func TestALatencyIsKeyedByAllThatABatchDoes(t *testing.T) {
	at := func(ops ...disk.Op) clock.Instant {
		p := startOn(usual, 1).must(create, createOther, add("abc"))
		before := p.k.Now()
		p.must(append(ops, sync)...)
		return p.at[1] - before
	}
	took := map[clock.Instant]bool{}
	batches := [][]disk.Op{
		{}, {add("a")}, {add("b")}, {add("a"), add("b")}, {add("b"), add("a")}, {cut(0)}, {cut(1)}, {room(10)}, {room(11)},
		{{Kind: disk.Append, Name: "other", Data: []byte("a")}},
		{{Kind: disk.Rename, Name: "other", To: "a"}}, {{Kind: disk.Rename, Name: "other", To: "b"}},
	}
	for _, ops := range batches {
		took[at(ops...)] = true
	}
	require.Len(t, took, len(batches))
}

func TestLatenciesKeepTheirBounds(t *testing.T) {
	for seed := range uint64(200) {
		took := durations(both, seed, []disk.Op{add("a")}, []disk.Op{sync}, []disk.Op{syncDir}, []disk.Op{cut(0)})
		for i, l := range []simdisk.Latency{both.Append, both.Sync, both.Sync, {}} {
			require.GreaterOrEqual(t, took[i], clock.Instant(l.Min))
			require.LessOrEqual(t, took[i], clock.Instant(l.Max))
		}
		require.Zero(t, durations(usual, seed, []disk.Op{add("a")})[0], "an append into the cache takes no time")
	}
}

// An append takes effect when its time is over: a process that is killed before has not
// written.
func TestAnAppendUnderWayIsNotThere(t *testing.T) {
	p := startOn(both, 1).must(create)
	p.d.Submit(2, []disk.Op{add("ab")})
	require.NoError(t, p.k.Run(p.k.Now()+1))
	p = p.restart()
	require.NoError(t, p.k.Run(p.k.Now()+second))
	require.Equal(t, "", p.content("log"))
}
