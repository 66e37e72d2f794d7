package txnlog

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/internal/invariant"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// Image is what a server finds on its disk when it starts.
type Image struct {
	AcceptedEpoch wire.Epoch
	CurrentEpoch  wire.Epoch
	Tree          *tree.Tree // as of the newest snapshot
	Log           []tree.Txn // what was logged after it, in order, without holes
	TornBytes     int        // cut from the end of the log: never acknowledged
}

// CorruptError says that a data directory is not what a crash can leave.
type CorruptError struct{ File, Why string }

// Unwrap lets errors.Is(err, disk.Corrupt) find it, whoever has noticed.
func (e *CorruptError) Unwrap() error { return disk.Corrupt }

func (e *CorruptError) Error() string { return fmt.Sprintf("txnlog: %s is corrupt: %s", e.File, e.Why) }

// Recover reads a data directory. The operations it returns repair what a crash left, and
// must be done before anything that depends on what was read leaves the server. They cut
// a torn tail; and they sync the last log file and the directory even if nothing is
// wrong with them: (1) a process is killed between a write and its sync; (2) its next
// life reads the bytes from the cache of the machine, and acknowledges them as logged;
// (3) the machine loses power, and the bytes were never on the disk.
func Recover(d disk.Disk, marks *invariant.Marks) (Image, *Files, []disk.Op, error) {
	img, f := Image{Tree: tree.New()}, &Files{marks: marks}
	names, err := d.List()
	if err != nil {
		return img, f, nil, err
	}
	if img.AcceptedEpoch, err = readEpoch(d, names, acceptedEpochFile); err != nil {
		return img, f, nil, err
	}
	if img.CurrentEpoch, err = readEpoch(d, names, currentEpochFile); err != nil {
		return img, f, nil, err
	}
	if img.AcceptedEpoch < img.CurrentEpoch {
		return img, f, nil, &CorruptError{acceptedEpochFile, fmt.Sprintf("it says %d, and %s says %d", img.AcceptedEpoch, currentEpochFile, img.CurrentEpoch)}
	}
	if err = img.readSnapshot(d, names, f); err != nil {
		return img, f, nil, err
	}
	repair, err := img.readLogs(d, logNames(names), f)
	if err != nil {
		return img, f, nil, err
	}
	if n := len(f.logs); n > 0 {
		repair = append(repair, disk.Op{Kind: disk.Sync, Name: f.logs[n-1].name})
	}
	return img, f, append(repair, disk.Op{Kind: disk.SyncDir}), nil
}

func readEpoch(d disk.Disk, names []string, name string) (wire.Epoch, error) {
	if !slices.Contains(names, name) {
		return 0, nil // a new server has none
	}
	b, err := disk.Read(d, name)
	if err != nil {
		return 0, err // to go on as if there were none could accept an epoch twice
	}
	body, ok := unseal(b)
	e, err := strconv.ParseInt(string(body), 10, 64)
	if !ok || err != nil {
		return 0, &CorruptError{name, "bad checksum or number"}
	}
	return wire.Epoch(e), nil
}

// readSnapshot loads the newest snapshot. Snapshots are synced before they get their
// name, so a bad one is corruption, not a crash: going on with an older one could
// silently undo transactions that only the newer one holds.
func (img *Image) readSnapshot(d disk.Disk, names []string, f *Files) error {
	newest := ""
	for _, name := range names { // sorted, so by zxid
		if z, ok := zxidOf(name, snapshotPrefix); ok {
			f.snapshots = append(f.snapshots, z)
			newest = name
		}
	}
	if newest == "" {
		return nil
	}
	b, err := disk.Read(d, newest)
	if err != nil {
		return err
	}
	body, ok := unseal(b)
	if !ok {
		return &CorruptError{newest, "bad checksum"}
	}
	if img.Tree, err = tree.Load(body); err != nil {
		return &CorruptError{newest, err.Error()}
	}
	f.last = img.Tree.Last()
	f.sometimes(true, snapshotRead)
	return nil
}

// readLogs collects what follows the snapshot. Only the end of the last file may be torn.
func (img *Image) readLogs(d disk.Disk, names []string, f *Files) (repair []disk.Op, err error) {
	for i, name := range names {
		b, err := disk.Read(d, name)
		if err != nil {
			return nil, err
		}
		good, end := img.readLog(name, b, f)
		if end == torn && i < len(names)-1 {
			return nil, &CorruptError{name, fmt.Sprintf("bad record at byte %d, and later files follow", good)}
		}
		if end == stray && len(f.snapshots) == 0 {
			return nil, &CorruptError{name, "its records follow others that are not here, and there is no snapshot that could hold them"}
		}
		f.sometimes(end == torn, tornTail)
		f.sometimes(end == stray, strayRecords)
		if end == torn {
			img.TornBytes = len(b) - good
		}
		if end != whole {
			repair = append(repair, cut(name, good)...)
		}
		if end == stray {
			return append(repair, removeAll(names[i+1:])...), nil
		}
	}
	return repair, nil
}

func removeAll(names []string) (ops []disk.Op) {
	for i := len(names) - 1; i >= 0; i-- {
		ops = append(ops, disk.Op{Kind: disk.Remove, Name: names[i]})
	}
	return ops
}

func logNames(names []string) (logs []string) {
	for _, name := range names {
		if _, ok := zxidOf(name, logPrefix); ok {
			logs = append(logs, name)
		}
	}
	return logs
}

// cut returns the repair of a file of which only the first good bytes are whole records.
func cut(name string, good int) []disk.Op {
	if good <= len(magic) {
		return []disk.Op{{Kind: disk.Remove, Name: name}}
	}
	return []disk.Op{{Kind: disk.Truncate, Name: name, Size: int64(good)}}
}

// ending says why reading a log file stopped.
type ending int

const (
	whole ending = iota // at its end
	torn                // at bytes that are no record
	stray               // at a record that does not continue the history
)

// readLog adds the file's records to the history and returns how many bytes of it stay.
//
// A stray record is left over from before a snapshot was installed, if power failed
// while the old logs were being removed. It must go now: (1) the snapshot ends at
// (1,8), the leftover (2,1) follows (1,10); (2) this server later logs (1,9), (1,10),
// then (3,1); (3) at the next start (2,1) would seem to follow (1,10), and (3,1), which
// a leader may count on, would seem to be the stray.
func (img *Image) readLog(name string, b []byte, f *Files) (good int, end ending) {
	if len(b) < len(magic) || string(b[:len(magic)]) != magic {
		return 0, torn
	}
	rest := b[len(magic):]
	last := wire.Zxid(0)
	for len(rest) > 0 && end == whole {
		r, after, ok := readRecord(rest)
		switch {
		case !ok:
			end = torn
			continue
		case r.txn.Zxid <= img.Tree.Last(): // the snapshot has it
		case r.prev != f.last:
			end = stray
			continue
		default:
			img.Log = append(img.Log, r.txn)
			f.last = r.txn.Zxid
		}
		last, rest = r.txn.Zxid, after
	}
	if last != 0 {
		f.logs = append(f.logs, logFile{name, last})
	}
	return len(b) - len(rest), end
}
