package txnlog

import (
	"fmt"
	"strings"

	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/wire"
)

// The manifest says which logs and snapshots the history is made of. A file that it does
// not name is not there, whatever its name looks like:
//
//   - A log file is named when its first batch is synced, and a snapshot when all of it is.
//     What a crash left half made is not named, and removed.
//   - Whatever makes part of the history void - a leader's snapshot, a cut - is one
//     replacement of the manifest: all of it, or nothing. The removal of the void files may
//     be lost. Without the manifest: (1) the sync of the directory behind the removals
//     fails, and the server ends; (2) its next life does not see the old logs, and logs
//     (1,9), (1,10) and (3,1) behind the new snapshot; (3) the power fails, the removals
//     were never on the disk, and the old (2,1) follows (1,10) as well as (3,1) does.
//   - For each log it says how far that log must go: exactly, for one that is closed; at
//     least, for the one that is open. So the end of a closed log is never taken for torn.

// logFile is one log file as the manifest has it.
type logFile struct {
	first  wire.Zxid
	number uint64    // never used twice in a directory
	last   wire.Zxid // in the log, or in it at least
	open   bool      // it may go on behind last
}

func (l *logFile) name() string { return logName(l.first) }

// manifest is what the file of that name says.
type manifest struct {
	next      uint64 // number of a log file
	snapshots []wire.Zxid
	logs      []logFile // ascending; the last one may be open
}

const manifestMagic = "zoobreak data 1"

func (m *manifest) encode() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nnext %d\n", manifestMagic, m.next)
	for _, z := range m.snapshots {
		fmt.Fprintf(&b, "snapshot %016x\n", uint64(z))
	}
	for _, l := range m.logs {
		state := "closed"
		if l.open {
			state = "open"
		}
		fmt.Fprintf(&b, "log %016x %016x %s %d\n", uint64(l.first), uint64(l.last), state, l.number)
	}
	return seal([]byte(b.String()))
}

func (m *manifest) write() []disk.Op { return disk.Replace(manifestFile, m.encode()) }

// parseManifest accepts what encode makes, and nothing else.
func parseManifest(b []byte) (m manifest, err error) {
	body, ok := unseal(b)
	if !ok {
		return m, &CorruptError{File: manifestFile, Why: "bad checksum"}
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(body), "\n"), "\n") {
		if !m.parseLine(i, line) {
			return m, &CorruptError{File: manifestFile, Why: fmt.Sprintf("line %d: %q", i+1, line)}
		}
	}
	return m, nil
}

func (m *manifest) parseLine(i int, line string) bool {
	if i == 0 {
		return line == manifestMagic
	}
	var first, last uint64
	var state string
	var l logFile
	switch kind, rest, _ := strings.Cut(line, " "); kind {
	case "next":
		_, err := fmt.Sscanf(rest, "%d", &m.next)
		return err == nil && i == 1
	case "snapshot":
		_, err := fmt.Sscanf(rest, "%016x", &first)
		m.snapshots = append(m.snapshots, wire.Zxid(first))
		return err == nil
	case "log":
		_, err := fmt.Sscanf(rest, "%016x %016x %s %d", &first, &last, &state, &l.number)
		l.first, l.last, l.open = wire.Zxid(first), wire.Zxid(last), state == "open"
		m.logs = append(m.logs, l)
		return err == nil && (l.open || state == "closed")
	}
	return false
}

// names reports whether the manifest names a log or snapshot.
func (m *manifest) names(file string) bool {
	for i := range m.logs {
		if m.logs[i].name() == file {
			return true
		}
	}
	for _, z := range m.snapshots {
		if snapshotName(z) == file {
			return true
		}
	}
	return false
}
