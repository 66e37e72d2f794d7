package disk

import (
	"fmt"
	"strings"
)

// Cause is why an operation failed, as a value: errors.Is(err, disk.NoSpace).
type Cause uint8

// The causes.
const (
	Other       Cause = iota // something that only the Detail tells
	NoSuchFile               // there is no file of that name
	NoSpace                  // the disk is full, or a quota or limit is reached
	IOError                  // the medium failed
	Corrupt                  // the medium answers, with what is not what was written
	BadName                  // not the name of a file in this directory
	BadArgument              // a size out of range, or no such operation
)

var causeNames = [...]string{
	Other: "failed", NoSuchFile: "no such file", NoSpace: "no space left", IOError: "input/output error", Corrupt: "corrupt",
	BadName: "not the name of a file in this directory", BadArgument: "bad argument",
}

// Error implements error, so that a Cause can be asked for with errors.Is.
func (c Cause) Error() string {
	if int(c) < len(causeNames) {
		return causeNames[c]
	}
	return fmt.Sprintf("disk.Cause(%d)", uint8(c))
}

// Error is a failed operation.
type Error struct {
	Op     Kind
	Name   string // of the file; empty if the operation is one of the directory
	Cause  Cause
	Detail string // what more there is to say, if anything
}

func (e *Error) Error() string {
	what := "disk: " + e.Op.String()
	if e.Name != "" {
		what += " " + e.Name
	}
	switch {
	case e.Detail == "":
		return what + ": " + e.Cause.Error()
	case e.Cause == Other:
		return what + ": " + e.Detail
	}
	return what + ": " + e.Cause.Error() + ": " + e.Detail
}

// Unwrap makes errors.Is find the cause.
func (e *Error) Unwrap() error { return e.Cause }

// CheckName accepts the name of a file in the directory, and nothing that leads anywhere
// else on any system.
func CheckName(name string) error {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\:\x00") {
		return BadName
	}
	return nil
}
