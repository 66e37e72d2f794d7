package wire

import (
	"encoding/binary"
	"errors"
)

// ErrMalformed says that bytes are not the record they should be. The error itself is a
// *MalformedError.
var ErrMalformed = errors.New("wire: malformed record")

// ErrNoHeader is the ErrMalformed of a frame too short for xid and operation: there is
// nothing that an answer could refer to.
var ErrNoHeader = errors.New("wire: no header")

// Encoder appends jute to Buf. The zero value is ready; with room in Buf, nothing is
// allocated.
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

// String appends a ustring, and null for NullString.
func (e *Encoder) String(s string) {
	if s == NullString {
		e.Int32(-1)
		return
	}
	e.Int32(int32(len(s)))
	e.Buf = append(e.Buf, s...)
}

// JavaString appends a ustring as a ZooKeeper server writes it, which differs from String
// for what lies beyond U+FFFF.
func (e *Encoder) JavaString(s string) {
	size := javaSize(s)
	if size == len(s) || s == NullString {
		e.String(s)
		return
	}
	e.Int32(int32(size))
	e.Buf = appendJava(e.Buf, s)
}

// Strings appends a vector of ustrings, and null for nil.
func (e *Encoder) Strings(v []string) {
	e.count(len(v), v == nil)
	for _, s := range v {
		e.String(s)
	}
}

// JavaStrings appends a vector as a ZooKeeper server writes it: nil is empty, for no server
// sends a null vector.
func (e *Encoder) JavaStrings(v []string) {
	e.count(len(v), false)
	for _, s := range v {
		e.JavaString(s)
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

// ACLs appends a vector of ACLs, and null for nil.
func (e *Encoder) ACLs(v []ACL) {
	e.count(len(v), v == nil)
	for _, a := range v {
		e.Int32(a.Perms)
		e.String(a.Scheme)
		e.String(a.ID)
	}
}

// javaACLs appends a vector as a ZooKeeper server writes it.
func (e *Encoder) javaACLs(v []ACL) {
	e.count(len(v), false)
	for _, a := range v {
		e.Int32(a.Perms)
		e.JavaString(a.Scheme)
		e.JavaString(a.ID)
	}
}

func (e *Encoder) count(n int, null bool) {
	if null {
		n = -1
	}
	e.Int32(int32(n))
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
