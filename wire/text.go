package wire

import (
	"strings"
	"unicode/utf8"
)

// NullString stands for a null ustring, which is not an empty one. No decoded text is equal
// to it, because decoding leaves only UTF-8.
//
// Apache ZooKeeper 3.8, asked about a null path, answers MarshallingError to reads, creates,
// checkWatches and any multi, BadArguments to setData, setACL, check and deleteContainer,
// NoWatcher to removeWatches; it takes one in sync, which echoes it, getEphemerals, where
// it means all, and addWatch. A null scheme in an ACL is InvalidACL, a null id of any scheme
// but auth MarshallingError, a null scheme of auth AuthFailed; a null token of sasl closes.
// Setting watches from a null list, or a null name in one of the first three, is
// MarshallingError behind the events of the names before it.
const NullString = "\xff"

// javaString reads UTF-8 as Java does: what is malformed becomes U+FFFD.
func javaString(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return rewrite(b, malformed)
}

// joinedString is javaString for text that Java wrote: pairs of surrogates are what they
// stand for.
func joinedString(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return rewrite(b, func(b []byte) (rune, int) {
		if high, ok := surrogate(b, 0xd800); ok {
			if low, ok := surrogate(b[3:], 0xdc00); ok {
				return 0x10000 + high<<10 + low, 6
			}
		}
		return malformed(b)
	})
}

// rewrite copies text and replaces what is not UTF-8.
func rewrite(b []byte, replace func([]byte) (r rune, size int)) string {
	var s strings.Builder
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			r, size = replace(b)
		}
		s.WriteRune(r)
		b = b[size:]
	}
	return s.String()
}

// malformed returns how many bytes at the beginning of b one U+FFFD stands for in Java: the
// longest beginning of a character, where a surrogate counts as one.
func malformed(b []byte) (rune, int) {
	n := 1
	for n < min(characterSize(b[0]), len(b)) && continues(b, n) {
		n++
	}
	return utf8.RuneError, n
}

// characterSize is the size that a first byte announces.
func characterSize(lead byte) int {
	switch {
	case lead >= 0xf5:
		return 1
	case lead >= 0xf0:
		return 4
	case lead >= 0xe0:
		return 3
	case lead >= 0xc2:
		return 2
	}
	return 1
}

// continues reports whether b[n] may continue a character that begins at b[0].
func continues(b []byte, n int) bool {
	least, most := byte(0x80), byte(0xbf)
	if n == 1 {
		switch b[0] {
		case 0xe0:
			least = 0xa0
		case 0xf0:
			least = 0x90
		case 0xf4:
			most = 0x8f
		}
	}
	return least <= b[n] && b[n] <= most
}

// surrogate reads three bytes that encode a surrogate of the half that begins at base.
func surrogate(b []byte, base rune) (offset rune, ok bool) {
	if len(b) < 3 || b[0] != 0xed || !continues(b, 1) || !continues(b, 2) {
		return 0, false
	}
	offset = 0xd000 | rune(b[1]&0x3f)<<6 | rune(b[2]&0x3f) - base
	return offset, 0 <= offset && offset < 0x400
}

// javaSize is how many bytes appendJava appends.
func javaSize(s string) int {
	n := len(s)
	for i := range len(s) {
		if s[i] >= 0xf0 { // the first of four bytes, for which Java writes six
			n += 2
		}
	}
	return n
}

// appendJava appends UTF-8 as Java's jute writes it: what lies beyond U+FFFF is a pair of
// surrogates of three bytes each, which no standard decoder takes.
func appendJava(dst []byte, s string) []byte {
	for _, r := range s {
		if r <= 0xffff {
			dst = utf8.AppendRune(dst, r)
			continue
		}
		r -= 0x10000
		dst = appendSurrogate(dst, 0xd800+r>>10)
		dst = appendSurrogate(dst, 0xdc00+r&0x3ff)
	}
	return dst
}

func appendSurrogate(dst []byte, r rune) []byte {
	return append(dst, 0xe0|byte(r>>12), 0x80|byte(r>>6&0x3f), 0x80|byte(r&0x3f))
}
