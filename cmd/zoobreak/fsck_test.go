package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/node/txnlog"
	"github.com/zoobreak/zoobreak/wire"
)

// directory does what is submitted on a directory of this machine, at once.
type directory string

func (d directory) do(t *testing.T, ops []disk.Op) {
	for _, op := range ops {
		name := filepath.Join(string(d), op.Name)
		switch op.Kind {
		case disk.Create:
			require.NoError(t, os.WriteFile(name, nil, 0o600))
		case disk.Append:
			f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
			require.NoError(t, err)
			_, err = f.Write(op.Data)
			require.NoError(t, err)
			require.NoError(t, f.Close())
		case disk.Rename:
			require.NoError(t, os.Rename(name, filepath.Join(string(d), op.To)))
		case disk.Remove:
			require.NoError(t, os.Remove(name))
		case disk.Sync, disk.SyncDir:
		default:
			t.Fatal(op.Kind)
		}
	}
}

func (d directory) change(t *testing.T, file string, how func([]byte) []byte) {
	name := filepath.Join(string(d), file)
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, how(b), 0o600))
}

type nothing struct{ disk.Reader }

func (nothing) List() ([]string, error) { return nil, nil }

// written is the directory of a server that has logged 12 transactions in three files, and
// has taken snapshots at the 4th and the 8th.
func written(t *testing.T) directory {
	d := directory(t.TempDir())
	_, files, ops, err := txnlog.Recover(nothing{}, txnlog.Config{})
	require.NoError(t, err)
	d.do(t, ops)
	d.do(t, files.AcceptedEpoch(1))
	d.do(t, files.CurrentEpoch(1))
	state := tree.New()
	for n := uint32(1); n <= 12; n++ {
		x := tree.Txn{Zxid: wire.MakeZxid(1, n), Op: wire.OpCreateSession, Session: wire.SessionID(n), TimeoutMillis: 4000}
		state.Apply(&x)
		d.do(t, files.Append([]tree.Txn{x}))
		if n == 4 || n == 8 {
			ops, _ := files.BeginSnapshot(x.Zxid, state.Snapshot())
			d.do(t, ops)
			d.do(t, files.NextChunk())
		}
	}
	return d
}

func flip(at int) func([]byte) []byte {
	return func(b []byte) []byte {
		b[at] ^= 1
		return b
	}
}

// What fsck says of a directory, and with what code it exits. The same text is in the
// golden files: run with -update after an intended change.
func TestFsck(t *testing.T) {
	for _, c := range []struct {
		name string
		code int
		harm func(t *testing.T, d directory)
	}{
		{"whole", 0, func(*testing.T, directory) {}},
		{"new", 0, func(t *testing.T, d directory) {
			require.NoError(t, os.RemoveAll(string(d)))
			require.NoError(t, os.Mkdir(string(d), 0o700))
		}},
		{"torn", 0, func(t *testing.T, d directory) {
			d.change(t, "log.0000000100000009", func(b []byte) []byte { return append(b, "zkrx and half a record"...) })
		}},
		{"left-over", 0, func(t *testing.T, d directory) {
			for _, name := range []string{"snapshot.000000010000000c.tmp", "log.0000000200000001", "myid"} {
				require.NoError(t, os.WriteFile(filepath.Join(string(d), name), []byte("1"), 0o600))
			}
		}},
		{"rot-in-the-open-log", 1, func(t *testing.T, d directory) { d.change(t, "log.0000000100000009", flip(150)) }},
		{"rot-in-an-old-log", 1, func(t *testing.T, d directory) { d.change(t, "log.0000000100000005", flip(150)) }},
		{"rot-in-a-snapshot", 1, func(t *testing.T, d directory) { d.change(t, "snapshot.0000000100000008", flip(30)) }},
		{"a-log-is-missing", 1, func(t *testing.T, d directory) {
			require.NoError(t, os.Remove(filepath.Join(string(d), "log.0000000100000009")))
		}},
		{"no-manifest", 1, func(t *testing.T, d directory) { require.NoError(t, os.Remove(filepath.Join(string(d), "manifest"))) }},
		{"bad-epoch", 1, func(t *testing.T, d directory) { d.change(t, "currentEpoch", flip(0)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := written(t)
			c.harm(t, d)
			r := zoobreak(t, "fsck", string(d))
			require.Equal(t, c.code, r.code, r.out+r.err)
			require.Empty(t, r.err)
			golden(t, "fsck-"+c.name+".golden", r.out)
			said := zoobreak(t, "fsck", "--json", string(d)).lines(t)
			require.Len(t, said, 1)
			require.Equal(t, "fsck", said[0]["type"])
			require.Equal(t, c.code == 1, said[0]["worst"] == "damage")
			require.True(t, strings.HasSuffix(r.out, said[0]["start"].(string)+"\n"))
		})
	}
}

func TestFsckOfNoDirectory(t *testing.T) {
	r := zoobreak(t, "fsck", filepath.Join(t.TempDir(), "nowhere"))
	require.Equal(t, 2, r.code)
	require.Contains(t, r.err, "no such file or directory")
}

// A server keeps its files in a folder of its data directory.
func TestFsckOfTheDirectoryOfAServer(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Rename(string(written(t)), filepath.Join(dir, "zoobreak")))
	r := zoobreak(t, "fsck", dir)
	require.Zero(t, r.code, r.err)
	golden(t, "fsck-whole.golden", r.out)
}
