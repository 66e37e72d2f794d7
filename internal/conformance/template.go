package conformance

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// template builds template hex.
type template struct{ strings.Builder }

func (t *template) raw(p []byte)   { t.WriteString(hex.EncodeToString(p)) }
func (t *template) token(s string) { t.WriteString("<" + s + ">") }
func (t *template) int32(v int32)  { t.raw(binary.BigEndian.AppendUint32(nil, uint32(v))) }
func (t *template) int64(v int64)  { t.raw(binary.BigEndian.AppendUint64(nil, uint64(v))) }
func (t *template) buffer(p []byte) { // nil is a length of -1
	if p == nil {
		t.int32(-1)
		return
	}
	t.int32(int32(len(p)))
	t.raw(p)
}

// fill turns template hex into bytes; value gives those of a token.
func fill(tmpl string, value func(token string) ([]byte, error)) ([]byte, error) {
	var out []byte
	for tmpl != "" {
		digits, rest, found := strings.Cut(tmpl, "<")
		p, err := hex.DecodeString(digits)
		if err != nil {
			return nil, fmt.Errorf("template %q: %w", tmpl, err)
		}
		out = append(out, p...)
		if !found {
			break
		}
		token, behind, closed := strings.Cut(rest, ">")
		if !closed {
			return nil, fmt.Errorf("template %q: a token has no end", tmpl)
		}
		v, err := value(token)
		if err != nil {
			return nil, err
		}
		out, tmpl = append(out, v...), behind
	}
	return out, nil
}

// reader takes a payload apart. It is short when the bytes run out.
type reader struct {
	rest  []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.short = true
		return nil
	}
	p := r.rest[:n]
	r.rest = r.rest[n:]
	return p
}

func (r *reader) int32() int32 {
	if p := r.take(4); p != nil {
		return int32(binary.BigEndian.Uint32(p))
	}
	return 0
}

func (r *reader) int64() int64 {
	if p := r.take(8); p != nil {
		return int64(binary.BigEndian.Uint64(p))
	}
	return 0
}

// buffer returns nil for a length of -1.
func (r *reader) buffer() []byte {
	n := r.int32()
	if r.short || n == -1 {
		return nil
	}
	return r.take(int(n))
}
