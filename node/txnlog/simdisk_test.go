package txnlog

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/simdisk"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/sim/kernel"
	"github.com/zoobreak/zoobreak/wire"
)

// simulated is the disk of the simulated world, with an owner that waits for it.
type simulated struct {
	k     *kernel.Kernel
	d     *simdisk.Disk
	done  bool
	err   error
	files *Files
	cfg   Config
}

func (s *simulated) DiskDone(d disk.Done) { s.done, s.err = true, d.Err }

// onDisk starts a server on an empty disk. Small sectors make much of small files.
func onDisk(t *testing.T, cfg Config, seed uint64, sector int) *simulated {
	k := kernel.New()
	k.Shake(kernel.Noise{Key: rng.New(seed)})
	s := &simulated{k: k, cfg: cfg, d: simdisk.New(k, "host", simdisk.Config{Sector: sector})}
	s.d.Run(s)
	s.recover(t)
	return s
}

func (s *simulated) do(ops ...disk.Op) error {
	s.done = false
	s.d.Submit(1, ops)
	for !s.done {
		if err := s.k.Run(s.k.Now() + clock.Instant(time.Second)); err != nil {
			panic(err)
		}
	}
	return s.err
}

// recover reads the disk, makes the repairs, and returns what was read.
func (s *simulated) recover(t *testing.T) Image {
	img, files, repair, err := Recover(s.d, s.cfg)
	require.NoError(t, err)
	require.NoError(t, s.do(repair...))
	s.files = files
	return img
}

func (s *simulated) restart() {
	s.d.Kill()
	s.d.Run(s)
}

// The story on a disk that writes sectors in any order.
func TestRecoverOnADiskThatReorders(t *testing.T) {
	images := 0
	for _, cfg := range ways {
		images += tellOnDisk(t, onDisk(t, cfg, 0, 256))
	}
	require.Greater(t, images, 200)
}

func tellOnDisk(t *testing.T, s *simulated) (images int) {
	before := step{name: "nothing yet"}
	for _, after := range story {
		ops := after.write(s.files, whole9)
		for done := range len(ops) + 1 {
			least := synced(before, after, done, len(ops))
			for _, i := range s.d.Images() {
				images++
				img := start(t, mediumOf(i.Files())).img
				n, ok := whole9.read(img)
				require.True(t, ok && n >= least.history && n <= after.history, "%s, %d of %d done: found %d, ok %v", after.name, done, len(ops), n, ok)
				require.Contains(t, []wire.Epoch{least.accepted, after.accepted}, img.AcceptedEpoch, after.name)
				require.Contains(t, []wire.Epoch{least.current, after.current}, img.CurrentEpoch, after.name)
			}
			if done < len(ops) {
				require.NoError(t, s.do(ops[done]))
			}
		}
		before = after
	}
	return images
}

// failedSync plays the story up to a sync that fails, and then the next life of the
// server; it returns what that read.
func failedSync(t *testing.T, seed uint64, at, op int, repair func(*simulated) Image) (s *simulated, read Image) {
	s = onDisk(t, Config{KeepSnapshots: 1}, seed, 64)
	for _, st := range story[:at] {
		require.NoError(t, s.do(st.write(s.files, whole9)...))
	}
	ops := story[at].write(s.files, whole9)
	var mattered int
	require.NoError(t, s.do(ops[:op]...))
	s.d.FailSyncs(&mattered)
	require.ErrorIs(t, s.do(ops[op]), disk.IOError)
	s.d.HealSyncs(&mattered)
	s.restart()
	read = repair(s)
	s.d.PowerOff(rng.New(seed))
	s.d.Run(s)
	return s, read
}

// eachSync calls f for each sync of the story.
func eachSync(f func(at, op int)) {
	s := &Files{cfg: Config{KeepSnapshots: 1}.withDefaults()}
	for at, st := range story {
		for op, x := range st.write(s, whole9) {
			if x.Kind == disk.Sync || x.Kind == disk.SyncDir {
				f(at, op)
			}
		}
	}
}

