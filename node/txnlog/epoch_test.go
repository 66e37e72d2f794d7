package txnlog

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/wire"
)

// The lives of two epochs as a learner writes them down: it accepts an epoch, takes the
// leader's snapshot or what follows its log, and enters the epoch, in this order.
func epochs(l *lineage) []func(*Files) []disk.Op {
	accept := func(e wire.Epoch) func(*Files) []disk.Op {
		return func(f *Files) []disk.Op { return f.AcceptedEpoch(e) }
	}
	enter := func(e wire.Epoch) func(*Files) []disk.Op {
		return func(f *Files) []disk.Op { return f.CurrentEpoch(e) }
	}
	return []func(*Files) []disk.Op{
		accept(1), enter(1), func(f *Files) []disk.Op { return f.Append(l.txns[:3]) },
		accept(2), func(f *Files) []disk.Op { return f.Install(l.txns[5].Zxid, l.states[6].Snapshot()) }, enter(2),
		func(f *Files) []disk.Op { return f.Append(l.txns[6:8]) },
		accept(4), func(f *Files) []disk.Op { return f.Append(l.txns[8:]) }, enter(4),
	}
}

// Power fails behind every single operation. The server always starts again; each epoch is
// the old one or the new, never a third, never less than what is durable, and what is
// entered has been accepted (ZOOKEEPER-1653, ZOOKEEPER-2307, ZOOKEEPER-4269).
func TestEpochsWheneverPowerFails(t *testing.T) {
	s := onDisk(t, Config{}, 0, 512)
	read := func(i interface{ Files() map[string][]byte }) (accepted, current wire.Epoch) {
		img, _, _, err := Recover(mediumOf(i.Files()), Config{})
		require.NoError(t, err)
		require.GreaterOrEqual(t, img.AcceptedEpoch, img.CurrentEpoch)
		return img.AcceptedEpoch, img.CurrentEpoch
	}
	images := 0
	for at, write := range epochs(whole9) {
		oldAccepted, oldCurrent := read(s.d.Image())
		ops := write(s.files)
		var seen, all [][2]wire.Epoch // seen after the last operation, and ever
		for done := range len(ops) + 1 {
			seen = nil
			for _, image := range s.d.Images() {
				images++
				accepted, current := read(image)
				seen = append(seen, [2]wire.Epoch{accepted, current})
				all = append(all, seen[len(seen)-1])
			}
			if done < len(ops) {
				require.NoError(t, s.do(ops[done]))
			}
		}
		accepted, current := read(s.d.Image())
		for _, e := range all {
			require.Contains(t, []wire.Epoch{oldAccepted, accepted}, e[0], "step %d", at)
			require.Contains(t, []wire.Epoch{oldCurrent, current}, e[1], "step %d", at)
		}
		for _, e := range seen {
			require.Equal(t, [2]wire.Epoch{accepted, current}, e, "step %d: durable in the end", at)
		}
	}
	require.Greater(t, images, 100)
}

// The same with a sync that fails instead, then a life that reads and repairs, then power.
func TestEpochsAfterAFailedSync(t *testing.T) {
	for at := range epochs(whole9) {
		for op := range 5 {
			for seed := range uint64(5) {
				s := onDisk(t, Config{}, seed, 64)
				steps := epochs(whole9)
				for _, write := range steps[:at] {
					require.NoError(t, s.do(write(s.files)...))
				}
				s.failDuring(t, append(steps[at](s.files), disk.Op{Kind: disk.SyncDir}), op)
				s.restart()
				first := s.recover(t)
				s.d.PowerOff(rng.New(seed))
				s.d.Run(s)
				again := s.recover(t)
				what := fmt.Sprintf("step %d, operation %d, seed %d", at, op, seed)
				require.Equal(t, first.AcceptedEpoch, again.AcceptedEpoch, what)
				require.Equal(t, first.CurrentEpoch, again.CurrentEpoch, what)
			}
		}
	}
}

// An epoch entered and not accepted is no crash's doing.
func TestAnEpochThatWasNotAcceptedIsRefused(t *testing.T) {
	s := start(t, newMedium())
	s.do(s.files.AcceptedEpoch(3)).do(s.files.CurrentEpoch(4))
	require.EqualError(t, refused(t, s.m), "txnlog: acceptedEpoch is corrupt: it says 3, and currentEpoch says 4")
	delete(s.m.names, acceptedEpochFile)
	require.EqualError(t, refused(t, s.m), "txnlog: acceptedEpoch is corrupt: it says 0, and currentEpoch says 4")
}
