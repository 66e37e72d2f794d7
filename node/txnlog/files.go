package txnlog

import (
	"strconv"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// Files knows which files a data directory holds, and turns what a server wants kept
// into disk operations. It does no I/O.
type Files struct {
	logs      []logFile // oldest first
	snapshots []wire.Zxid
	open      bool      // the last log file takes further appends
	last      wire.Zxid // the last transaction logged
	marks     *invariant.Marks
}

// logFile is one log file and the last zxid in it.
type logFile struct {
	name string
	last wire.Zxid
}

// Append returns the operations that log transactions and make them durable.
func (f *Files) Append(txns []tree.Txn) []disk.Op {
	var ops []disk.Op
	var b []byte
	created := !f.open
	f.sometimes(created && f.last > 0, rolled)
	f.sometimes(len(txns) > 1, grouped)
	if created {
		name := logName(txns[0].Zxid)
		f.logs, f.open = append(f.logs, logFile{name: name}), true
		ops = append(ops, disk.Op{Kind: disk.Create, Name: name})
		b = append(b, magic...)
	}
	file := &f.logs[len(f.logs)-1]
	for i := range txns {
		b = appendRecord(b, f.last, &txns[i])
		f.last = txns[i].Zxid
	}
	file.last = f.last
	ops = append(ops, disk.Op{Kind: disk.Append, Name: file.name, Data: b}, disk.Op{Kind: disk.Sync, Name: file.name})
	if created {
		// Without this a power failure may leave no name for the synced bytes.
		ops = append(ops, disk.Op{Kind: disk.SyncDir})
	}
	return ops
}

// AcceptedEpoch returns the operations that replace the acceptedEpoch file.
func (f *Files) AcceptedEpoch(e wire.Epoch) []disk.Op { return replaceEpoch(acceptedEpochFile, e) }

// CurrentEpoch returns the operations that replace the currentEpoch file.
func (f *Files) CurrentEpoch(e wire.Epoch) []disk.Op { return replaceEpoch(currentEpochFile, e) }

func replaceEpoch(name string, e wire.Epoch) []disk.Op {
	return disk.Replace(name, seal(strconv.AppendInt(nil, int64(e), 10)))
}

// Snapshot returns the operations that keep a snapshot of the state at z, begin a new log
// file, and remove what no recovery can need any more: logs and snapshots older than it.
func (f *Files) Snapshot(z wire.Zxid, b []byte) []disk.Op {
	ops := disk.Replace(snapshotName(z), seal(b))
	ops = append(ops, f.removeSnapshots(z)...)
	var kept []logFile
	for _, l := range f.logs {
		if l.last <= z {
			ops = append(ops, disk.Op{Kind: disk.Remove, Name: l.name})
		} else {
			kept = append(kept, l)
		}
	}
	f.logs, f.open = kept, false
	return append(ops, disk.Op{Kind: disk.SyncDir})
}

// Install returns the operations that replace everything by a leader's snapshot at z: the
// snapshot first, then the removal of all logs, newest first, so that at no moment a
// newer log stands behind a hole.
func (f *Files) Install(z wire.Zxid, b []byte) []disk.Op {
	f.sometimes(len(f.logs) > 0, installed)
	ops := disk.Replace(snapshotName(z), seal(b))
	ops = append(ops, f.removeSnapshots(z)...)
	for i := len(f.logs) - 1; i >= 0; i-- {
		ops = append(ops, disk.Op{Kind: disk.Remove, Name: f.logs[i].name})
	}
	f.logs, f.open, f.last = nil, false, z
	return append(ops, disk.Op{Kind: disk.SyncDir})
}

// removeSnapshots removes all snapshots but the one at z, and remembers that one.
func (f *Files) removeSnapshots(z wire.Zxid) (ops []disk.Op) {
	for _, s := range f.snapshots {
		if s != z {
			ops = append(ops, disk.Op{Kind: disk.Remove, Name: snapshotName(s)})
		}
	}
	f.snapshots = []wire.Zxid{z}
	return ops
}
