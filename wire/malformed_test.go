package wire_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/wire"
)

// What is wrong is told with its place. The bodies are those of recorded requests, spoiled.
func TestMalformedRequestsSayWhatAndWhere(t *testing.T) {
	const create = `00000001 00000001 00000004 2f626967 00000004 64617461`
	cases := []struct {
		name, hex, want string
	}{
		{"nothing", ``, "wire: malformed record: no header, at byte 0"},
		{"an xid alone", `00000001`, "wire: malformed record: no header, at byte 0"},
		{"no body", `00000001 00000001`, "wire: malformed record: truncated (4), at byte 8"},
		{"a path beyond the end", `00000001 00000001 000000c8 2f61`, "wire: malformed record: truncated (200), at byte 12"},
		{"a vector beyond the end", create + `7fffffff`, "wire: malformed record: truncated (2147483647), at byte 28"},
		{"a negative length", `00000001 00000001 00000004 2f626967 fffffffb`, "wire: malformed record: bad length (-5), at byte 20"},
		{"a multi without its end", `00000001 0000000e 00000002 00 ffffffff 00000004 2f6d2f31 ffffffff`, "wire: malformed record: truncated (4), at byte 29"},
		{"setACL in a multi", `00000001 0000000e 00000007 00 ffffffff 00000004`, "wire: malformed record: does not belong in a multi (7), at byte 17"},
		{"TTL flags on a create in a multi", `00000001 0000000e 00000001 00 ffffffff 00000001 2f 00000000 00000000 00000005 ffffffff 01 ffffffff`,
			"wire: malformed record: does not belong in a multi (5), at byte 34"},
		{"a read behind a write", `00000001 0000000e 00000002 00 ffffffff 00000001 2f ffffffff 00000004 00 ffffffff 00000001 2f 00 ffffffff 01 ffffffff`,
			"wire: malformed record: a multi of reads and writes, at byte 41"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := wire.DecodeRequest(bytesOf(t, c.hex))
			require.EqualError(t, err, c.want)
			require.ErrorIs(t, err, wire.ErrMalformed)
			require.Equal(t, len(bytesOf(t, c.hex)) < 8, errors.Is(err, wire.ErrNoHeader))
		})
	}
}

func TestMalformedRepliesSayWhat(t *testing.T) {
	_, err := wire.DecodeReply(make([]byte, 15), wire.OpPing)
	require.ErrorIs(t, err, wire.ErrNoHeader)
	_, err = wire.DecodeReply(bytesOf(t, `00000001 0000000000000001 00000000 00000007 00 00000000`), wire.OpMulti)
	require.EqualError(t, err, "wire: malformed record: has no result in a multi (7), at byte 25")
}

func TestFrameErrorsHaveTheLength(t *testing.T) {
	for _, c := range []struct {
		hex, want string
		flaw      wire.Flaw
	}{
		{`00100000`, "wire: malformed record: frame too long (1048576), at byte 0", wire.FrameTooLong},
		{`ffffff00`, "wire: malformed record: negative frame length (-256), at byte 0", wire.FrameNegative},
	} {
		var f wire.Framer
		f.Feed(bytesOf(t, c.hex))
		_, _, err := f.Next()
		require.EqualError(t, err, c.want)
		var m *wire.MalformedError
		require.ErrorAs(t, err, &m)
		require.Equal(t, c.flaw, m.Flaw)
	}
}

// A four-letter word is no frame; who listens for one looks before taking frames.
func TestFramerShowsWords(t *testing.T) {
	var f wire.Framer
	f.Feed([]byte("ruo"))
	_, ok := f.Word()
	require.False(t, ok)
	f.Feed([]byte("k"))
	word, ok := f.Word()
	require.True(t, ok)
	require.Equal(t, "ruok", word)
	_, _, err := f.Next()
	require.ErrorIs(t, err, wire.ErrMalformed)
}

// An ExampleDecodeRequest is what a server makes of what it is sent.
func ExampleDecodeRequest() {
	for _, frame := range [][]byte{
		{0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 1, '/', 0}, // getChildren /
		{0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0, 9, '/', 0}, // its path is cut
		{255, 255, 255, 252, 0, 0, 0, 100},           // auth without a body
		{0, 0, 0, 3, 0, 0, 3, 231},                   // no such operation
		{0, 0, 0},
	} {
		r, err := wire.DecodeRequest(frame)
		switch {
		case errors.Is(err, wire.ErrNoHeader):
			fmt.Println("close:", err)
		case err != nil && (r.Op == wire.OpAuth || r.Op == wire.OpSASL):
			fmt.Println("close:", err)
		case err != nil:
			fmt.Println("answer", r.Xid, wire.MarshallingError.Err(r.Op, ""))
		case !r.Op.Known():
			fmt.Println("answer", r.Xid, wire.Unimplemented.Err(r.Op, ""), "with zxid -1, and close")
		default:
			fmt.Println("serve", r.Xid, r.Op, r.Path)
		}
	}
	// Output:
	// serve 1 getChildren /
	// answer 2 getChildren: marshalling error (-5)
	// close: wire: malformed record: truncated (4), at byte 8
	// answer 3 op(999): unimplemented (-6) with zxid -1, and close
	// close: wire: malformed record: no header, at byte 0
}
