package txnlog

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// lineage is a history from its beginning: each transaction with the state after it.
type lineage struct {
	txns   []tree.Txn
	states []*tree.Tree // states[n] is after the first n
}

// lineageOf makes a history with these zxids. The same zxids always give the same one.
func lineageOf(zxids ...wire.Zxid) *lineage {
	l := &lineage{states: []*tree.Tree{tree.New()}}
	state := tree.New()
	for i, z := range zxids {
		x := tree.Txn{
			Zxid: z, Op: wire.OpCreate, Path: wire.Path(fmt.Sprintf("/%d-%d", z.Epoch(), z.Counter())),
			Data: []byte("data"), ACL: wire.WorldACL(wire.PermAll), ParentCversion: int32(i + 1),
		}
		state.Apply(&x)
		copied, _ := tree.Load(state.Snapshot())
		l.txns, l.states = append(l.txns, x), append(l.states, copied)
	}
	return l
}

// run returns the zxids from (epoch, first) to (epoch, last).
func run(epoch wire.Epoch, first, last uint32) (zxids []wire.Zxid) {
	for c := first; c <= last; c++ {
		zxids = append(zxids, wire.MakeZxid(epoch, c))
	}
	return zxids
}

// read returns how much of the history an image holds; ok is false if it holds anything
// that is not a prefix of it.
func (l *lineage) read(img Image) (n int, ok bool) {
	for n < len(l.txns) && l.txns[n].Zxid <= img.Tree.Last() {
		n++
	}
	if img.Tree.Digest() != l.states[n].Digest() || n+len(img.Log) > len(l.txns) {
		return 0, false
	}
	for i := range img.Log {
		if !reflect.DeepEqual(img.Log[i], l.txns[n+i]) {
			return 0, false
		}
	}
	return n + len(img.Log), true
}

// server is a data directory with the one who writes it.
type server struct {
	t     *testing.T
	m     *medium
	files *Files
	img   Image
}

// start reads the directory and makes the repairs.
func start(t *testing.T, m *medium) *server {
	t.Helper()
	img, files, repair, err := Recover(m, nil)
	require.NoError(t, err)
	m.Submit(0, repair)
	return &server{t, m, files, img}
}

func (s *server) do(ops []disk.Op) *server {
	s.m.Submit(0, ops)
	return s
}

func (s *server) restart() *server { return start(s.t, s.m) }

// eachMoment does the operations one by one, and calls f before each and after the last.
func (s *server) eachMoment(ops []disk.Op, f func(done int)) {
	for i, op := range ops {
		f(i)
		s.m.do(op)
	}
	f(len(ops))
}

// what one step of the story below writes, and how far the history and the epochs then go.
type step struct {
	name              string
	write             func(f *Files, l *lineage) []disk.Op
	history           int
	accepted, current wire.Epoch
}

var story = []step{
	{"first epoch accepted", func(f *Files, _ *lineage) []disk.Op { return f.AcceptedEpoch(1) }, 0, 1, 0},
	{"and entered", func(f *Files, _ *lineage) []disk.Op { return f.CurrentEpoch(1) }, 0, 1, 1},
	{"three transactions in a new file", func(f *Files, l *lineage) []disk.Op { return f.Append(l.txns[:3]) }, 3, 1, 1},
	{"two more in the same", func(f *Files, l *lineage) []disk.Op { return f.Append(l.txns[3:5]) }, 5, 1, 1},
	{"snapshot in the middle of the file", snapshotAt(4), 5, 1, 1},
	{"next file", func(f *Files, l *lineage) []disk.Op { return f.Append(l.txns[5:6]) }, 6, 1, 1},
	{"second epoch accepted", func(f *Files, _ *lineage) []disk.Op { return f.AcceptedEpoch(2) }, 6, 2, 1},
	{"and entered", func(f *Files, _ *lineage) []disk.Op { return f.CurrentEpoch(2) }, 6, 2, 2},
	{"first of the second epoch", func(f *Files, l *lineage) []disk.Op { return f.Append(l.txns[6:8]) }, 8, 2, 2},
	{"snapshot of everything", snapshotAt(8), 8, 2, 2},
	{"after it", func(f *Files, l *lineage) []disk.Op { return f.Append(l.txns[8:9]) }, 9, 2, 2},
}

func snapshotAt(n int) func(*Files, *lineage) []disk.Op {
	return func(f *Files, l *lineage) []disk.Op { return f.Snapshot(l.txns[n-1].Zxid, l.states[n].Snapshot()) }
}

var whole9 = lineageOf(append(run(1, 1, 6), run(2, 1, 3)...)...)

// tell plays the story; at is called between any two operations.
func tell(t *testing.T, at func(s *server, before, after step, done, of int)) {
	s := start(t, newMedium())
	before := step{name: "nothing yet"}
	for _, after := range story {
		ops := after.write(s.files, whole9)
		s.eachMoment(ops, func(done int) { at(s, before, after, done, len(ops)) })
		before = after
	}
}