// When a sync has failed, the next life reads from the cache what is not on the disk, and
// nothing that it syncs will be. What it counts on it must write again.
func TestWhatIsReadAfterAFailedSyncIsThereForEver(t *testing.T) {
	lost := 0
	eachSync(func(at, op int) {
		for seed := range uint64(10) {
			what := fmt.Sprintf("%s, operation %d, seed %d", story[at].name, op, seed)
			s, first := failedSync(t, seed, at, op, func(s *simulated) Image { return s.recover(t) })
			want, ok := whole9.read(first)
			require.True(t, ok, what)
			again := s.recover(t)
			n, ok := whole9.read(again)
			require.True(t, ok && n == want, "%s: read %d, then %d", what, want, n)
			require.Equal(t, first.AcceptedEpoch, again.AcceptedEpoch, what)
			require.Equal(t, first.CurrentEpoch, again.CurrentEpoch, what)

			s, first = failedSync(t, seed, at, op, syncOnly(t))
			again = s.recover(t)
			n, _ = whole9.read(again)
			if want, _ = whole9.read(first); n < want || again.CurrentEpoch < first.CurrentEpoch {
				lost++
			}
		}
	})
	require.Positive(t, lost, "a repair that only syncs loses some of it")
}

// syncOnly is a repair that trusts the cache.
func syncOnly(t *testing.T) func(*simulated) Image {
	return func(s *simulated) Image {
		img, files, _, err := Recover(s.d, s.cfg)
		require.NoError(t, err)
		ops := []disk.Op{{Kind: disk.SyncDir}}
		for i := range files.manifest.logs {
			ops = append(ops, disk.Op{Kind: disk.Sync, Name: files.manifest.logs[i].name()})
		}
		require.NoError(t, s.do(ops...))
		return img
	}
}

// A sync fails while a leader's snapshot is installed, or the log is cut, or right after
// it. The next life goes on with what it reads, and the power fails: what was removed, and is
// there again, is no part of the history.
func TestWhatWasVoidStaysVoidAfterAFailedSync(t *testing.T) {
	old := lineageOf(append(run(1, 1, 10), run(2, 1, 1)...)...)
	then := lineageOf(append(run(1, 1, 10), run(3, 1, 1)...)...)
	back := 0
	for _, void := range []func(f *Files) []disk.Op{
		func(f *Files) []disk.Op { return f.Install(then.txns[7].Zxid, then.states[8].Snapshot()) },
		func(f *Files) []disk.Op { return f.Truncate(then.txns[9].Zxid) },
	} {
		for failing := range 7 {
			for seed := range uint64(20) {
				s := onDisk(t, Config{}, seed, 64)
				require.NoError(t, s.do(s.files.Append(old.txns[:10])...))
				require.NoError(t, s.do(s.files.Snapshot(old.txns[3].Zxid, old.states[4].Snapshot())...))
				require.NoError(t, s.do(s.files.Append(old.txns[10:])...))
				s.failDuring(t, append(void(s.files), disk.Op{Kind: disk.SyncDir}), failing)
				s.restart()
				img := s.recover(t)
				what := fmt.Sprintf("operation %d, seed %d", failing, seed)
				if n, ok := old.read(img); ok && n == 11 {
					continue // it was not made
				}
				require.NoError(t, s.do(s.files.Append(after(then, s.files.last))...))
				s.d.PowerOff(rng.New(seed))
				s.d.Run(s)
				again := s.recover(t)
				n, ok := then.read(again)
				require.True(t, ok && n == 11, what)
				back += len(again.LeftOver)
			}
		}
	}
	require.Positive(t, back, "some void files came back")
}

// failDuring does the operations; the syncs from the n-th operation on fail.
func (s *simulated) failDuring(t *testing.T, ops []disk.Op, n int) {
	n = min(n, len(ops)-1)
	require.NoError(t, s.do(ops[:n]...))
	var mattered int
	s.d.FailSyncs(&mattered)
	require.ErrorIs(t, s.do(ops[n:]...), disk.IOError)
	s.d.HealSyncs(&mattered)
}
