package txnlog

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/node/tree"
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

// The comment of manifest, step by step. Were every log read that is there, what this
// server acknowledges as (3,1) would be lost, and what it never knew of would be there.
func TestRemovedLogsThatComeBackAreNotRead(t *testing.T) {
	old := lineageOf(append(run(1, 1, 10), run(2, 1, 1)...)...)
	then := lineageOf(append(run(1, 1, 10), run(3, 1, 1)...)...)
	for name, void := range map[string]func(f *Files) []disk.Op{
		"a leader's snapshot": func(f *Files) []disk.Op { return f.Install(then.txns[7].Zxid, then.states[8].Snapshot()) },
		"a cut":               func(f *Files) []disk.Op { return f.Truncate(then.txns[9].Zxid) },
	} {
		t.Run(name, func(t *testing.T) {
			s := keep(t, old, 4, 4, 10, 11)
			was := s.m.copy()
			// (1) The removals are done, and lost in the end.
			s.do(void(s.files))
			// (2) This server logs on; the old (2,1) follows (1,10), as (3,1) does.
			s = s.restart()
			s.do(s.files.Append(after(then, s.files.last)))
			// (3) The old files are back.
			backs := 0
			for name, f := range was.names {
				if s.m.names[name] == nil {
					backs++
					s.m.names[name] = f
				}
			}
			require.Positive(t, backs)
			next := s.restart()
			n, ok := then.read(next.img)
			require.True(t, ok && n == 11, "found the state at %v and %v", next.img.Tree.Last(), next.img.Log)
			require.Len(t, next.img.LeftOver, backs)
			require.Empty(t, next.restart().img.LeftOver, "and now they are gone")
		})
	}
}

func after(l *lineage, z wire.Zxid) []tree.Txn {
	i := slices.IndexFunc(l.txns, func(x tree.Txn) bool { return x.Zxid > z })
	return l.txns[i:]
}

// Whenever power fails, a cut was made or was not; and what is written behind it stays.
func TestTruncateIsOldOrNewWheneverPowerFails(t *testing.T) {
	for at := 4; at <= 12; at++ {
		old := lineageOf(append(run(1, 1, 10), run(2, 1, 2)...)...)
		s := keep(t, old, 4, 4, 8, 10, 12)
		s.do(s.files.Snapshot(old.txns[11].Zxid, old.states[12].Snapshot())) // behind the cut, with what was not committed
		z := old.txns[at-1].Zxid
		ops := s.files.Truncate(z)
		s.eachMoment(ops, func(done int) {
			s.m.images(func(left *medium) {
				n, ok := old.read(start(t, left).img)
				require.True(t, ok && (n == at || n == 12 && done < len(ops)), "cut at %v, %d of %d done: found %d", z, done, len(ops), n)
			})
		})
		zxids := make([]wire.Zxid, 0, at+1)
		for _, x := range old.txns[:at] {
			zxids = append(zxids, x.Zxid)
		}
		then := lineageOf(append(zxids, wire.MakeZxid(3, 1))...)
		then.txns[at].ParentCversion = int32(at + 1)
		s.do(s.files.Append(then.txns[at:]))
		s.m.images(func(left *medium) {
			next := start(t, left)
			n, ok := then.read(next.img)
			require.True(t, ok && n == at+1)
			n, ok = then.read(next.restart().img)
			require.True(t, ok && n == at+1)
		})
	}
}

// A hole is no crash's doing: it is reported, and nothing is touched.
func TestHoleIsCorruption(t *testing.T) {
	s := keep(t, whole9, 0, 2, 4, 6)
	for i, why := range []string{
		"txnlog: log.0000000100000001 is corrupt: it is missing, and the manifest names it",
		"txnlog: log.0000000100000003 is corrupt: it is missing, and the manifest names it",
		"txnlog: log.0000000100000005 is corrupt: it is missing, and the manifest names it",
	} {
		left := s.m.copy()
		delete(left.names, logName(whole9.txns[2*i].Zxid))
		require.EqualError(t, refused(t, left), why)
		f := Files{manifest: s.files.manifest}
		f.manifest.logs = slices.Delete(slices.Clone(f.manifest.logs), i, i+1)
		if left.do(disk.Op{Kind: disk.Create, Name: manifestFile}); i < 2 {
			left.do(disk.Op{Kind: disk.Append, Name: manifestFile, Data: f.manifest.encode()})
			require.Contains(t, refused(t, left).Error(), "follows", "a manifest that leaves it out is no better")
		}
	}
}

// Without a manifest nothing tells what the files are.
func TestAMissingManifestIsCorruption(t *testing.T) {
	s := keep(t, whole9, 2, 2, 4)
	delete(s.m.names, manifestFile)
	require.EqualError(t, refused(t, s.m), "txnlog: manifest is corrupt: it is missing, and log.0000000100000003 is here")
}
