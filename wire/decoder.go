package wire

import "encoding/binary"

// Decoder reads jute. After the first short or absurd field every further read gives
// zero values and Err gives a MalformedError, so a record is decoded without a check per
// field. It never allocates more than the bytes at hand justify.
type Decoder struct {
	buf  []byte
	size int // of all that there was to read
	err  error
	dry  bool // counts and checks only: texts and vectors are left empty
}

// NewDecoder reads from b, and keeps it.
func NewDecoder(b []byte) *Decoder { return &Decoder{buf: b, size: len(b)} }

// Err returns a *MalformedError, which is ErrMalformed, if any read failed.
func (d *Decoder) Err() error { return d.err }

// Rest returns what has not been read.
func (d *Decoder) Rest() []byte { return d.buf }

// fail keeps the first flaw.
func (d *Decoder) fail(f Flaw, value int32) {
	if d.err == nil {
		d.err = &MalformedError{Flaw: f, At: d.size - len(d.buf), Value: value}
	}
}

func (d *Decoder) take(n int) []byte {
	switch {
	case d.err != nil:
		return nil
	case n < 0:
		d.fail(BadLength, int32(n))
		return nil
	case n > len(d.buf):
		d.fail(Truncated, int32(n))
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

// Bool reads one byte. As in Java, any but 0 is true.
func (d *Decoder) Bool() bool {
	b := d.take(1)
	return b != nil && b[0] != 0
}

// View reads a buffer; null gives nil. The result aliases the bytes that are decoded.
func (d *Decoder) View() []byte {
	n := d.Int32()
	if n == -1 || d.err != nil {
		return nil
	}
	return d.take(int(n))
}

// Bytes reads a buffer; null gives nil. The result is a copy.
func (d *Decoder) Bytes() []byte { return clone(d.View()) }

// clone copies a buffer; null stays null, and empty empty.
func clone(b []byte) []byte {
	if b == nil {
		return nil
	}
	return append(make([]byte, 0, len(b)), b...)
}

// String reads a ustring as Java does: null gives NullString, and what is not UTF-8 becomes
// U+FFFD.
func (d *Decoder) String() string { return d.text(false) }

// JavaString reads a ustring that a ZooKeeper server wrote; see Encoder.JavaString.
func (d *Decoder) JavaString() string { return d.text(true) }

func (d *Decoder) text(joined bool) string {
	b := d.View()
	switch {
	case d.err != nil || d.dry:
		return ""
	case b == nil:
		return NullString
	case joined:
		return joinedString(b)
	}
	return javaString(b)
}

// count reads the length of a vector whose elements take at least least bytes each, so
// that a claimed count beyond the bytes at hand is refused before anything is made. As in
// Java, -1 is null and any other negative count is empty.
func (d *Decoder) count(least int) (n int, null bool) {
	c := d.Int32()
	if c < 0 {
		return 0, c == -1
	}
	if int64(c)*int64(least) > int64(len(d.buf)) {
		d.fail(Truncated, c)
	}
	if d.err != nil {
		return 0, true
	}
	return int(c), false
}

// Strings reads a vector of ustrings; null gives nil.
func (d *Decoder) Strings() []string { return d.texts(false) }

// JavaStrings reads a vector that a ZooKeeper server wrote; see Encoder.JavaStrings.
func (d *Decoder) JavaStrings() []string { return d.texts(true) }

func (d *Decoder) texts(joined bool) []string {
	n, null := d.count(4)
	if null && !joined {
		return nil
	}
	v := make([]string, 0, d.room(n))
	for range n {
		if s := d.text(joined); !d.dry {
			v = append(v, s)
		}
	}
	return v
}

// room is how many elements of n a slice is made for.
func (d *Decoder) room(n int) int {
	if d.dry {
		return 0
	}
	return n
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

// ACLs reads a vector of ACLs; null gives nil.
func (d *Decoder) ACLs() []ACL { return d.acls(false) }

func (d *Decoder) acls(joined bool) []ACL {
	n, null := d.count(12)
	if null && !joined {
		return nil
	}
	v := make([]ACL, 0, d.room(n))
	for range n {
		if a := (ACL{d.Int32(), d.text(joined), d.text(joined)}); !d.dry {
			v = append(v, a)
		}
	}
	return v
}
