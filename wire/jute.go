package wire

import (
	"encoding/binary"
	"errors"
)

// ErrMalformed says that bytes are not the record they should be.
var ErrMalformed = errors.New("wire: malformed record")

// Encoder appends jute to Buf. The zero value is ready.
type Encoder struct{ Buf []byte }

// Int32 appends an int.
func (e *Encoder) Int32(v int32) { e.Buf = binary.BigEndian.AppendUint32(e.Buf, uint32(v)) }

// Int64 appends a long.
func (e *Encoder) Int64(v int64) { e.Buf = binary.BigEndian.AppendUint64(e.Buf, uint64(v)) }

// Bool appends one byte, 0 or 1.
func (e *Encoder) Bool(v bool) {
	b := byte(0)
	if v {
		b = 1
	}
	e.Buf = append(e.Buf, b)
}

// Bytes appends a buffer. Nil is length -1: null and empty differ on the wire.
func (e *Encoder) Bytes(b []byte) {
	if b == nil {
		e.Int32(-1)
		return
	}
	e.Int32(int32(len(b)))
	e.Buf = append(e.Buf, b...)
}

// String appends a ustring.
func (e *Encoder) String(s string) {
	e.Int32(int32(len(s)))
	e.Buf = append(e.Buf, s...)
}

// Strings appends a vector of ustrings.
func (e *Encoder) Strings(v []string) {
	e.Int32(int32(len(v)))
	for _, s := range v {
		e.String(s)
	}
}

// Stat appends the 68 bytes of a Stat.
func (e *Encoder) Stat(s *Stat) {
	e.Int64(int64(s.Czxid))
	e.Int64(int64(s.Mzxid))
	e.Int64(s.Ctime)
	e.Int64(s.Mtime)
	e.Int32(s.Version)
	e.Int32(s.Cversion)
	e.Int32(s.Aversion)
	e.Int64(int64(s.EphemeralOwner))
	e.Int32(s.DataLength)
	e.Int32(s.NumChildren)
	e.Int64(int64(s.Pzxid))
}

// ACLs appends a vector of ACLs.
func (e *Encoder) ACLs(v []ACL) {
	e.Int32(int32(len(v)))
	for _, a := range v {
		e.Int32(a.Perms)
		e.String(a.Scheme)
		e.String(a.ID)
	}
}

// Begin reserves the four bytes of a frame's length and returns where they are.
func (e *Encoder) Begin() (mark int) {
	e.Int32(0)
	return len(e.Buf)
}

// End fills in the length of the frame that Begin opened.
func (e *Encoder) End(mark int) {
	binary.BigEndian.PutUint32(e.Buf[mark-4:], uint32(len(e.Buf)-mark))
}

// Decoder reads jute. After the first short or absurd field every further read gives
// zero values and Err gives ErrMalformed, so a record is decoded without a check per
// field. It never allocates more than the bytes at hand justify.
type Decoder struct {
	buf []byte
	err error
}

// NewDecoder reads from b, and keeps it.
func NewDecoder(b []byte) *Decoder { return &Decoder{buf: b} }

// Err returns ErrMalformed if any read failed.
func (d *Decoder) Err() error { return d.err }

// Rest returns what has not been read.
func (d *Decoder) Rest() []byte { return d.buf }

func (d *Decoder) take(n int) []byte {
	if d.err != nil || n < 0 || n > len(d.buf) {
		d.err = ErrMalformed
		return nil
	}
	b := d.buf[:n:n]
	d.buf = d.buf[n:]
	return b
}

// Int32 reads an int.
func (d *Decoder) Int32() int32 {
	if b := d.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

// Int64 reads a long.
func (d *Decoder) Int64() int64 {
	if b := d.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

// Bool reads one byte.
func (d *Decoder) Bool() bool {
	b := d.take(1)
	return b != nil && b[0] != 0
}

// Bytes reads a buffer; null gives nil. The result is a copy.
func (d *Decoder) Bytes() []byte {
	n := d.Int32()
	if n == -1 || d.err != nil {
		return nil
	}
	b := d.take(int(n))
	if d.err != nil {
		return nil
	}
	return append(make([]byte, 0, len(b)), b...)
}

// String reads a ustring; null gives "".
func (d *Decoder) String() string {
	n := d.Int32()
	if n == -1 || d.err != nil {
		return ""
	}
	return string(d.take(int(n)))
}

// count reads the length of a vector whose elements take at least min bytes each, so
// that a claimed count beyond the bytes at hand is refused before anything is made.
func (d *Decoder) count(min int) int {
	n := d.Int32()
	if n == -1 {
		return 0
	}
	if n < 0 || int64(n)*int64(min) > int64(len(d.buf)) {
		d.err = ErrMalformed
		return 0
	}
	return int(n)
}

// Strings reads a vector of ustrings.
func (d *Decoder) Strings() []string {
	n := d.count(4)
	v := make([]string, 0, n)
	for range n {
		v = append(v, d.String())
	}
	return v
}

// Stat reads a Stat.
func (d *Decoder) Stat() (s Stat) {
	s.Czxid, s.Mzxid = Zxid(d.Int64()), Zxid(d.Int64())
	s.Ctime, s.Mtime = d.Int64(), d.Int64()
	s.Version, s.Cversion, s.Aversion = d.Int32(), d.Int32(), d.Int32()
	s.EphemeralOwner = SessionID(d.Int64())
	s.DataLength, s.NumChildren = d.Int32(), d.Int32()
	s.Pzxid = Zxid(d.Int64())
	return s
}

// ACLs reads a vector of ACLs.
func (d *Decoder) ACLs() []ACL {
	n := d.count(12)
	v := make([]ACL, 0, n)
	for range n {
		v = append(v, ACL{Perms: d.Int32(), Scheme: d.String(), ID: d.String()})
	}
	return v
}

// MaxFrame is ZooKeeper's default jute.maxbuffer: a frame of exactly this length passes.
const MaxFrame = 0xfffff

// Framer cuts a byte stream into length-prefixed frames, whatever the segments.
type Framer struct {
	buf []byte
	Max int // largest frame; 0 means MaxFrame
}

// Feed adds a segment.
func (f *Framer) Feed(b []byte) { f.buf = append(f.buf, b...) }

// Next returns the next whole frame, without its length; ok is false if there is none
// yet. A negative or oversized length is ErrMalformed for ever. The frame is valid
// until the next Feed.
func (f *Framer) Next() (frame []byte, ok bool, err error) {
	if len(f.buf) < 4 {
		return nil, false, nil
	}
	n := int(int32(binary.BigEndian.Uint32(f.buf)))
	if n < 0 || n > f.limit() {
		return nil, false, ErrMalformed
	}
	if len(f.buf) < 4+n {
		return nil, false, nil
	}
	frame = f.buf[4 : 4+n : 4+n]
	f.buf = f.buf[4+n:]
	return frame, true, nil
}

func (f *Framer) limit() int {
	if f.Max > 0 {
		return f.Max
	}
	return MaxFrame
}
