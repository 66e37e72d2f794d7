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
	cfg   Config
	m     *medium
	files *Files
	img   Image
}

// start reads the directory and makes the repairs.
func start(t *testing.T, m *medium) *server { return startAs(t, Config{}, m) }

func startAs(t *testing.T, cfg Config, m *medium) *server {
	t.Helper()
	img, files, repair, err := Recover(m, cfg)
	require.NoError(t, err)
	m.Submit(0, repair)
	return &server{t, cfg, m, files, img}
}

// Snapshot returns all operations of a snapshot.
func (f *Files) Snapshot(z wire.Zxid, b []byte) []disk.Op {
	ops, ok := f.BeginSnapshot(z, b)
	if !ok {
		panic("another snapshot is being written")
	}
	for chunk := f.NextChunk(); chunk != nil; chunk = f.NextChunk() {
		ops = append(ops, chunk...)
	}
	return ops
}

// refused says why the server does not start; the disk is not touched.
func refused(t *testing.T, m *medium, what ...any) *CorruptError {
	t.Helper()
	_, _, repair, err := Recover(m, Config{})
	var corrupt *CorruptError
	require.ErrorAs(t, err, &corrupt, what...)
	require.ErrorIs(t, err, disk.Corrupt)
	require.Empty(t, repair)
	return corrupt
}

// ways are the ways to keep a directory that the stories are told in.
var ways = map[string]Config{
	"one file, one snapshot":   {KeepSnapshots: 1},
	"small files, made before": {RollBytes: 300, Preallocate: 256, KeepSnapshots: 2, ChunkBytes: 100},
}

func (s *server) do(ops []disk.Op) *server {
	s.m.Submit(0, ops)
	return s
}

func (s *server) restart() *server { return startAs(s.t, s.cfg, s.m) }

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
	for _, cfg := range ways {
		s := startAs(t, cfg, newMedium())
		before := step{name: "nothing yet"}
		for _, after := range story {
			ops := after.write(s.files, whole9)
			s.eachMoment(ops, func(done int) { at(s, before, after, done, len(ops)) })
			before = after
		}
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
	seen, reads := map[string]bool{}, map[string]int{}
	tell(t, func(s *server, _, after step, _, _ int) {
		s.m.images(func(left *medium) {
			if seen[left.String()] {
				return
			}
			seen[left.String()] = true
			first, _, repair, err := Recover(left, Config{})
			require.NoError(t, err)
			want, _ := whole9.read(first)
			(&server{m: left}).eachMoment(repair, func(done int) {
				if done < len(repair) && repair[done].Kind != disk.SyncDir {
					return // what a crash leaves now it may leave then
				}
				left.images(func(again *medium) {
					what := again.String()
					if _, ok := reads[what]; !ok {
						n, ok := whole9.read(start(t, again).img)
						require.True(t, ok)
						reads[what] = n
					}
					require.Equal(t, want, reads[what], "while repairing what %q left", after.name)
				})
			})
		})
	})
	require.Greater(t, len(seen), 1000)
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
	require.Len(t, names, 5)
	_, _, repair, err := Recover(s.m, Config{})
	require.NoError(t, err)
	for _, name := range names {
		b, err := disk.Read(s.m, name)
		require.NoError(t, err)
		for _, op := range disk.Replace(name, b) {
			require.Contains(t, repair, op)
		}
	}
	require.Len(t, repair, 5*4+1)
}

// What cannot be read is not taken for what is not there.
func TestADiskThatCannotBeReadIsNotANewOne(t *testing.T) {
	s := start(t, newMedium())
	s.do(s.files.AcceptedEpoch(1)).do(s.files.CurrentEpoch(1)).do(s.files.Append(whole9.txns[:2])).do(s.files.Snapshot(whole9.txns[0].Zxid, whole9.states[1].Snapshot()))
	for _, name := range append(s.m.list(), "") {
		bad := &disk.Error{Op: disk.ReadAt, Name: name, Cause: disk.IOError}
		s.m.unreadable = map[string]error{name: bad}
		_, _, repair, err := Recover(s.m, Config{})
		require.Equal(t, bad, err)
		require.Empty(t, repair)
	}
}

// A record that is cut short anywhere is a torn tail, if no record vouches for it.
func TestTornTailIsCutAndReported(t *testing.T) {
	s := start(t, newMedium())
	s.do(s.files.Append(whole9.txns[:1]))
	name := logName(whole9.txns[0].Zxid)
	first := len(s.m.names[name].data)
	s.do(s.files.Append(whole9.txns[1:2]))
	for n := first; n < len(s.m.names[name].data); n++ {
		for _, zeros := range []int{0, 100} {
			left := s.m.copy()
			left.names[name].data = padded(left.names[name].data[:n], n+zeros)
			next := start(t, left)
			require.Len(t, next.img.Log, 1)
			require.Len(t, next.m.names[name].data, first)
			if n == first {
				require.Nil(t, next.img.Torn, "zeroes are room that was not used")
				continue
			}
			torn := *next.img.Torn
			require.LessOrEqual(t, torn.Bytes, n-first)
			torn.Bytes = 0
			require.Equal(t, Torn{File: name, At: first, After: whole9.txns[0].Zxid}, torn)
		}
	}
}
