package disktest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/disk"
)

// World is one owner's disk, empty at first.
type World struct {
	Disk disk.Disk

	// Pump lets the world go on, event by event, until the condition holds. It returns
	// false when the condition does not come to hold in bounded time.
	Pump func(until func() bool) bool

	// Restart ends the owner, as kill -9 does, and returns the disk as its next life finds it.
	Restart func() disk.Disk

	// Crash runs a Journal on an empty disk, in a process of its own, until at least so
	// many records are acknowledged; kills it in the middle of its work, as hard as the
	// world can; and returns how many were acknowledged, and what is left.
	Crash func(t *testing.T, records int) (acknowledged int, left disk.Disk)
}

// Start makes a world whose owner is told of completions by the function.
type Start func(t *testing.T, done func(disk.Done)) World

// Limit is the size that files cannot exceed on a full disk at the most.
const Limit = 1 << 16

// Fill leaves a disk no free space: from then on no file gets longer than Limit, or gets
// any longer at all. Lift gives the space back.
type Fill func(t *testing.T, d disk.Disk) (lift func())

// The files of a Journal.
const (
	journalFile = "journal"
	countFile   = "count"
)

// record is the n-th record of a Journal, from 1.
func record(n int) []byte { return fmt.Appendf(nil, "record %06d\n", n) }

// Journal is an owner that writes records for ever: each is appended and synced, and
// their number is kept in a small file that is replaced.
type Journal struct {
	disk        disk.Disk
	acknowledge func(n int)
	written     int
}

// NewJournal begins one. Acknowledge is told of each record that must survive.
func NewJournal(d disk.Disk, acknowledge func(n int)) *Journal {
	d.Submit(0, []disk.Op{{Kind: disk.Create, Name: journalFile}, {Kind: disk.SyncDir}})
	return &Journal{disk: d, acknowledge: acknowledge}
}

// DiskDone takes in a completion, and writes the next record.
func (j *Journal) DiskDone(d disk.Done) {
	if d.Err != nil {
		panic("disktest: a journal cannot be written: " + d.Err.Error())
	}
	if j.written > 0 {
		j.acknowledge(j.written)
	}
	j.written++
	ops := []disk.Op{{Kind: disk.Append, Name: journalFile, Data: record(j.written)}, {Kind: disk.Sync, Name: journalFile}}
	j.disk.Submit(uint64(j.written), append(ops, disk.Replace(countFile, record(j.written))...))
}

// stage is a world with its owner.
type stage struct {
	World
	t    *testing.T
	done []disk.Done
}

// Run tells every story in a world of its own.
func Run(t *testing.T, start Start) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			st := &stage{t: t}
			st.World = start(t, func(d disk.Done) { st.done = append(st.done, d) })
			s.tell(st)
		})
	}
}

// RunFull tells the stories of a disk that is full.
func RunFull(t *testing.T, start Start, fill Fill) {
	for _, s := range fullStories {
		t.Run(s.name, func(t *testing.T) {
			st := &stage{t: t}
			st.World = start(t, func(d disk.Done) { st.done = append(st.done, d) })
			s.tell(st, func() (lift func()) { return fill(t, st.Disk) })
		})
	}
}

func (s *stage) until(what string, holds func() bool) {
	s.t.Helper()
	require.True(s.t, s.Pump(holds), "never: %s", what)
}

// do submits one batch, waits for it, and returns how it ended.
func (s *stage) do(ops ...disk.Op) error {
	s.t.Helper()
	n := len(s.done)
	s.Disk.Submit(uint64(n+1), ops)
	s.until("the batch is done", func() bool { return len(s.done) > n })
	return s.done[n].Err
}

func (s *stage) must(ops ...disk.Op) {
	s.t.Helper()
	require.NoError(s.t, s.do(ops...))
}

func (s *stage) requireFile(name, want string) {
	s.t.Helper()
	b, err := disk.Read(s.Disk, name)
	require.NoError(s.t, err)
	require.Equal(s.t, want, string(b))
}

func (s *stage) list() []string {
	s.t.Helper()
	names, err := s.Disk.List()
	require.NoError(s.t, err)
	return names
}

func create(name string) disk.Op     { return disk.Op{Kind: disk.Create, Name: name} }
func remove(name string) disk.Op     { return disk.Op{Kind: disk.Remove, Name: name} }
func sync(name string) disk.Op       { return disk.Op{Kind: disk.Sync, Name: name} }
func rename(from, to string) disk.Op { return disk.Op{Kind: disk.Rename, Name: from, To: to} }
func cut(name string, size int64) disk.Op {
	return disk.Op{Kind: disk.Truncate, Name: name, Size: size}
}
func room(name string, size int64) disk.Op {
	return disk.Op{Kind: disk.Preallocate, Name: name, Size: size}
}
func add(name, s string) disk.Op {
	return disk.Op{Kind: disk.Append, Name: name, Data: []byte(s)}
}

var syncDir = disk.Op{Kind: disk.SyncDir}
