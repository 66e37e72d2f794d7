package wire

import "fmt"

// Flaw is what is wrong with bytes that are not the record they should be.
type Flaw uint8

// The flaws.
const (
	Truncated     Flaw = iota // a field, or the vector that Value counts, is longer than what is left
	BadLength                 // Value is a negative length
	NoHeader                  // the frame is too short for a request's or reply's header
	NotInMulti                // Value is an operation, or flag of one, that a multi cannot hold
	MixedMulti                // a multi both reads and writes
	NotInResult               // Value is an operation that has no result in a multi
	FrameTooLong              // Value is the length of a frame, beyond the limit
	FrameNegative             // Value is the length of a frame
)

var flawNames = [...]string{
	Truncated: "truncated", BadLength: "bad length", NoHeader: "no header", NotInMulti: "does not belong in a multi",
	MixedMulti: "a multi of reads and writes", NotInResult: "has no result in a multi",
	FrameTooLong: "frame too long", FrameNegative: "negative frame length",
}

func (f Flaw) String() string { return flawNames[f] }

// MalformedError says that bytes are not the record they should be: why, and where.
//
// What ZooKeeper does about it depends on the packet, and the caller has it all. It closes
// the connection for a bad frame, a ConnectRequest, a request without its header, and the
// body of auth or sasl. It answers MarshallingError to any other body, and the connection
// lives.
type MalformedError struct {
	Flaw  Flaw
	At    int   // byte of the frame
	Value int32 // see Flaw
}

func (e *MalformedError) Error() string {
	switch e.Flaw {
	case NoHeader, MixedMulti:
		return fmt.Sprintf("%v: %v, at byte %d", ErrMalformed, e.Flaw, e.At)
	}
	return fmt.Sprintf("%v: %v (%d), at byte %d", ErrMalformed, e.Flaw, e.Value, e.At)
}

// Is makes every MalformedError an ErrMalformed, and one without a header ErrNoHeader.
func (e *MalformedError) Is(target error) bool {
	return target == ErrMalformed || target == ErrNoHeader && e.Flaw == NoHeader
}
