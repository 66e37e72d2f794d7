package wire_test

import (
	"math"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/wire"
)

func TestPathParentAndBase(t *testing.T) {
	cases := []struct {
		path, parent wire.Path
		base         string
	}{
		{"/", "/", ""},
		{"/a", "/", "a"},
		{"/a/b", "/a", "b"},
		{"/a/b/c-0000000007", "/a/b", "c-0000000007"},
		{"/節点/é", "/節点", "é"},
	}
	for _, c := range cases {
		require.Equal(t, c.parent, c.path.Parent(), c.path)
		require.Equal(t, c.base, c.path.Base(), c.path)
	}
}

func TestPathValidate(t *testing.T) {
	cases := []struct {
		path wire.Path
		want string // "" if there is nothing wrong
	}{
		{"/", ""}, {"/a", ""}, {"/a/b", ""}, {"/a.b", ""}, {"/...", ""}, {"/.a", ""}, {"/a.", ""}, {"/a b", ""}, {"/ü", ""}, {"/日本", ""},
		{"/a\u00a0", ""}, {"/a\ud7ff", ""}, {"/a\uf900", ""}, {"/a\uffef", ""},
		{"", `wire: path "": empty path at byte 0`},
		{wire.NullString, "wire: path is null"},
		{"a/b", `wire: path "a/b": no leading slash at byte 0`},
		{"/a/", `wire: path "/a/": trailing slash at byte 2`},
		{"//", `wire: path "//": trailing slash at byte 1`},
		{"/a//b", `wire: path "/a//b": empty node name at byte 3`},
		{"//a", `wire: path "//a": empty node name at byte 1`},
		{"/.", `wire: path "/.": relative path at byte 1`},
		{"/a/../b", `wire: path "/a/../b": relative path at byte 3`},
		{"/日/.", `wire: path "/日/.": relative path at byte 5`},
		{"/a\x00", `wire: path "/a\x00": invalid character at byte 2`},
		{"/\x1f", `wire: path "/\x1f": invalid character at byte 1`},
		{"/\x7f", `wire: path "/\x7f": invalid character at byte 1`},
		{"/\u0085", `wire: path "/\u0085": invalid character at byte 1`},
		{"/\ue000", `wire: path "/\ue000": invalid character at byte 1`},
		{"/日\ufff0", `wire: path "/日\ufff0": invalid character at byte 4`},
		{"/😀", `wire: path "/😀": invalid character at byte 1`},
	}
	for _, c := range cases {
		err := c.path.Validate()
		require.Equal(t, c.want == "", c.path.Valid(), c.path)
		if c.want == "" {
			require.NoError(t, err, c.path)
			continue
		}
		require.EqualError(t, err, c.want)
		var flaw *wire.PathError
		require.ErrorAs(t, err, &flaw)
	}
}

// javaValid is PathUtils.validatePath as it works: over UTF-16 units, with a look at the
// ones before and behind.
func javaValid(p string) bool {
	u := utf16.Encode([]rune(p))
	if len(u) == 0 || u[0] != '/' || len(u) > 1 && u[len(u)-1] == '/' {
		return false
	}
	for i := 1; i < len(u); i++ {
		ends := i+1 == len(u) || u[i+1] == '/'
		switch c := u[i]; {
		case c == '/' && u[i-1] == '/':
			return false
		case c == '.' && ends && (u[i-1] == '/' || u[i-1] == '.' && u[i-2] == '/'):
			return false
		case c <= 0x1f, c >= 0x7f && c <= 0x9f, c >= 0xd800 && c <= 0xf8ff, c >= 0xfff0:
			return false
		}
	}
	return true
}

func TestPathRulesAreJavas(t *testing.T) {
	piece := rapid.SampledFrom([]string{"/", "/", ".", "..", "a", "\x00", "\x1f", " ", "~", "\x7f", "\u009f", "\u00a0", "\ud7ff", "\ue000", "\uf8ff", "\uf900", "\uffef", "\ufff0", "\uffff", "😀"})
	rapid.Check(t, func(t *rapid.T) {
		p := strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "")
		require.Equal(t, javaValid(p), wire.Path(p).Valid(), "%q", p)
		require.Equal(t, javaValid("/"+p), wire.Path("/"+p).Valid(), "%q", p)
	})
}

// The recorded server called the path of a setData or setACL bad exactly if these rules do:
// it looks at that first, whether there is a node or not.
func TestPathRulesAgreeWithTheRecordings(t *testing.T) {
	valid, invalid := 0, 0
	for _, file := range recordings(t) {
		for _, step := range readRecording(t, file) {
			if step.Kind != "req" || step.Resp == "" {
				continue
			}
			r, err := wire.DecodeRequest(fill(t, step.Req))
			if err != nil || r.Op != wire.OpSetData && r.Op != wire.OpSetACL {
				continue
			}
			reply, err := wire.DecodeReply(fill(t, step.Resp), r.Op)
			require.NoError(t, err)
			require.Equal(t, reply.Err != wire.BadArguments, r.Path.Valid(), "%s, step %d: %q", filepath.Base(file), step.N, r.Path)
			if r.Path.Valid() {
				valid++
			} else {
				invalid++
			}
		}
	}
	require.Greater(t, valid, 100)
	require.Greater(t, invalid, 20)
}

func TestPathSequential(t *testing.T) {
	require.Equal(t, wire.Path("/s-0000000000"), wire.Path("/s-").Sequential(0))
	require.Equal(t, wire.Path("/s-2147483647"), wire.Path("/s-").Sequential(math.MaxInt32))
	require.Equal(t, wire.Path("/s--2147483648"), wire.Path("/s-").Sequential(math.MinInt32))
}
