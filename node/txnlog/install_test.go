package txnlog

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/wire"
)

// keep logs and snapshots a history: a file for each part, a snapshot after the first n.
func keep(t *testing.T, l *lineage, snapshotAt int, parts ...int) *server {
	s := start(t, newMedium())
	from := 0
	for _, to := range parts {
		s = s.do(s.files.Append(l.txns[from:to])).restart()
		if from = to; snapshotAt == to {
			s.do(s.files.Snapshot(l.txns[to-1].Zxid, l.states[to].Snapshot()))
		}
	}
	return s
}

// A leader's snapshot replaces the log. Whenever power fails, what is left is either a
// history that this server had, or the leader's; never a mixture of the two.
func TestInstallIsOldOrNewWheneverPowerFails(t *testing.T) {
	old := lineageOf(append(run(1, 1, 10), run(2, 1, 2)...)...)
	diverged := lineageOf(append(run(1, 1, 9), run(3, 1, 4)...)...)
	for _, c := range []struct {
		name   string
		leader *lineage
		at     int // what the leader's snapshot holds
		own    int // this server's own snapshot
		parts  []int
	}{
		{"another history, further on", diverged, 13, 0, []int{10, 12}},
		{"another history, own snapshot before the fork", diverged, 12, 4, []int{4, 8, 12}},
		{"the same history, the snapshot inside the last file", old, 11, 0, []int{4, 12}},
		{"the same history, the snapshot inside an early file", old, 2, 0, []int{4, 8, 12}},
		{"the same history, the snapshot before the own one", old, 8, 10, []int{10, 12}},
		{"the empty state", old, 0, 0, []int{4, 12}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := keep(t, old, c.own, c.parts...)
			z := c.leader.states[c.at].Last()
			ops := s.files.Install(z, c.leader.states[c.at].Snapshot())
			s.eachMoment(ops, func(done int) {
				s.m.images(func(left *medium) {
					img := start(t, left).img
					oldCount, isOld := old.read(img)
					newCount, isNew := c.leader.read(img)
					switch {
					case isNew && newCount == c.at:
					case isOld && done < len(ops):
						require.GreaterOrEqual(t, old.states[oldCount].Last(), min(z, old.txns[11].Zxid))
					default:
						t.Fatalf("after %d of %d operations: neither the old history nor the new, but the state at %v and %d transactions", done, len(ops), img.Tree.Last(), len(img.Log))
					}
				})
			})
		})
	}
}

// The comment of readLog, step by step.
func TestStrayRecordsGoBeforeTheyCanSeemToFit(t *testing.T) {
	old := lineageOf(append(run(1, 1, 10), run(2, 1, 1)...)...)
	then := lineageOf(append(run(1, 1, 10), run(3, 1, 1)...)...)
	s := keep(t, old, 10, 10, 11)
	interrupted := 0
	s.eachMoment(s.files.Install(then.txns[7].Zxid, then.states[8].Snapshot()), func(int) {
		s.m.images(func(left *medium) {
			// (1) The snapshot ends at (1,8); the leftover (2,1) follows (1,10).
			if !slices.Contains(left.list(), logName(wire.MakeZxid(2, 1))) {
				return
			}
			next := start(t, left)
			if next.img.Tree.Last() != wire.MakeZxid(1, 8) {
				return // the old snapshot is still there, and (2,1) fits
			}
			interrupted++
			require.Empty(t, next.img.Log)
			// (2) This server logs (1,9), (1,10), then, after a restart, (3,1).
			next = next.do(next.files.Append(then.txns[8:10])).restart()
			next = next.do(next.files.Append(then.txns[10:])).restart()
			// (3) At the next start all of that is there, and nothing else.
			n, ok := then.read(next.img)
			require.True(t, ok && n == 11, "found the state at %v and %v", next.img.Tree.Last(), next.img.Log)
		})
	})
	require.Positive(t, interrupted, "some crash left the stray record")
}

// A hole that no snapshot explains is no crash's doing: it is reported, and nothing is
// touched.
func TestHoleWithoutASnapshotIsCorruption(t *testing.T) {
	l := lineageOf(run(1, 1, 4)...)
	hole := appendRecord(nil, wire.MakeZxid(1, 3), &l.txns[3])
	first := appendRecord([]byte(magic), 0, &l.txns[0])
	for name, files := range map[string]map[string][]byte{
		"in the middle of a file": {logName(wire.MakeZxid(1, 1)): append(slices.Clone(first), hole...)},
		"at the very beginning":   {logName(wire.MakeZxid(1, 4)): append([]byte(magic), hole...)},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, repair, err := Recover(mediumOf(files), nil)
			var corrupt *CorruptError
			require.ErrorAs(t, err, &corrupt)
			require.Contains(t, err.Error(), "there is no snapshot")
			require.Empty(t, repair)
		})
	}
}
