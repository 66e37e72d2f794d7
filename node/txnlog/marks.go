package txnlog

import "github.com/zoobreak/zoobreak/internal/invariant"

var declared invariant.Declared

// Marks are the rare branches of a log that a campaign must reach.
func Marks() []*invariant.Mark { return declared.All() }

var (
	tornTail          = declared.Mark("log: torn tail", "a start finds bytes at the end of the log that are no record, and cuts them off")
	leftOver          = declared.Mark("log: left-over files", "a start finds files that are no part of the history, and removes them")
	snapshotRead      = declared.Mark("log: start from snapshot", "a start finds a snapshot")
	olderSnapshot     = declared.Mark("log: older snapshot", "a start finds the newest snapshot damaged, and an older one with all logs behind it")
	rolled            = declared.Mark("log: rolled", "a log goes on in another file")
	grouped           = declared.Mark("log: group commit", "one sync makes several transactions durable")
	reservedMore      = declared.Mark("log: more room", "a log file outgrows the room that was made for it")
	snapshotSkipped   = declared.Mark("log: snapshot skipped", "a snapshot is due while the one before it is being written")
	snapshotAbandoned = declared.Mark("log: snapshot abandoned", "a leader's snapshot or a cut comes while a snapshot is being written")
	installed         = declared.Mark("log: replaced", "a log is replaced by a leader's snapshot")
	truncated         = declared.Mark("log: truncated", "the end of a log is taken back")
)

func (f *Files) sometimes(ok bool, m *invariant.Mark) { invariant.Sometimes(f.cfg.Marks, ok, m) }
