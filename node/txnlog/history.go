package txnlog

import (
	"slices"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/wire"
)

// snapshot is one that is being written.
type snapshot struct {
	zxid    wire.Zxid
	content []byte // sealed
	written int
}

// BeginSnapshot begins to keep the state at z, and a new log file. NextChunk goes on with it.
// While one snapshot is being written another is not begun, and false is returned: the
// disk does not keep up, and more of them would not help.
func (f *Files) BeginSnapshot(z wire.Zxid, b []byte) (ops []disk.Op, ok bool) {
	f.sometimes(f.writing != nil, snapshotSkipped)
	if f.writing != nil {
		return nil, false
	}
	f.writing = &snapshot{zxid: z, content: seal(b)}
	return f.close(), true
}

// NextChunk returns the operations that write some more of the snapshot that was begun, and
// nil if there is none. Each chunk is synced, so that no sync of the log that comes between
// two of them has to wait for more than one. With the last one the snapshot gets its name,
// the manifest names it, and what retention lets go of is removed.
func (f *Files) NextChunk() (ops []disk.Op) {
	w := f.writing
	if w == nil {
		return nil
	}
	name := snapshotName(w.zxid)
	tmp := name + tmpSuffix
	if w.written == 0 {
		ops = append(ops, disk.Op{Kind: disk.Create, Name: tmp})
	}
	chunk := w.content[w.written:min(w.written+f.cfg.ChunkBytes, len(w.content))]
	w.written += len(chunk)
	ops = append(ops, disk.Op{Kind: disk.Append, Name: tmp, Data: chunk}, disk.Op{Kind: disk.Sync, Name: tmp})
	if w.written < len(w.content) {
		return ops
	}
	f.writing = nil
	if !slices.Contains(f.manifest.snapshots, w.zxid) {
		f.manifest.snapshots = append(f.manifest.snapshots, w.zxid)
		slices.Sort(f.manifest.snapshots)
	}
	ops = append(ops, disk.Op{Kind: disk.Rename, Name: tmp, To: name}, disk.Op{Kind: disk.SyncDir})
	return append(ops, f.keepOnly(f.retained())...)
}

// abandon gives up the snapshot that is being written: it is of a history that is void.
func (f *Files) abandon() []disk.Op {
	w := f.writing
	f.writing = nil
	if w == nil || w.written == 0 {
		return nil
	}
	f.sometimes(true, snapshotAbandoned)
	return []disk.Op{{Kind: disk.Remove, Name: snapshotName(w.zxid) + tmpSuffix}}
}

// retained is what the newest snapshots and every log that may hold a transaction behind
// the oldest of them are (ZOOKEEPER-3231, ZOOKEEPER-2574). A log's name tells where it begins,
// which says nothing about where it ends; and only a snapshot that is whole counts, which
// all are that the manifest names.
func (f *Files) retained() manifest {
	m := manifest{next: f.manifest.next, snapshots: f.manifest.snapshots}
	if n := len(m.snapshots) - f.cfg.KeepSnapshots; n > 0 {
		m.snapshots = slices.Clone(m.snapshots[n:])
	}
	oldest := wire.Zxid(0)
	if len(m.snapshots) > 0 {
		oldest = m.snapshots[0]
	}
	for _, l := range f.manifest.logs {
		if l.last > oldest {
			m.logs = append(m.logs, l)
		}
	}
	return m
}

// Install returns the operations that replace everything by a leader's snapshot at z. All
// that was here is void from the moment at which the manifest is replaced.
func (f *Files) Install(z wire.Zxid, b []byte) []disk.Op {
	f.sometimes(len(f.manifest.logs) > 0, installed)
	ops := append(f.abandon(), f.close()...)
	ops = append(ops, disk.Replace(snapshotName(z), seal(b))...)
	f.last = z
	return append(ops, f.keepOnly(manifest{next: f.manifest.next, snapshots: []wire.Zxid{z}})...)
}

// Truncate (A28.13) returns the operations that take back every transaction behind z, which must be
// one that is logged. Snapshots behind it go as well: one that survived would bring back at
// the next start what was cut (ZOOKEEPER-1549). The bytes behind z in its log file stay there,
// and are void: the manifest says where the log ends.
func (f *Files) Truncate(z wire.Zxid) []disk.Op {
	ops := append(f.abandon(), f.close()...)
	m := manifest{next: f.manifest.next}
	for _, s := range f.manifest.snapshots {
		if s <= z {
			m.snapshots = append(m.snapshots, s)
		}
	}
	for _, l := range f.manifest.logs {
		if l.first <= z {
			l.last = min(l.last, z)
			m.logs = append(m.logs, l)
		}
	}
	invariant.That(len(m.snapshots) > 0 || len(f.manifest.snapshots) == 0, "a cut at %v leaves one of the snapshots %v: they hold what is committed", z, f.manifest.snapshots)
	f.sometimes(z < f.last, truncated)
	f.last = z
	return append(ops, f.keepOnly(m)...)
}

// keepOnly makes m the manifest, and removes what it names no more. The removals need no
// sync: a file that comes back is not named.
func (f *Files) keepOnly(m manifest) []disk.Op {
	old := f.manifest
	f.manifest = m
	ops := m.write()
	for i := range old.logs {
		if name := old.logs[i].name(); !m.names(name) {
			ops = append(ops, disk.Op{Kind: disk.Remove, Name: name})
		}
	}
	for _, z := range old.snapshots {
		if name := snapshotName(z); !m.names(name) {
			ops = append(ops, disk.Op{Kind: disk.Remove, Name: name})
		}
	}
	return ops
}
