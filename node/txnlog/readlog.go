package txnlog

import (
	"bytes"
	"fmt"

	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// Torn is the end of a log that a crash left half written. Nobody was told that it was
// kept.
type Torn struct {
	File  string
	At    int       // the first byte that is no part of the log
	Bytes int       // how many follow, up to the last that is not zero
	After wire.Zxid // the last transaction in front of it
}

// logContent is what reading a log file gives.
type logContent struct {
	txns    []tree.Txn
	prev    wire.Zxid // before the first
	batches int
	size    int    // bytes that stay, and
	kept    []byte // these bytes
	torn    *Torn
}

func (c *logContent) last() wire.Zxid { return c.txns[len(c.txns)-1].Zxid }

// readLog reads one log file, and tells what a crash may have torn from what something
// else has damaged. A batch of records is written when the batch before it is durable, so
// a crash can harm none but the last one; every record says where its batch begins:
//
//   - In front of what the manifest promises, nothing can be torn.
//   - A bad record is damage if anywhere behind it there is a valid one of a batch that begins
//     behind it: when that batch was written the bad record was durable.
//   - Valid records of the bad one's own batch prove nothing. No sync had answered, and
//     the disk writes sectors in any order.
//   - Zeroes up to the end are room that was made and not used.
//
// What cannot be told: damage to the very last batch of an open log looks like a torn tail.
// Nothing written later vouches for it. It is cut, and reported; from the next start on
// the log is closed, and its end vouched for by the manifest.
func readLog(l *logFile, b []byte) (c logContent, err error) {
	if !validHeader(b, l.number) {
		return c, &CorruptError{File: l.name(), Why: fmt.Sprintf("it does not begin as log number %d does", l.number)}
	}
	c.size = headerSize
	last := wire.Zxid(0)
	for last != l.last || l.open {
		r, size, ok := readRecord(b[c.size:], place{l.number, c.size})
		if !ok {
			c.torn, err = l.bad(b, c.size, last)
			return c, err
		}
		if len(c.txns) == 0 {
			c.prev = r.prev
		} else if r.prev != last {
			return c, l.corrupt(c.size, last, fmt.Sprintf("the record there is %v and follows %v", r.txn.Zxid, r.prev))
		}
		if r.batch == c.size {
			c.batches++
		}
		c.txns = append(c.txns, r.txn)
		last = r.txn.Zxid
		c.size += size
	}
	return c, nil
}

// bad says what bytes are that are no record.
func (l *logFile) bad(b []byte, at int, last wire.Zxid) (*Torn, error) {
	if last < l.last {
		return nil, l.corrupt(at, last, fmt.Sprintf("bad record, and the manifest promises more, up to %v", l.last))
	}
	if later, ok := l.laterBatch(b, at); ok {
		return nil, l.corrupt(at, last, fmt.Sprintf("bad record, and at byte %d there is one that was written when this one was durable", later))
	}
	used := len(bytes.TrimRight(b[at:], "\x00"))
	if used == 0 {
		return nil, nil
	}
	return &Torn{File: l.name(), At: at, Bytes: used, After: last}, nil
}

func (l *logFile) corrupt(at int, after wire.Zxid, why string) error {
	return &CorruptError{File: l.name(), At: at, After: after, Why: why}
}

// laterBatch looks for a valid record behind at, of a batch that begins behind at.
func (l *logFile) laterBatch(b []byte, at int) (offset int, ok bool) {
	mark := []byte{recordMark >> 24, recordMark >> 16 & 0xff, recordMark >> 8 & 0xff, recordMark & 0xff}
	for q := at + 1; q < len(b); q++ {
		i := bytes.Index(b[q:], mark)
		if i < 0 {
			break
		}
		q += i
		if r, _, ok := readRecord(b[q:], place{l.number, q}); ok && r.batch > at {
			return q, true
		}
	}
	return 0, false
}
