package gate

import "encoding/binary"

// headLength is how much of a frame somebody looks at: its length, and enough for a
// request's xid and operation, a reply's header, and the session of a handshake's answer.
const headLength = 4 + 16

// frames follows one direction of a connection, whatever the segments.
type frames struct {
	head  [headLength]byte
	have  int // of head
	left  int // bytes of the frame that have not come, once its length is known
	lost  bool
	count int64
}

// feed takes in bytes, and calls each for every frame that ends in them, with what is kept
// of its beginning. After a length that cannot be there is no next frame: whoever reads
// the frames closes the connection.
func (f *frames) feed(b []byte, each func(head []byte)) {
	for len(b) > 0 && !f.lost {
		if f.have < 4 {
			n := copy(f.head[f.have:4], b)
			f.have, b = f.have+n, b[n:]
			if f.have < 4 {
				return
			}
			f.left = int(int32(binary.BigEndian.Uint32(f.head[:])))
			if f.lost = f.left < 0; f.lost {
				return
			}
		}
		n := min(f.left, len(b))
		f.have += copy(f.head[f.have:], b[:n])
		f.left, b = f.left-n, b[n:]
		if f.left == 0 {
			f.count++
			each(f.head[4:f.have])
			f.have = 0
		}
	}
}
