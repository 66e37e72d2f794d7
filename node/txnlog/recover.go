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
// must be done before anything that depends on what was read leaves the server. They write
// again, beside the old files and in their place, all that this server will count on: the
// epochs, the snapshot, and the last log file without its torn tail. What was read may be in
// the cache of the machine and nowhere else: (1) a process is killed between a write and its
// sync; (2) its next life reads the bytes, and acknowledges them as logged; (3) the machine
// loses power, and the bytes were never on the disk. A sync would do, had the old life not
// ended because one failed: then the system takes what it could not write for clean, and a
// second sync is a success that writes nothing.
func Recover(d disk.Disk, marks *invariant.Marks) (Image, *Files, []disk.Op, error) {
	img, f := Image{Tree: tree.New()}, &Files{marks: marks}
	names, err := d.List()
	if err != nil {
		return img, f, nil, err
	}
	s := &source{disk: d, names: names}
	if img.AcceptedEpoch, err = s.readEpoch(acceptedEpochFile); err != nil {
		return img, f, nil, err
	}
	if img.CurrentEpoch, err = s.readEpoch(currentEpochFile); err != nil {
		return img, f, nil, err
	}
	if img.AcceptedEpoch < img.CurrentEpoch {
		return img, f, nil, &CorruptError{acceptedEpochFile, fmt.Sprintf("it says %d, and %s says %d", img.AcceptedEpoch, currentEpochFile, img.CurrentEpoch)}
	}
	if err = img.readSnapshot(s, f); err != nil {
		return img, f, nil, err
	}
	removals, err := img.readLogs(s, f)
	if err != nil {
		return img, f, nil, err
	}
	return img, f, append(s.writeAgain(), removals...), nil
}

// source is a data directory that is being read, and what of it will be counted on.
type source struct {
	disk  disk.Disk
	names []string // sorted
	kept  []content
}

type content struct {
	name string
	b    []byte
}

func (s *source) keep(name string, b []byte) { s.kept = append(s.kept, content{name, b}) }

// writeAgain returns the operations that put new files in place of those that are kept.
// They end with a sync of the directory: what is removed next is not needed any more.
func (s *source) writeAgain() (ops []disk.Op) {
	for _, c := range s.kept {
		ops = append(ops, disk.Replace(c.name, c.b)[:3]...) // written and synced ...
	}
	for _, c := range s.kept {
		ops = append(ops, disk.Replace(c.name, nil)[3]) // ... then renamed
	}
	return append(ops, disk.Op{Kind: disk.SyncDir})
}

func (s *source) readEpoch(name string) (wire.Epoch, error) {
	if !slices.Contains(s.names, name) {
		return 0, nil // a new server has none
	}
	b, err := disk.Read(s.disk, name)
	if err != nil {
		return 0, err // to go on as if there were none could accept an epoch twice
	}
	body, ok := unseal(b)
	e, err := strconv.ParseInt(string(body), 10, 64)
	if !ok || err != nil {
		return 0, &CorruptError{name, "bad checksum or number"}
	}
	s.keep(name, b)
	return wire.Epoch(e), nil
}

// readSnapshot loads the newest snapshot. Snapshots are synced before they get their
// name, so a bad one is corruption, not a crash: going on with an older one could
// silently undo transactions that only the newer one holds.
func (img *Image) readSnapshot(s *source, f *Files) error {
	newest := ""
	for _, name := range s.names { // sorted, so by zxid
		if z, ok := zxidOf(name, snapshotPrefix); ok {
			f.snapshots = append(f.snapshots, z)
			newest = name
		}
	}
	if newest == "" {
		return nil
	}
	b, err := disk.Read(s.disk, newest)
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
	s.keep(newest, b)
	f.sometimes(true, snapshotRead)
	return nil
}

// readLogs collects what follows the snapshot. Only the end of the last file may be torn.
// It returns how to remove what is no part of the history.
func (img *Image) readLogs(s *source, f *Files) (removals []disk.Op, err error) {
	names := logNames(s.names)
	last := content{}
	for i, name := range names {
		b, err := disk.Read(s.disk, name)
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
		if good > len(magic) {
			last = content{name, b[:good]}
		} else {
			removals = append(removals, disk.Op{Kind: disk.Remove, Name: name})
		}
		if end == stray {
			removals = append(removals, removeAll(names[i+1:])...)
			break
		}
	}
	if last.name != "" {
		s.keep(last.name, last.b)
	}
	if len(removals) > 0 {
		removals = append(removals, disk.Op{Kind: disk.SyncDir})
	}
	return removals, nil
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
