package wire

import "fmt"

// Path names a znode: absolute, slash separated, without a trailing slash except "/".
// What a client sends need not be one; see Validate.
type Path string

// Parent returns the path above p. The root is its own parent.
func (p Path) Parent() Path {
	for i := len(p) - 1; i > 0; i-- {
		if p[i] == '/' {
			return p[:i]
		}
	}
	return "/"
}

// Base returns the last component of p.
func (p Path) Base() string {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i] == '/' {
			return string(p[i+1:])
		}
	}
	return string(p)
}

// Sequential returns p with the suffix of a sequential node. The counter is a signed int:
// behind 2147483647 comes -2147483648, with eleven characters (ZOOKEEPER-706).
func (p Path) Sequential(counter int32) Path {
	return p + Path(fmt.Sprintf("%010d", counter))
}

// PathError says what is wrong with a path, and where: At counts bytes.
type PathError struct {
	Path   Path
	At     int
	Reason string
}

func (e *PathError) Error() string {
	if e.Path == NullString {
		return "wire: path is null"
	}
	return fmt.Sprintf("wire: path %q: %s at byte %d", string(e.Path), e.Reason, e.At)
}

// Validate applies ZooKeeper's rules for the path of a write (PathUtils.validatePath): a
// server answers BadArguments to what fails them. Reads are not validated there; they find
// no node.
func (p Path) Validate() error {
	at, reason := p.flaw()
	if reason == "" {
		return nil
	}
	return &PathError{p, at, reason}
}

// Valid reports whether Validate finds nothing.
func (p Path) Valid() bool {
	_, reason := p.flaw()
	return reason == ""
}

func (p Path) flaw() (at int, reason string) {
	switch {
	case p == NullString:
		return 0, "null"
	case p == "":
		return 0, "empty path"
	case p[0] != '/':
		return 0, "no leading slash"
	case p == "/":
		return 0, ""
	case p[len(p)-1] == '/':
		return len(p) - 1, "trailing slash"
	}
	start := 1
	for i, r := range p[1:] {
		if r == '/' {
			if reason := componentFlaw(p[start : i+1]); reason != "" {
				return start, reason
			}
			start = i + 2
		} else if forbidden(r) {
			return i + 1, "invalid character"
		}
	}
	return start, componentFlaw(p[start:])
}

func componentFlaw(name Path) string {
	switch name {
	case "":
		return "empty node name"
	case ".", "..":
		return "relative path"
	}
	return ""
}

// forbidden is a rule about UTF-16 units. What lies beyond U+FFFF is a pair of surrogates
// there, and surrogates are forbidden: so are all emoji.
func forbidden(r rune) bool {
	return r <= 0x1f || r >= 0x7f && r <= 0x9f || r >= 0xd800 && r <= 0xf8ff || r >= 0xfff0
}
