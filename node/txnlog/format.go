package txnlog

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// The files of a data directory.
const (
	acceptedEpochFile = "acceptedEpoch"
	currentEpochFile  = "currentEpoch"
	logPrefix         = "log."
	snapshotPrefix    = "snapshot."
)

// magic begins every log file: format 1.
const magic = "zoobreak log 1\n"

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

// appendRecord appends checksum, length, and the body: the zxid before this one, and the
// transaction. The link to the one before makes a hole visible: without it, a log whose
// middle file was removed by an interrupted snapshot installation would read back as a
// history that never was.
func appendRecord(b []byte, prev wire.Zxid, t *tree.Txn) []byte {
	e := wire.Encoder{Buf: b}
	start := len(b)
	e.Int32(0) // checksum, below
	mark := e.Begin()
	e.Int64(int64(prev))
	t.Encode(&e)
	e.End(mark)
	binary.BigEndian.PutUint32(e.Buf[start:], crc32.Checksum(e.Buf[start+4:], castagnoli))
	return e.Buf
}

// record is one decoded log record.
type record struct {
	prev wire.Zxid
	txn  tree.Txn
}

// readRecord decodes the record at the start of b and returns what follows it; ok is
// false if there is no whole, valid record.
func readRecord(b []byte) (r record, rest []byte, ok bool) {
	if len(b) < 8 {
		return r, b, false
	}
	n := int(int32(binary.BigEndian.Uint32(b[4:])))
	if n < 0 || n > len(b)-8 || crc32.Checksum(b[4:8+n], castagnoli) != binary.BigEndian.Uint32(b) {
		return r, b, false
	}
	d := wire.NewDecoder(b[8 : 8+n])
	r.prev, r.txn = wire.Zxid(d.Int64()), tree.DecodeTxn(d)
	return r, b[8+n:], d.Err() == nil
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
