package disktest

import (
	"io"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
)

func readAnywhere(s *stage) {
	s.must(create("log"), add("log", "abcdef"))
	size, err := s.Disk.Size("log")
	require.NoError(s.t, err)
	require.EqualValues(s.t, 6, size)
	for _, c := range []struct {
		offset int64
		want   string
		end    error
	}{{0, "abc", nil}, {3, "def", nil}, {4, "ef", io.EOF}, {6, "", io.EOF}, {100, "", io.EOF}} {
		b := make([]byte, 3)
		n, err := s.Disk.ReadAt("log", b, c.offset)
		require.Equal(s.t, c.end, err, "at %d", c.offset)
		require.Equal(s.t, c.want, string(b[:n]))
	}
	for _, e := range []*disk.Error{
		{Op: disk.ReadAt, Name: "none", Cause: disk.NoSuchFile}, {Op: disk.ReadAt, Name: "../log", Cause: disk.BadName}, {Op: disk.ReadAt, Name: "", Cause: disk.BadName},
	} {
		_, err := s.Disk.ReadAt(e.Name, nil, 0)
		require.Equal(s.t, e, err)
		_, err = s.Disk.Size(e.Name)
		e.Op = disk.Size
		require.Equal(s.t, e, err)
	}
}

func namesStayInside(s *stage) {
	s.must(create("log"))
	for _, name := range []string{"", ".", "..", "../log", "sub/log", "/log", "log/", `sub\log`, "c:log", "a\x00b"} {
		for _, op := range []disk.Op{create(name), add(name, "x"), cut(name, 0), room(name, 1), sync(name), rename(name, "log"), remove(name)} {
			require.Equal(s.t, &disk.Error{Op: op.Kind, Name: name, Cause: disk.BadName}, s.do(op), "%s %q", op.Kind, name)
		}
		var e *disk.Error
		require.ErrorAs(s.t, s.do(rename("log", name)), &e)
		require.Equal(s.t, disk.BadName, e.Cause)
	}
	require.Equal(s.t, []string{"log"}, s.list())
}

func sizesHaveBounds(s *stage) {
	s.must(create("log"), add("log", "ab"))
	for _, c := range []struct {
		op   disk.Op
		want string
	}{
		{cut("log", 3), "disk: truncate log: bad argument: cannot cut 2 bytes to 3"},
		{cut("log", -1), "disk: truncate log: bad argument: cannot cut 2 bytes to -1"},
		{room("log", -1), "disk: preallocate log: bad argument: cannot make room for -1 bytes"},
		{disk.Op{Kind: disk.ReadAt, Name: "log"}, "disk: read log: bad argument: no such operation"},
		{disk.Op{Kind: 99, Name: "log"}, "disk: disk.Kind(99) log: bad argument: no such operation"},
	} {
		err := s.do(c.op)
		require.EqualError(s.t, err, c.want)
		require.ErrorIs(s.t, err, disk.BadArgument)
	}
	s.requireFile("log", "ab")
}

func roomIsFilled(s *stage) {
	s.must(create("log"), room("log", 6))
	s.requireFile("log", "\x00\x00\x00\x00\x00\x00")
	s.must(add("log", "ab"), sync("log"), add("log", "c"))
	s.requireFile("log", "abc\x00\x00\x00")
	s.must(rename("log", "b"), add("b", "defgh"), sync("b"))
	s.requireFile("b", "abcdefgh")
	s.must(room("b", 8), room("b", 3), add("b", "i"))
	s.requireFile("b", "abcdefghi")
	s.must(room("b", 12), cut("b", 10), add("b", "j"), add("b", "k"))
	s.requireFile("b", "abcdefghijk")
	s.must(room("b", 15), cut("b", 5), add("b", "F"))
	s.requireFile("b", "abcdeF")
	s.must(room("b", 15), create("b"), add("b", "anew"))
	s.requireFile("b", "anew")
}

func restarted(s *stage) {
	s.must(create("log"), room("log", 6), add("log", "ab"))
	s.Disk = s.Restart()
	s.requireFile("log", "ab\x00\x00\x00\x00")
	s.must(add("log", "c"))
	s.requireFile("log", "ab\x00\x00\x00\x00c")
	s.must(cut("log", 2), room("log", 4), add("log", "d"), sync("log"), syncDir)
	s.requireFile("log", "abd\x00")
}

var fullStories = []struct {
	name string
	tell func(s *stage, fill func() (lift func()))
}{
	{"an append leaves a prefix", func(s *stage, fill func() (lift func())) {
		before, more := strings.Repeat("a", 1000), strings.Repeat("b", 2*Limit)
		s.must(create("log"), add("log", before), sync("log"))
		lift := fill()
		requireNoSpace(s, add("log", more))
		b, err := disk.Read(s.Disk, "log")
		require.NoError(s.t, err)
		require.GreaterOrEqual(s.t, len(b), len(before))
		require.Less(s.t, len(b), len(before)+len(more))
		s.requireFile("log", (before + more)[:len(b)])
		s.must(sync("log"), cut("log", 999), syncDir)
		lift()
		s.must(add("log", more))
		s.requireFile("log", before[:999]+more)
	}},
	{"what was reserved is there", func(s *stage, fill func() (lift func())) {
		s.must(create("log"), room("log", 1000))
		lift := fill()
		s.must(add("log", strings.Repeat("a", 1000)), sync("log"))
		s.requireFile("log", strings.Repeat("a", 1000))
		requireNoSpace(s, room("log", 2*Limit))
		s.requireFile("log", strings.Repeat("a", 1000))
		lift()
		s.must(room("log", 2*Limit))
	}},
	{"names can be moved and removed", func(s *stage, fill func() (lift func())) {
		s.must(create("a"), create("b"), add("b", "x"))
		defer fill()()
		s.must(rename("a", "c"), remove("b"), create("c"), syncDir)
		require.Equal(s.t, []string{"c"}, s.list())
	}},
}

func requireNoSpace(s *stage, op disk.Op) {
	s.t.Helper()
	var e *disk.Error
	require.ErrorAs(s.t, s.do(op), &e)
	require.Equal(s.t, op.Kind, e.Op)
	require.Equal(s.t, op.Name, e.Name)
	require.Equal(s.t, disk.NoSpace, e.Cause)
}
