package txnlog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// Image is what a server finds on its disk when it starts.
type Image struct {
	AcceptedEpoch wire.Epoch
	CurrentEpoch  wire.Epoch
	Tree          *tree.Tree // as of the newest snapshot that can be read
	Log           []tree.Txn // what was logged after it, in order, without holes

	// What is to be reported, and harms nobody.
	Torn     *Torn           // cut from the end of the log; nil: nothing
	Damaged  []*CorruptError // newer snapshots, in whose place an older one and its logs were read
	LeftOver []string        // files that are no part of the history, and are removed
}

// CorruptError says that a data directory is not what a crash can leave.
type CorruptError struct {
	File  string
	At    int       // byte, if it is a log
	After wire.Zxid // the last good transaction in front of it, if it is a log
	Why   string
}

// Unwrap lets errors.Is(err, disk.Corrupt) find it, whoever has noticed.
func (e *CorruptError) Unwrap() error { return disk.Corrupt }

func (e *CorruptError) Error() string {
	if e.At == 0 {
		return fmt.Sprintf("txnlog: %s is corrupt: %s", e.File, e.Why)
	}
	return fmt.Sprintf("txnlog: %s is corrupt at byte %d, behind %v: %s", e.File, e.At, e.After, e.Why)
}

// Recover reads a data directory. The operations it returns repair what a crash left, and
// must be done before anything that counts on what was read is acknowledged: saves, and all
// that waits for them, go behind them. Votes do not wait; they promise nothing. They write
// again, beside the old files and in their place, all that this server will count on and
// that may not be durable: the epochs, the snapshot, the last log file without its torn
// tail, and the manifest. What was read may be in the cache of the machine and nowhere
// else: (1) a process is killed between a write and its sync; (2) its next life reads the
// bytes, and acknowledges them as logged; (3) the machine loses power, and the bytes were
// never on the disk. A sync would do, had the old life not ended because one failed: then
// the system takes what it could not write for clean, and a second sync is a success that
// writes nothing.
func Recover(d disk.Reader, cfg Config) (Image, *Files, []disk.Op, error) {
	img, f := Image{Tree: tree.New()}, &Files{cfg: cfg.withDefaults()}
	names, err := d.List()
	if err != nil {
		return img, f, nil, err
	}
	s := &source{disk: d, names: names}
	for _, read := range []func(*source, *Files) error{img.readEpochs, img.readManifest, img.readSnapshot, img.readLogs} {
		if err := read(s, f); err != nil {
			return img, f, nil, err
		}
	}
	s.keep(manifestFile, f.manifest.encode())
	return img, f, append(s.writeAgain(), img.removeLeftOver(s, f)...), nil
}

// Believe says what is wrong with an image that is whole, if anything is: a log of an epoch
// that the server has not accepted means that the file which says so is lost. Going on
// would vote as a new server does, and let others cut what was acknowledged (A27).
func (img *Image) Believe() error {
	last := img.Tree.Last()
	if n := len(img.Log); n > 0 {
		last = img.Log[n-1].Zxid
	}
	if last.Epoch() > img.AcceptedEpoch {
		return &CorruptError{File: acceptedEpochFile, Why: fmt.Sprintf("it says %d, and the log goes up to %v", img.AcceptedEpoch, last)}
	}
	return nil
}

// source is a data directory that is being read, and what of it will be counted on.
type source struct {
	disk  disk.Reader
	names []string // sorted
	kept  []content
}

type content struct {
	name string
	b    []byte
}

func (s *source) has(name string) bool { return slices.Contains(s.names, name) }

func (s *source) keep(name string, b []byte) { s.kept = append(s.kept, content{name, b}) }

// writeAgain returns the operations that put new files in place of those that are kept.
// They end with a sync of the directory: what is removed next is not needed any more.
func (s *source) writeAgain() (ops []disk.Op) {
	for _, c := range s.kept {
		ops = append(ops, disk.Replace(c.name, c.b)[:3]...) // written and synced ...
	}
	for _, c := range s.kept {
		ops = append(ops, disk.Replace(c.name, nil)[3]) // ... then renamed, the manifest last
	}
	return append(ops, disk.Op{Kind: disk.SyncDir})
}

func (img *Image) readEpochs(s *source, _ *Files) (err error) {
	if img.AcceptedEpoch, err = s.readEpoch(acceptedEpochFile); err != nil {
		return err
	}
	if img.CurrentEpoch, err = s.readEpoch(currentEpochFile); err != nil {
		return err
	}
	if img.AcceptedEpoch < img.CurrentEpoch {
		return &CorruptError{File: acceptedEpochFile, Why: fmt.Sprintf("it says %d, and %s says %d", img.AcceptedEpoch, currentEpochFile, img.CurrentEpoch)}
	}
	return nil
}

func (s *source) readEpoch(name string) (wire.Epoch, error) {
	if !s.has(name) {
		return 0, nil // a new server has none
	}
	b, err := disk.Read(s.disk, name)
	if err != nil {
		return 0, err // to go on as if there were none could accept an epoch twice
	}
	body, ok := unseal(b)
	e, err := strconv.ParseInt(string(body), 10, 64)
	if !ok || err != nil {
		return 0, &CorruptError{File: name, Why: "bad checksum or number"}
	}
	s.keep(name, b)
	return wire.Epoch(e), nil
}

