package register

import "encoding/binary"

// What is said. A client gets or sets, and is told one of the next two.
const (
	get int64 = 1 + iota
	set
	done
	notPrimary // nothing was done

	lead  // follow me in this view, and take this record if you have none that is newer
	agree // I do, and this is what I have on disk
)

// record is what the register holds, and the view and the round in which that was proposed.
type record struct{ View, Round, Value int64 }

func (r record) newer(than record) bool {
	return r.View > than.View || r.View == than.View && r.Round > than.Round
}

// message is what servers and clients say, and what a server keeps on its disk.
type message struct {
	Kind     int64
	From     int64 // a server; or, of a client, which of its requests this is
	Promised int64 // the newest view that a server knows: it follows no older one
	record
}

func (m message) encode() []byte {
	b, _ := binary.Append(nil, binary.BigEndian, m) // fails only for fields of no fixed size
	return b
}

// take takes a message off the bytes that have come, if there is a whole one.
func take(b *[]byte) (m message, ok bool) {
	n, err := binary.Decode(*b, binary.BigEndian, &m)
	*b = (*b)[n:]
	return m, err == nil
}