// synced is the least that a crash after done of the operations may leave.
func synced(before, after step, done, of int) step {
	if done == of {
		return after
	}
	return before
}

func TestRecoverFindsAPrefixAndAllThatIsSynced(t *testing.T) {
	images := 0
	tell(t, func(s *server, before, after step, done, of int) {
		least := synced(before, after, done, of)
		s.m.images(func(left *medium) {
			images++
			img := start(t, left).img
			n, ok := whole9.read(img)
			require.True(t, ok && n >= least.history && n <= after.history, "%s, %d of %d done: found %d, ok %v", after.name, done, of, n, ok)
			require.Contains(t, []wire.Epoch{least.accepted, after.accepted}, img.AcceptedEpoch, after.name)
			require.Contains(t, []wire.Epoch{least.current, after.current}, img.CurrentEpoch, after.name)
		})
	})
	require.Greater(t, images, 1000)
}

// What was read once is there for ever: not even a second crash, in the middle of the
// repairs, takes it away.
func TestRecoverAgainAfterACrashDuringRepair(t *testing.T) {
	tell(t, func(s *server, before, after step, done, of int) {
		s.m.images(func(left *medium) {
			first, _, repair, err := Recover(left, nil)
			require.NoError(t, err)
			want, _ := whole9.read(first)
			(&server{m: left}).eachMoment(repair, func(int) {
				left.images(func(again *medium) {
					n, ok := whole9.read(start(t, again).img)
					require.True(t, ok && n == want, "%s, %d of %d done: first %d, then %d", after.name, done, of, want, n)
				})
			})
		})
	})
}

// A killed process leaves bytes that are written and not synced. Its next life reads and
// acknowledges them; so the repairs must make them safe, whether they look torn or not.
func TestRepairSyncsWhatAKilledProcessLeft(t *testing.T) {
	unsynced := 0
	tell(t, func(s *server, _, after step, done, of int) {
		left := s.m.copy()
		img := start(t, left).img
		want, ok := whole9.read(img)
		require.True(t, ok)
		left.images(func(again *medium) {
			n, ok := whole9.read(start(t, again).img)
			require.True(t, ok && n == want, "%s, %d of %d done: read %d after the kill, %d after the power failure", after.name, done, of, want, n)
		})
		s.m.images(func(unrepaired *medium) {
			if n, _ := whole9.read(start(t, unrepaired).img); n < want {
				unsynced++
			}
		})
	})
	require.Positive(t, unsynced, "without the repairs some of it would have been lost")
}

func TestRepairWritesAgainWhatIsCountedOn(t *testing.T) {
	s := start(t, newMedium())
	s.do(s.files.AcceptedEpoch(1)).do(s.files.CurrentEpoch(1)).do(s.files.Append(whole9.txns[:2])).do(s.files.Snapshot(whole9.txns[0].Zxid, whole9.states[1].Snapshot()))
	names := s.m.list()
	require.Len(t, names, 4)
	_, _, repair, err := Recover(s.m, nil)
	require.NoError(t, err)
	for _, name := range names {
		b, err := disk.Read(s.m, name)
		require.NoError(t, err)
		for _, op := range disk.Replace(name, b) {
			require.Contains(t, repair, op)
		}
	}
	require.Len(t, repair, 4*4+1)
}

// What cannot be read is not taken for what is not there.
func TestADiskThatCannotBeReadIsNotANewOne(t *testing.T) {
	s := start(t, newMedium())
	s.do(s.files.AcceptedEpoch(1)).do(s.files.CurrentEpoch(1)).do(s.files.Append(whole9.txns[:2])).do(s.files.Snapshot(whole9.txns[0].Zxid, whole9.states[1].Snapshot()))
	for _, name := range append(s.m.list(), "") {
		bad := &disk.Error{Op: disk.ReadAt, Name: name, Cause: disk.IOError}
		s.m.unreadable = map[string]error{name: bad}
		_, _, repair, err := Recover(s.m, nil)
		require.Equal(t, bad, err)
		require.Empty(t, repair)
	}
}

func TestTornTailIsCutAndCounted(t *testing.T) {
	s := start(t, newMedium())
	s.do(s.files.Append(whole9.txns[:2]))
	name := logName(whole9.txns[0].Zxid)
	all, _ := disk.Read(s.m, name)
	_, rest, ok := readRecord(all[len(magic):])
	require.True(t, ok)
	second := len(all) - len(rest)
	for n := second; n < len(all); n++ {
		left := start(t, mediumOf(map[string][]byte{name: all[:n]}))
		require.Len(t, left.img.Log, 1)
		require.Equal(t, n-second, left.img.TornBytes)
		require.Len(t, left.m.names[name].data, second)
	}
}
