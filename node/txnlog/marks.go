package txnlog

import "github.com/zoobreak/zoobreak/internal/invariant"

var declared invariant.Declared

// Marks are the rare branches of a log that a campaign must reach.
func Marks() []*invariant.Mark { return declared.All() }

var (
	tornTail     = declared.Mark("log: torn tail", "a start finds bytes at the end of the log that are no record, and cuts them off")
	strayRecords = declared.Mark("log: stray records", "a start finds records that do not continue the history, and removes them")
	snapshotRead = declared.Mark("log: start from snapshot", "a start finds a snapshot")
	rolled       = declared.Mark("log: rolled", "a log goes on in another file")
	grouped      = declared.Mark("log: group commit", "one sync makes several transactions durable")
	installed    = declared.Mark("log: replaced", "a log is replaced by a leader's snapshot")
)

func (f *Files) sometimes(ok bool, m *invariant.Mark) { invariant.Sometimes(f.marks, ok, m) }
