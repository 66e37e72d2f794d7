package txnlog

import (
	"strconv"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// Config is how a data directory is kept. The zero value is how ZooKeeper keeps it, without
// preallocation.
type Config struct {
	RollBytes     int64 // a log file that has reached this size is closed; 0: 64 MiB
	Preallocate   int64 // room is made for so many bytes at a time; 0: none
	KeepSnapshots int   // with the logs behind the oldest of them; 0: 3
	ChunkBytes    int   // of a snapshot that are written at a time; 0: 1 MiB
	Marks         *invariant.Marks
}

func (c Config) withDefaults() Config {
	if c.RollBytes == 0 {
		c.RollBytes = 64 << 20
	}
	if c.KeepSnapshots == 0 {
		c.KeepSnapshots = 3
	}
	if c.ChunkBytes == 0 {
		c.ChunkBytes = 1 << 20
	}
	return c
}

// Files knows which files a data directory holds, and turns what a server wants kept
// into disk operations. It does no I/O.
type Files struct {
	cfg      Config
	manifest manifest
	last     wire.Zxid // the last transaction logged
	size     int       // of the open log, and
	reserved int64     // the room that it has
	writing  *snapshot // nil: none
}

// open returns the log that takes further appends, or nil.
func (f *Files) open() *logFile {
	if n := len(f.manifest.logs); n > 0 && f.manifest.logs[n-1].open {
		return &f.manifest.logs[n-1]
	}
	return nil
}

// Append returns the operations that log transactions and make them durable. They are one
// batch: it is written when the batch before it is durable, and not before. That is what
// reading rests on; see readLog.
func (f *Files) Append(txns []tree.Txn) (ops []disk.Op) {
	f.sometimes(len(txns) > 1, grouped)
	if l := f.open(); l != nil && int64(f.size) >= f.cfg.RollBytes {
		ops = f.close()
	}
	b := make([]byte, 0, sizeOf(txns))
	l := f.open()
	created := l == nil
	if created {
		f.sometimes(f.last > 0, rolled)
		l = f.create(txns[0].Zxid)
		ops = append(ops, disk.Op{Kind: disk.Create, Name: l.name()})
		b = appendHeader(b, l.number)
	}
	b = f.encode(b, l, txns)
	ops = append(ops, f.reserve(l, len(b))...)
	f.size += len(b)
	ops = append(ops, disk.Op{Kind: disk.Append, Name: l.name(), Data: b}, disk.Op{Kind: disk.Sync, Name: l.name()})
	if created {
		// Without this a power failure may leave no name for the synced bytes.
		ops = append(ops, disk.Op{Kind: disk.SyncDir})
		ops = append(ops, f.manifest.write()...)
	}
	return ops
}

// sizeOf is about how many bytes the records of a batch are, and mostly not less.
func sizeOf(txns []tree.Txn) int {
	n := headerSize
	for i := range txns {
		n += recordHeader + smallestBody + 128 + len(txns[i].Path) + len(txns[i].Data)
	}
	return n
}

func (f *Files) create(first wire.Zxid) *logFile {
	f.manifest.logs = append(f.manifest.logs, logFile{first: first, number: f.manifest.next, open: true})
	f.manifest.next++
	f.size, f.reserved = 0, 0
	return f.open()
}

// encode appends the records of one batch.
func (f *Files) encode(b []byte, l *logFile, txns []tree.Txn) []byte {
	batch := f.size + len(b)
	for i := range txns {
		b = appendRecord(b, place{l.number, f.size + len(b)}, batch, f.last, &txns[i])
		f.last = txns[i].Zxid
	}
	l.last = f.last
	return b
}

// reserve makes room for n more bytes: a sync then writes them, and no new size.
func (f *Files) reserve(l *logFile, n int) []disk.Op {
	if f.cfg.Preallocate <= 0 || int64(f.size+n) <= f.reserved {
		return nil
	}
	f.reserved = (int64(f.size+n)/f.cfg.Preallocate + 1) * f.cfg.Preallocate
	f.sometimes(f.size > 0, reservedMore)
	return []disk.Op{{Kind: disk.Preallocate, Name: l.name(), Size: f.reserved}}
}

// close ends the open log, if there is one. The room that it did not use is given back; if a
// crash keeps it, nobody minds.
func (f *Files) close() []disk.Op {
	l := f.open()
	if l == nil {
		return nil
	}
	l.open = false
	if f.reserved > int64(f.size) {
		return []disk.Op{{Kind: disk.Truncate, Name: l.name(), Size: int64(f.size)}}
	}
	return nil
}

// AcceptedEpoch returns the operations that replace the acceptedEpoch file.
func (f *Files) AcceptedEpoch(e wire.Epoch) []disk.Op { return replaceEpoch(acceptedEpochFile, e) }

// CurrentEpoch returns the operations that replace the currentEpoch file.
func (f *Files) CurrentEpoch(e wire.Epoch) []disk.Op { return replaceEpoch(currentEpochFile, e) }

func replaceEpoch(name string, e wire.Epoch) []disk.Op {
	return disk.Replace(name, seal(strconv.AppendInt(nil, int64(e), 10)))
}
