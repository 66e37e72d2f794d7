package disk_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
)

// The order is what makes it atomic and durable: bytes before the name, the name before
// it is relied on.
func TestReplaceIsDurableBeforeItIsVisible(t *testing.T) {
	require.Equal(t, []disk.Op{
		{Kind: disk.Create, Name: "epoch.tmp"},
		{Kind: disk.Append, Name: "epoch.tmp", Data: []byte("7")},
		{Kind: disk.Sync, Name: "epoch.tmp"},
		{Kind: disk.Rename, Name: "epoch.tmp", To: "epoch"},
		{Kind: disk.SyncDir},
	}, disk.Replace("epoch", []byte("7")))
}

func TestKindsForPeople(t *testing.T) {
	for k, want := range map[disk.Kind]string{
		disk.Create: "create", disk.Append: "append", disk.Truncate: "truncate", disk.Sync: "sync",
		disk.Rename: "rename", disk.Remove: "remove", disk.SyncDir: "syncdir",
		0: "disk.Kind(0)", 99: "disk.Kind(99)",
	} {
		require.Equal(t, want, k.String())
	}
}

func TestErrorsNameWhatAndWhere(t *testing.T) {
	err := &disk.Error{Op: disk.Sync, Name: "log.1", Why: "input/output error"}
	require.EqualError(t, err, "disk: sync log.1: input/output error")
}
