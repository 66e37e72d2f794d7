package wire_test

import (
	"encoding/hex"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/wire"
)

// echoes are bytes that Apache ZooKeeper 3.8 was sent as the path of a sync, and the path
// that it answered with.
var echoes = []struct{ name, sent, heard string }{
	{"plain", "2f61", "2f61"},
	{"beyond U+FFFF: two surrogates", "2ff09f9880", "2feda0bdedb880"},
	{"two stray bytes", "2f61fffe", "2f61efbfbdefbfbd"},
	{"surrogates, each one character to Java", "2f61eda0bdedb8807a", "2f61efbfbdefbfbd7a"},
	{"half a surrogate", "2f61eda0", "2f61efbfbd"},
	{"two bytes of three", "2f61e7af", "2f61efbfbd"},
	{"three bytes of four", "2f61f09f98", "2f61efbfbd"},
	{"two bytes of four, then another character", "2f61f09f41", "2f61efbfbd41"},
	{"overlong, and beyond U+10FFFF", "2f61c0af78e0808079f08080807af490808077f5808080",
		"2f61efbfbdefbfbd78efbfbdefbfbdefbfbd79efbfbdefbfbdefbfbdefbfbd7aefbfbdefbfbdefbfbdefbfbd77efbfbdefbfbdefbfbdefbfbd"},
	{"interrupted at each byte", "2fe74180e7af41f0418080f09f4180f09f9841",
		"2fefbfbd41efbfbdefbfbd41efbfbd41efbfbdefbfbdefbfbd41efbfbdefbfbd41"},
}

func TestTextIsEchoedAsZooKeeperDoes(t *testing.T) {
	for _, c := range echoes {
		t.Run(c.name, func(t *testing.T) {
			sent, err := hex.DecodeString(c.sent)
			require.NoError(t, err)
			r, err := wire.DecodeRequest(encoded(func(e *wire.Encoder) { e.Int32(1); e.Int32(int32(wire.OpSync)); e.Bytes(sent) }))
			require.NoError(t, err)
			require.True(t, utf8.ValidString(string(r.Path)))

			answer := wire.Reply{Xid: 1, Path: r.Path}
			body := encoded(func(e *wire.Encoder) { answer.Encode(e, wire.OpSync) })[16:]
			require.Equal(t, c.heard, hex.EncodeToString(body[4:]))
		})
	}
}

// Whatever the bytes, decoded text is UTF-8, and UTF-8 stays what it is.
func TestDecodedTextIsUTF8(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := append([]byte{}, rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")...)
		for _, read := range []func(*wire.Decoder) string{(*wire.Decoder).String, (*wire.Decoder).JavaString} {
			s := read(wire.NewDecoder(encoded(func(e *wire.Encoder) { e.Bytes(b) })))
			require.True(t, utf8.ValidString(s))
			if utf8.Valid(b) {
				require.Equal(t, string(b), s)
			}
		}
	})
}

// A client understands what a server says, though half the decoders of the world would not.
func TestJavaTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		b := encoded(func(e *wire.Encoder) { e.JavaString(s) })
		require.Equal(t, s, wire.NewDecoder(b).JavaString())
	})
	require.Equal(t, "\ufffd", wire.NewDecoder([]byte{0, 0, 0, 3, 0xed, 0xa0, 0xbd}).JavaString(), "a surrogate alone is nothing")
	require.Equal(t, "\ufffd\ufffd", wire.NewDecoder([]byte{0, 0, 0, 6, 0xed, 0xb8, 0x80, 0xed, 0xa0, 0xbd}).JavaString(), "nor is a pair the wrong way round")
}
