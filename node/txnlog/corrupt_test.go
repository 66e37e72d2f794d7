package txnlog

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// many is a directory with all kinds of files; the last log file has three batches, of which
// the last begins at byte end.
func many(t *testing.T) (s *server, last string, end int) {
	s = startAs(t, Config{KeepSnapshots: 1, Preallocate: 4096}, newMedium())
	s.do(s.files.AcceptedEpoch(12)).do(s.files.CurrentEpoch(11))
	s = s.do(s.files.Append(whole9.txns[:2])).do(s.files.Snapshot(whole9.txns[0].Zxid, whole9.states[1].Snapshot())).restart()
	s = s.do(s.files.Append(whole9.txns[2:4])).restart()
	s.do(s.files.Append(whole9.txns[4:5])).do(s.files.Append(whole9.txns[5:7]))
	last = logName(whole9.txns[4].Zxid)
	end = len(s.m.names[last].data)
	s.do(s.files.Append(whole9.txns[7:]))
	require.Len(t, s.m.list(), 7)
	return s, last, end
}

// damages calls f with everything that can happen to one byte, or to one sector of some size.
func damages(name string, b []byte, f func(what string, from, to int, damaged []byte)) {
	for i := range b {
		changed := slices.Clone(b)
		changed[i] ^= 0x40
		f(fmt.Sprintf("%s, byte %d", name, i), i, i+1, changed)
	}
	for _, size := range []int{16, 64, 512} {
		for from := 0; from < len(b); from += size {
			to := min(from+size, len(b))
			changed := slices.Clone(b)
			if clear(changed[from:to]); slices.Equal(changed, b) {
				continue
			}
			f(fmt.Sprintf("%s, bytes %d to %d", name, from, to), from, to, changed)
		}
	}
}

// Where no crash can have torn anything, every changed byte and every lost sector is
// corruption: going on would silently undo what was acknowledged.
func TestAllDamageInFrontOfTheLastBatchIsRefused(t *testing.T) {
	s, last, end := many(t)
	n, ok := whole9.read(s.restart().img)
	require.True(t, ok && n == 9)
	s, last, end = many(t)
	for _, name := range s.m.list() {
		damages(name, s.m.names[name].data, func(what string, from, to int, b []byte) {
			if name == last && to > end {
				return // see the next test
			}
			damaged := s.m.copy()
			damaged.names[name].data = b
			require.Equal(t, name, refused(t, damaged, what).File, what)
		})
	}
}

// Damage to the last batch is not to be told from what a crash leaves. What is read is
// what is in front of it, and it is reported.
func TestDamageToTheLastBatchIsATornTail(t *testing.T) {
	s, last, end := many(t)
	damages(last, s.m.names[last].data, func(what string, from, to int, b []byte) {
		if from < end {
			return
		}
		damaged := s.m.copy()
		damaged.names[last].data = b
		img := start(t, damaged).img
		n, ok := whole9.read(img)
		require.True(t, ok && (n == 7 || n == 8), what)
		if slices.ContainsFunc(b[end:], func(c byte) bool { return c != 0 }) {
			require.NotNil(t, img.Torn, what)
			require.GreaterOrEqual(t, img.Torn.At, end)
		}
	})
}

// A sector that the end of one batch shares with the beginning of the next takes both away;
// records further on tell.
func TestASectorBetweenTwoBatches(t *testing.T) {
	s, last, end := many(t)
	s.do(s.files.Append(lineageOf(append(run(1, 1, 6), run(2, 1, 4)...)...).txns[9:]))
	for from := end - 40; from < end; from++ {
		damaged := s.m.copy()
		clear(damaged.names[last].data[from : from+41])
		require.Equal(t, last, refused(t, damaged).File)
	}
}

