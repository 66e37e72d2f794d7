package txnlog

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// Where no crash can have torn anything, every changed byte is corruption: going on would
// silently undo what was acknowledged.
func TestEveryChangedByteIsRefused(t *testing.T) {
	s := start(t, newMedium())
	s.do(s.files.AcceptedEpoch(12)).do(s.files.CurrentEpoch(11))
	s = s.do(s.files.Append(whole9.txns[:2])).do(s.files.Snapshot(whole9.txns[0].Zxid, whole9.states[1].Snapshot())).restart()
	s = s.do(s.files.Append(whole9.txns[2:4])).restart()
	s = s.do(s.files.Append(whole9.txns[4:5])).restart()
	n, ok := whole9.read(s.img)
	require.True(t, ok && n == 5)
	names := s.m.list()
	require.Len(t, names, 6)
	last := logName(whole9.txns[4].Zxid)
	for _, name := range slices.DeleteFunc(names, func(n string) bool { return n == last }) {
		for i := range s.m.names[name].data {
			damaged := s.m.copy()
			damaged.names[name].data[i] ^= 0x40
			_, _, _, err := Recover(damaged, nil)
			var corrupt *CorruptError
			require.ErrorAs(t, err, &corrupt, "%s, byte %d", name, i)
			require.Equal(t, name, corrupt.File)
		}
	}
	_, _, _, err := Recover(s.m, nil)
	require.NoError(t, err)
}

func TestCorruptErrorNamesTheFileAndThePlace(t *testing.T) {
	s := start(t, newMedium())
	s = s.do(s.files.Append(whole9.txns[:1])).restart()
	s.do(s.files.Append(whole9.txns[1:2]))
	s.m.names[logName(whole9.txns[0].Zxid)].data[len(magic)+9] ^= 1
	_, _, _, err := Recover(s.m, nil)
	require.EqualError(t, err, "txnlog: log.0000000100000001 is corrupt: bad record at byte 15, and later files follow")
}

// A snapshot with a good checksum and bad content is refused as well.
func TestSnapshotThatIsNoStateIsRefused(t *testing.T) {
	name := snapshotName(wire.MakeZxid(1, 1))
	_, _, _, err := Recover(mediumOf(map[string][]byte{name: seal([]byte("no state"))}), nil)
	require.EqualError(t, err, "txnlog: "+name+" is corrupt: wire: malformed record")
}

// Files of others are left alone: temporary files of an interrupted replacement too.
func TestOtherFilesAreIgnored(t *testing.T) {
	s := start(t, mediumOf(map[string][]byte{
		"snapshot.0000000100000001.tmp": []byte("half a snap"), "acceptedEpoch.tmp": {}, "log.txt": []byte("hello"), "myid": []byte("1"),
	}))
	require.Equal(t, tree.New().Digest(), s.img.Tree.Digest())
	require.Empty(t, s.img.Log)
	require.Len(t, s.m.list(), 4)
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
