package txnlog

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/wire"
)

// half writes a snapshot at the n-th transaction up to its middle.
func half(s *server, n int) (chunks int) {
	b := whole9.states[n].Snapshot()
	ops, _ := s.files.BeginSnapshot(whole9.txns[n-1].Zxid, b)
	s.do(ops)
	for s.files.writing.written < len(b)/2 {
		s.do(s.files.NextChunk())
		chunks++
	}
	return chunks
}

func small(t *testing.T) *server {
	return startAs(t, Config{KeepSnapshots: 1, ChunkBytes: 64, Preallocate: 512}, newMedium())
}

// The log goes on between any two chunks. Whenever power fails, everything that was
// logged is there: from the old snapshot and the logs, or from the new one.
func TestTheLogGoesOnWhileASnapshotIsWritten(t *testing.T) {
	s := small(t)
	s.do(s.files.Append(whole9.txns[:4]))
	s.do(s.files.Snapshot(whole9.txns[1].Zxid, whole9.states[2].Snapshot()))
	ops, ok := s.files.BeginSnapshot(whole9.txns[3].Zxid, whole9.states[4].Snapshot())
	require.True(t, ok)
	s.do(ops)
	logged, chunks, found := 4, 0, map[wire.Zxid]int{}
	for ops := s.files.NextChunk(); ops != nil; ops = s.files.NextChunk() {
		chunks++
		s.eachMoment(ops, func(int) {
			s.m.images(func(left *medium) {
				img := start(t, left).img
				n, ok := whole9.read(img)
				require.True(t, ok && n == logged)
				found[img.Tree.Last()]++
			})
		})
		if logged < 9 {
			s.do(s.files.Append(whole9.txns[logged : logged+1]))
			logged++
		}
	}
	require.Greater(t, chunks, 5)
	require.Positive(t, found[whole9.txns[1].Zxid])
	require.Positive(t, found[whole9.txns[3].Zxid])
	require.Len(t, found, 2)
}

func TestAHalfWrittenSnapshotIsIgnoredAndRemoved(t *testing.T) {
	s := small(t)
	s.do(s.files.Append(whole9.txns[:4]))
	require.Positive(t, half(s, 4))
	_, ok := s.files.BeginSnapshot(whole9.txns[3].Zxid, nil)
	require.False(t, ok, "one at a time")
	next := s.restart()
	n, ok := whole9.read(next.img)
	require.True(t, ok && n == 4)
	require.Equal(t, []string{snapshotName(whole9.txns[3].Zxid) + tmpSuffix}, next.img.LeftOver)
	require.Zero(t, next.img.Tree.Last())
	require.Empty(t, next.restart().img.LeftOver)
}

// A snapshot of what is void is not finished.
func TestASnapshotIsGivenUpWithItsHistory(t *testing.T) {
	for name, void := range map[string]func(f *Files) []disk.Op{
		"a leader's snapshot": func(f *Files) []disk.Op { return f.Install(whole9.txns[2].Zxid, whole9.states[3].Snapshot()) },
		"a cut":               func(f *Files) []disk.Op { return f.Truncate(whole9.txns[2].Zxid) },
	} {
		t.Run(name, func(t *testing.T) {
			s := small(t)
			s.do(s.files.Append(whole9.txns[:6]))
			half(s, 6)
			s.do(void(s.files))
			require.Nil(t, s.files.NextChunk())
			for _, name := range s.m.list() {
				require.False(t, strings.HasSuffix(name, tmpSuffix), name)
			}
			n, ok := whole9.read(s.restart().img)
			require.True(t, ok && n == 3)
		})
	}
}

// Retention keeps every log that may hold what is behind the oldest snapshot: its name tells
// where it begins, and the snapshot may be in its middle (ZOOKEEPER-3231).
func TestRetentionKeepsWhatAnySnapshotNeeds(t *testing.T) {
	for keep := 1; keep <= 4; keep++ {
		s := startAs(t, Config{KeepSnapshots: keep, RollBytes: 250}, newMedium())
		taken := []int{}
		for n := range 9 {
			s.do(s.files.Append(whole9.txns[n : n+1]))
			if n%2 == 1 { // of a state that the log has left behind already
				s.do(s.files.Snapshot(whole9.txns[n-1].Zxid, whole9.states[n].Snapshot()))
				taken = append(taken, n)
			}
			s.checkEverySnapshot(t, n+1, taken[max(0, len(taken)-keep):])
		}
	}
}

// checkEverySnapshot starts from each of the snapshots, the newer ones being damaged.
func (s *server) checkEverySnapshot(t *testing.T, logged int, kept []int) {
	require.Len(t, s.files.manifest.snapshots, len(kept))
	damaged := s.m.copy()
	for i := len(kept) - 1; i >= 0; i-- {
		next := start(t, damaged.copy())
		n, ok := whole9.read(next.img)
		require.True(t, ok && n == logged)
		require.Equal(t, whole9.txns[kept[i]-1].Zxid, next.img.Tree.Last())
		damaged.names[snapshotName(whole9.txns[kept[i]-1].Zxid)].data[9] ^= 1
	}
}
