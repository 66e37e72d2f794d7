package txnlog

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// The files of a data directory.
const (
	acceptedEpochFile = "acceptedEpoch"
	currentEpochFile  = "currentEpoch"
	manifestFile      = "manifest"
	logPrefix         = "log."
	snapshotPrefix    = "snapshot."
	tmpSuffix         = ".tmp"
)

func logName(first wire.Zxid) string     { return fmt.Sprintf("%s%016x", logPrefix, uint64(first)) }
func snapshotName(last wire.Zxid) string { return fmt.Sprintf("%s%016x", snapshotPrefix, uint64(last)) }

// zxidOf returns the zxid in a file name with the prefix.
func zxidOf(name, prefix string) (wire.Zxid, bool) {
	hex, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return 0, false
	}
	z, err := strconv.ParseUint(hex, 16, 64)
	return wire.Zxid(z), err == nil && len(hex) == 16
}

// castagnoli is the polynomial with hardware support on both our architectures.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// magic begins every log file: format 2. The file's number and a checksum follow.
const magic = "zoobreak log 2\n"

const headerSize = len(magic) + 12

func appendHeader(b []byte, file uint64) []byte {
	start := len(b)
	b = append(b, magic...)
	b = binary.BigEndian.AppendUint64(b, file)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

func validHeader(b []byte, file uint64) bool {
	return len(b) >= headerSize && string(b[:headerSize]) == string(appendHeader(nil, file))
}

// A record is a mark, a checksum, a length, and a body of that length: where the batch
// that it was written with begins, the zxid before it, and the transaction.
//
// The checksum begins with the file's number and the record's place in it, so bytes that
// look like a record are one only where they were written: the content of a znode that
// somebody made of log records is not taken for records.
const (
	recordMark    = 0x7a6b7278 // "zkrx": what ends in zeroes is no record
	recordHeader  = 12
	smallestBody  = 16
	afterChecksum = 8
)

// place is where a record is: in which file, at which byte.
type place struct {
	file   uint64
	offset int
}

func (p place) checksum(b []byte) uint32 {
	return crc32.Update(uint32(rng.Mix(p.file, uint64(p.offset))), castagnoli, b)
}

// appendRecord appends a record. The link to the one before makes a hole visible.
func appendRecord(b []byte, at place, batch int, prev wire.Zxid, t *tree.Txn) []byte {
	e := wire.Encoder{Buf: b}
	start := len(b)
	e.Int32(recordMark)
	e.Int32(0) // checksum, below
	mark := e.Begin()
	e.Int64(int64(batch))
	e.Int64(int64(prev))
	t.Encode(&e)
	e.End(mark)
	binary.BigEndian.PutUint32(e.Buf[start+4:], at.checksum(e.Buf[start+afterChecksum:]))
	return e.Buf
}

// record is one decoded log record.
type record struct {
	batch int
	prev  wire.Zxid
	txn   tree.Txn
}

// readRecord decodes the record at the start of b and returns its size; ok is false if
// there is no whole, valid record.
func readRecord(b []byte, at place) (r record, size int, ok bool) {
	if len(b) < recordHeader+smallestBody || binary.BigEndian.Uint32(b) != recordMark {
		return r, 0, false
	}
	n := int(int32(binary.BigEndian.Uint32(b[8:])))
	if n < smallestBody || n > len(b)-recordHeader {
		return r, 0, false
	}
	size = recordHeader + n
	if at.checksum(b[afterChecksum:size]) != binary.BigEndian.Uint32(b[4:]) {
		return r, 0, false
	}
	d := wire.NewDecoder(b[recordHeader:size])
	r.batch, r.prev, r.txn = int(d.Int64()), wire.Zxid(d.Int64()), tree.DecodeTxn(d)
	return r, size, d.Err() == nil
}

// seal adds a checksum to the content of a small file, and unseal checks it.
func seal(b []byte) []byte {
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func unseal(b []byte) ([]byte, bool) {
	if len(b) < 4 {
		return nil, false
	}
	body := b[:len(b)-4]
	return body, crc32.Checksum(body, castagnoli) == binary.BigEndian.Uint32(b[len(body):])
}
