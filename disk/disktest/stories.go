package disktest

import (
	"bytes"
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
)

var stories = []struct {
	name string
	tell func(*stage)
}{
	{"a new disk is empty", empty},
	{"each operation does what it says", operations},
	{"batches run, and are done, in the order submitted", batchesInOrder},
	{"nothing is done inside submit", notInside},
	{"a bad operation ends its batch, and no other", badOperation},
	{"errors name the operation and the file", errorsNameIt},
	{"a list is sorted", listed},
	{"a replacement is seen whole or not at all", replaced},
	{"a rename keeps the file", renamed},
	{"bytes are read from anywhere", readAnywhere},
	{"no name leads out of the directory", namesStayInside},
	{"sizes have bounds", sizesHaveBounds},
	{"room is zeroes, and is filled first", roomIsFilled},
	{"after a restart all of a file counts as written", restarted},
	{"what was acknowledged survives", survives},
}

func empty(s *stage) {
	require.Empty(s.t, s.list())
	_, err := disk.Read(s.Disk, "log")
	require.Equal(s.t, &disk.Error{Op: disk.Size, Name: "log", Cause: disk.NoSuchFile}, err)
	s.must()
	s.must(syncDir)
}

func operations(s *stage) {
	s.must(create("log"))
	s.requireFile("log", "")
	s.must(add("log", "abc"), add("log", "def"))
	s.requireFile("log", "abcdef")
	s.must(cut("log", 4))
	s.requireFile("log", "abcd")
	s.must(add("log", "!"), sync("log"), sync("log"))
	s.requireFile("log", "abcd!")
	s.must(cut("log", 5), add("log", ""))
	s.requireFile("log", "abcd!")
	s.must(create("log"))
	s.requireFile("log", "")
	s.must(add("log", "new"), cut("log", 0), syncDir)
	s.requireFile("log", "")
	s.must(remove("log"), remove("log"), remove("never"), syncDir)
	require.Empty(s.t, s.list())
}

func batchesInOrder(s *stage) {
	s.must(create("log"))
	want := ""
	for i := range uint64(50) {
		ops := []disk.Op{add("log", fmt.Sprintf("%d,", i))}
		if i%7 == 0 {
			ops = append(ops, sync("log"))
		}
		s.Disk.Submit(100+i*i, append(ops, add("log", ".")))
		want += fmt.Sprintf("%d,.", i)
	}
	s.until("all are done", func() bool { return len(s.done) == 51 })
	for i, d := range s.done[1:] {
		require.Equal(s.t, disk.Done{ID: 100 + uint64(i*i)}, d)
	}
	s.requireFile("log", want)
}

func notInside(s *stage) {
	s.Disk.Submit(1, []disk.Op{create("a")})
	s.Disk.Submit(2, nil)
	require.Empty(s.t, s.done)
	s.until("both are done", func() bool { return len(s.done) == 2 })
	require.Equal(s.t, []disk.Done{{ID: 1}, {ID: 2}}, s.done)
}

func badOperation(s *stage) {
	s.must(create("log"))
	s.Disk.Submit(2, []disk.Op{add("log", "before"), add("none", "x"), add("log", "after")})
	s.Disk.Submit(3, []disk.Op{add("log", ", next")})
	s.until("both are done", func() bool { return len(s.done) == 3 })
	require.EqualValues(s.t, 2, s.done[1].ID)
	require.Error(s.t, s.done[1].Err)
	require.Equal(s.t, disk.Done{ID: 3}, s.done[2])
	s.requireFile("log", "before, next")
}

func errorsNameIt(s *stage) {
	for _, op := range []disk.Op{add("none", "x"), cut("none", 0), sync("none"), rename("none", "other")} {
		require.Equal(s.t, &disk.Error{Op: op.Kind, Name: "none", Cause: disk.NoSuchFile}, s.do(op))
	}
	require.Empty(s.t, s.list(), "what failed left nothing behind")
}

func listed(s *stage) {
	for _, name := range []string{"log.2", "b", "a", "log.10", "B", "-"} {
		s.must(create(name))
	}
	require.Equal(s.t, []string{"-", "B", "a", "b", "log.10", "log.2"}, s.list())
}

// The file is looked at after every event, and whenever nothing happens for a moment.
func replaced(s *stage) {
	value := func(i int) string { return fmt.Sprintf("%08d", i) }
	s.must(disk.Replace("epoch", []byte(value(0)))...)
	for i := range 50 {
		s.Disk.Submit(uint64(i), disk.Replace("epoch", []byte(value(i+1))))
	}
	last := value(0)
	s.until("the last is there", func() bool {
		b, err := disk.Read(s.Disk, "epoch")
		require.NoError(s.t, err, "at no moment is there none")
		require.Len(s.t, string(b), len(last), "at no moment is it partly there")
		require.GreaterOrEqual(s.t, string(b), last)
		last = string(b)
		return len(s.done) == 51
	})
	require.Equal(s.t, value(50), last)
	require.Equal(s.t, []string{"epoch"}, s.list(), "nothing temporary is left")
}

func renamed(s *stage) {
	s.must(create("a"), add("a", "1"), create("b"), add("b", "2"), sync("b"))
	s.must(rename("a", "b"), add("b", "3"), sync("b"), syncDir)
	require.Equal(s.t, []string{"b"}, s.list())
	s.requireFile("b", "13")
	require.Error(s.t, s.do(add("a", "4")))
	s.must(create("a"), add("a", "5"), sync("a"), add("b", "lost"), rename("a", "b"), add("b", "6"))
	s.requireFile("b", "56")
}

// Kill -9 of a real process leaves what is in the machine's memory; only the simulated
// world can take that too. Both must leave what was acknowledged.
func survives(s *stage) {
	for _, atLeast := range []int{1, 2, 10, 50} {
		acknowledged, left := s.Crash(s.t, atLeast)
		require.GreaterOrEqual(s.t, acknowledged, atLeast)
		var want []byte
		for i := range acknowledged {
			want = append(want, record(i+1)...)
		}
		b, err := disk.Read(left, journalFile)
		require.NoError(s.t, err)
		require.True(s.t, bytes.HasPrefix(b, want), "%d records were acknowledged; %d bytes are left", acknowledged, len(b))
		count, err := disk.Read(left, countFile)
		require.NoError(s.t, err)
		require.Len(s.t, string(count), len(record(1)), "the old or the new")
		require.GreaterOrEqual(s.t, string(count), string(record(acknowledged)))
	}
}