// readManifest finds out what the history is made of. The first start writes a manifest
// before anything else is written; so where there is none, nothing may be.
func (img *Image) readManifest(s *source, f *Files) error {
	if s.has(manifestFile) {
		b, err := disk.Read(s.disk, manifestFile)
		if err == nil {
			f.manifest, err = parseManifest(b)
		}
		return err
	}
	f.manifest.next = 1
	for _, name := range s.names {
		if ours(name) && !strings.HasSuffix(name, tmpSuffix) {
			return &CorruptError{File: manifestFile, Why: fmt.Sprintf("it is missing, and %s is here", name)}
		}
	}
	return nil
}

// ours reports whether a file is one that this package makes. Others are left alone.
func ours(name string) bool {
	name = strings.TrimSuffix(name, tmpSuffix)
	_, isLog := zxidOf(name, logPrefix)
	_, isSnapshot := zxidOf(name, snapshotPrefix)
	return isLog || isSnapshot || name == manifestFile || name == acceptedEpochFile || name == currentEpochFile
}

// readSnapshot loads the newest snapshot. Snapshots are named by the manifest when they are
// durable, so a bad one is damage, not a crash. An older one, with every log behind
// it, is as good: the manifest says which logs those are, and readLogs misses one that is
// not there.
func (img *Image) readSnapshot(s *source, f *Files) error {
	all := f.manifest.snapshots
	for i := len(all) - 1; i >= 0; i-- {
		t, b, err := s.readSnapshot(all[i])
		if err == nil {
			img.Tree, f.last = t, t.Last()
			f.manifest.snapshots = all[:i+1]
			s.keep(snapshotName(all[i]), b)
			f.sometimes(true, snapshotRead)
			f.sometimes(len(img.Damaged) > 0, olderSnapshot)
			return nil
		}
		corrupt, ok := err.(*CorruptError)
		if !ok {
			return err
		}
		img.Damaged = append(img.Damaged, corrupt)
	}
	f.manifest.snapshots = nil
	if len(img.Damaged) > 0 {
		return img.Damaged[0]
	}
	return nil
}

func (s *source) readSnapshot(z wire.Zxid) (*tree.Tree, []byte, error) {
	name := snapshotName(z)
	if !s.has(name) {
		return nil, nil, &CorruptError{File: name, Why: "it is missing, and the manifest names it"}
	}
	b, err := disk.Read(s.disk, name)
	if err != nil {
		return nil, nil, err
	}
	body, ok := unseal(b)
	if !ok {
		return nil, nil, &CorruptError{File: name, Why: "bad checksum"}
	}
	t, err := tree.Load(body)
	if err != nil {
		return nil, nil, &CorruptError{File: name, Why: err.Error()}
	}
	if t.Last() != z {
		return nil, nil, &CorruptError{File: name, Why: fmt.Sprintf("it holds the state at %v", t.Last())}
	}
	return t, b, nil
}

// readLogs collects what follows the snapshot. A log that ends in front of it is kept for
// older snapshots, and not read.
func (img *Image) readLogs(s *source, f *Files) error {
	logs := f.manifest.logs
	for i := range logs {
		l := &logs[i]
		if newest := i == len(logs)-1; l.last <= img.Tree.Last() && !newest {
			continue
		}
		if err := img.readLog(s, f, l); err != nil {
			if len(img.Damaged) > 0 {
				return img.Damaged[0] // what has to be repaired is the snapshot
			}
			return err
		}
	}
	return nil
}

// readLogFile reads one log that the manifest names.
func (s *source) readLogFile(l *logFile) (c logContent, err error) {
	if !s.has(l.name()) {
		return c, &CorruptError{File: l.name(), Why: "it is missing, and the manifest names it"}
	}
	b, err := disk.Read(s.disk, l.name())
	if err != nil {
		return c, err
	}
	c, err = readLog(l, b)
	c.kept = b[:c.size]
	return c, err
}

func (img *Image) readLog(s *source, f *Files, l *logFile) error {
	c, err := s.readLogFile(l)
	if err != nil {
		return err
	}
	if err := img.take(c, l, f); err != nil {
		return err
	}
	if l == &f.manifest.logs[len(f.manifest.logs)-1] {
		f.sometimes(c.torn != nil, tornTail)
		img.Torn = c.torn
		l.last, l.open = c.last(), false
		s.keep(l.name(), c.kept)
	}
	return nil
}

// take adds what a log holds behind the snapshot to the history.
func (img *Image) take(c logContent, l *logFile, f *Files) error {
	prev := c.prev
	for i := range c.txns {
		z := c.txns[i].Zxid
		if z > img.Tree.Last() {
			if prev != f.last {
				return &CorruptError{File: l.name(), Why: fmt.Sprintf("%v follows %v there, and the history ends at %v", z, prev, f.last)}
			}
			img.Log = append(img.Log, c.txns[i])
			f.last = z
		}
		prev = z
	}
	return nil
}

// removeLeftOver removes what a crash left of files that were being made or removed.
func (img *Image) removeLeftOver(s *source, f *Files) (ops []disk.Op) {
	for _, name := range s.names {
		part := strings.HasSuffix(name, tmpSuffix)
		_, isLog := zxidOf(name, logPrefix)
		_, isSnapshot := zxidOf(name, snapshotPrefix)
		if part && ours(name) || (isLog || isSnapshot) && !f.manifest.names(name) {
			img.LeftOver = append(img.LeftOver, name)
			ops = append(ops, disk.Op{Kind: disk.Remove, Name: name})
		}
	}
	f.sometimes(len(ops) > 0, leftOver)
	if len(ops) > 0 {
		ops = append(ops, disk.Op{Kind: disk.SyncDir})
	}
	return ops
}