func TestCorruptErrorNamesTheFileAndThePlace(t *testing.T) {
	s := start(t, newMedium())
	s.do(s.files.Append(whole9.txns[:1])).do(s.files.Append(whole9.txns[1:2])).do(s.files.Append(whole9.txns[2:3]))
	name := logName(whole9.txns[0].Zxid)
	for at, why := range map[int]string{
		40:  "txnlog: log.0000000100000001 is corrupt at byte 27, behind 0x0: bad record, and the manifest promises more, up to 0x100000001",
		150: "txnlog: log.0000000100000001 is corrupt at byte 135, behind 0x100000001: bad record, and at byte 243 there is one that was written when this one was durable",
	} {
		damaged := s.m.copy()
		damaged.names[name].data[at] ^= 1
		require.EqualError(t, refused(t, damaged), why)
	}
}

// Bytes that look like a record are one only where they were written: what somebody stores in
// a znode does not make a torn tail look like damage.
func TestRecordsInsideRecordsAreNoRecords(t *testing.T) {
	s := start(t, newMedium())
	s.do(s.files.Append(whole9.txns[:1]))
	name := logName(whole9.txns[0].Zxid)
	first := len(s.m.names[name].data)
	x := whole9.txns[1]
	for at := range 400 { // as if written at any place behind
		x.Data = appendRecord(x.Data, place{s.files.open().number, first + at}, first+at, x.Zxid, &whole9.txns[2])
	}
	s.do(s.files.Append([]tree.Txn{x}))
	s.m.names[name].data[first] ^= 1
	require.Equal(t, first, start(t, s.m).img.Torn.At)
}

// An older snapshot is as good as the newest, if all logs behind it are there.
func TestADamagedSnapshotIsReplacedByAnOlderOne(t *testing.T) {
	l := whole9
	s := start(t, newMedium())
	for n := 2; n <= 8; n += 2 {
		s.do(s.files.Append(l.txns[n-2 : n])).do(s.files.Snapshot(l.txns[n-1].Zxid, l.states[n].Snapshot()))
	}
	s.do(s.files.Append(l.txns[8:]))
	require.Len(t, s.files.manifest.snapshots, 3)
	require.Len(t, s.files.manifest.logs, 3, "what is behind the oldest of them")
	for bad := 1; bad <= 3; bad++ {
		s.m.names[snapshotName(l.txns[9-2*bad].Zxid)].data[9] ^= 1
		if bad == 3 {
			require.Equal(t, snapshotName(l.txns[7].Zxid), refused(t, s.m).File, "none is left")
			return
		}
		next := startAs(t, Config{}, s.m.copy())
		n, ok := l.read(next.img)
		require.True(t, ok && n == 9)
		require.Equal(t, l.txns[7-2*bad].Zxid, next.img.Tree.Last())
		require.Len(t, next.img.Damaged, bad)
		again := next.restart()
		require.Empty(t, again.img.Damaged, "it is gone")
		n, ok = l.read(again.img)
		require.True(t, ok && n == 9)
	}
}

// A snapshot with a good checksum and bad content is refused as well.
func TestSnapshotThatIsNoStateIsRefused(t *testing.T) {
	name := snapshotName(wire.MakeZxid(1, 1))
	m := manifest{snapshots: []wire.Zxid{wire.MakeZxid(1, 1)}}
	err := refused(t, mediumOf(map[string][]byte{name: seal([]byte("no state")), manifestFile: m.encode()}))
	require.EqualError(t, err, "txnlog: "+name+" is corrupt: wire: malformed record")
}

// Files of others are left alone; what was being made when power failed is removed.
func TestOtherFilesAreIgnored(t *testing.T) {
	s := start(t, mediumOf(map[string][]byte{
		"snapshot.0000000100000001.tmp": []byte("half a snap"), "acceptedEpoch.tmp": {}, "log.txt": []byte("hello"), "myid": []byte("1"),
	}))
	require.Equal(t, tree.New().Digest(), s.img.Tree.Digest())
	require.Empty(t, s.img.Log)
	require.Equal(t, []string{"log.txt", manifestFile, "myid"}, s.m.list())
}

func TestZxidOf(t *testing.T) {
	for name, want := range map[string]bool{
		"log.0000000100000001": true, "log.00000001": false, "log.000000010000000g": false, "snapshot.0000000100000001": false, "log.": false,
	} {
		z, ok := zxidOf(name, logPrefix)
		require.Equal(t, want, ok, name)
		if ok {
			require.Equal(t, name, logName(z))
		}
	}
}
