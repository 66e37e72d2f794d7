package wire

import "encoding/binary"

// MaxFrame is ZooKeeper's default jute.maxbuffer: a frame of exactly this length passes.
const MaxFrame = 0xfffff

// keepBuffer bounds the memory of a framer that has nothing to do: a snapshot of a peer
// comes once, and its buffer would stay as long as the connection.
const keepBuffer = 64 << 10

// Framer cuts a byte stream into length-prefixed frames, whatever the segments.
type Framer struct {
	buf  []byte
	read int // bytes of buf that were handed out
	Max  int // largest frame; 0 means MaxFrame
}

// Feed adds a segment, which is copied.
func (f *Framer) Feed(b []byte) {
	switch {
	case f.read == len(f.buf) && cap(f.buf) > keepBuffer:
		f.buf, f.read = nil, 0
	case f.read == len(f.buf):
		f.buf, f.read = f.buf[:0], 0
	case len(f.buf)+len(b) > cap(f.buf): // rather than grow, forget what was handed out
		f.buf, f.read = f.buf[:copy(f.buf, f.buf[f.read:])], 0
	}
	f.buf = append(f.buf, b...)
}

// Next returns the next whole frame, without its length; ok is false if there is none
// yet. A negative or oversized length is a MalformedError for ever: there is no way to find
// the next frame. The frame is valid until the next Feed.
func (f *Framer) Next() (frame []byte, ok bool, err error) {
	rest := f.buf[f.read:]
	if len(rest) < 4 {
		return nil, false, nil
	}
	length := int32(binary.BigEndian.Uint32(rest))
	if length < 0 {
		return nil, false, &MalformedError{Flaw: FrameNegative, Value: length}
	}
	n := int(length)
	if n > f.limit() {
		return nil, false, &MalformedError{Flaw: FrameTooLong, Value: length}
	}
	if len(rest) < 4+n {
		return nil, false, nil
	}
	f.read += 4 + n
	return rest[4 : 4+n : 4+n], true, nil
}

// Word returns the next four bytes, if they have come. Before a session these may be an
// administrator's four-letter word, which as a length is far beyond any limit.
func (f *Framer) Word() (word string, ok bool) {
	rest := f.buf[f.read:]
	if len(rest) < 4 {
		return "", false
	}
	return string(rest[:4]), true
}

func (f *Framer) limit() int {
	if f.Max > 0 {
		return f.Max
	}
	return MaxFrame
}
