package simdisk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/simdisk"
	"github.com/zoobreak/zoobreak/internal/rng"
)

var createOther = disk.Op{Kind: disk.Create, Name: "other"}

// over runs a story under many seeds and collects what it ends with.
func over(story func(*process) string) []string {
	found := map[string]bool{}
	for seed := range uint64(200) {
		found[story(startOn(usual, seed))] = true
	}
	var all []string
	for s := range found {
		all = append(all, s)
	}
	return all
}

func TestASlowDiskIsSlower(t *testing.T) {
	p := start()
	var mattered int
	p.d.Slow(time.Second/2, &mattered)
	p.must(create, sync)
	require.GreaterOrEqual(t, p.at[0], second/2)
	require.Equal(t, 1, mattered)
	p.d.Unslow(&mattered)
	before := p.k.Now()
	p.must(sync)
	require.Less(t, p.at[1]-before, second/100)
	require.Equal(t, 1, mattered)
}

func TestASyncFailsAndStaysFailed(t *testing.T) {
	p := start().must(kept("ab")...)
	var mattered int
	p.d.FailSyncs(&mattered)
	before := p.k.Now()
	require.EqualError(t, p.do(add("cd"), sync, add("never")), "disk: sync log: input/output error")
	require.GreaterOrEqual(t, p.at[1]-before, clock.Instant(time.Millisecond), "to fail takes time as well")
	require.Equal(t, 1, mattered)
	require.Equal(t, "abcd", p.content("log"), "the cache has it")
	p.d.HealSyncs(&mattered)
	require.EqualError(t, p.do(sync), "disk: sync log: input/output error: an earlier sync failed")
	require.EqualError(t, p.do(syncDir), "disk: syncdir: input/output error: an earlier sync failed")
	require.NoError(t, p.do(createOther), "it is only durability that is lost")
	require.Equal(t, 1, mattered, "the fault was over")
	p = p.restart()
	require.NoError(t, p.do(sync, syncDir), "the next process does not know")
}

// What makes it dangerous: the next process reads from the cache, its sync is a success, and
// the power failure shows that the bytes were never written.
func TestWhatAFailedSyncDroppedIsNotWrittenLater(t *testing.T) {
	var mattered int
	dropped := func(p *process) *process {
		p.must(kept("ab")...)
		p.d.FailSyncs(&mattered)
		p.do(add("cdef"), sync)
		p.d.HealSyncs(&mattered)
		return p.restart()
	}
	require.ElementsMatch(t, []string{"log:ab", "log:ab00", "log:abcd", "log:ab0000", "log:ab00ef", "log:abcd00", "log:abcdef"}, over(func(p *process) string {
		p = dropped(p)
		require.Equal(t, "abcdef", p.content("log"))
		p.must(sync, syncDir)
		require.Len(t, p.d.Images(), 1, "for the system everything is clean")
		p.d.PowerOff(rng.New(1))
		return brief(p.d.Image())
	}))
	require.ElementsMatch(t, []string{"log:ab00efgh", "log:abcdefgh"}, over(func(p *process) string {
		p = dropped(p).must(add("gh"), sync)
		p.d.PowerOff(rng.New(1))
		return brief(p.d.Image())
	}), "a write to a sector writes all of it, and not its neighbour")
	require.EqualValues(t, 400, mattered)
}

func TestASyncOfTheDirectoryThatFailsDropsNames(t *testing.T) {
	for want, after := range map[string][]disk.Op{"log:x": nil, "log:x other:": {createOther}} {
		left := over(func(p *process) string {
			var mattered int
			p.must(create, add("x"), sync)
			p.d.FailSyncs(&mattered)
			require.EqualError(t, p.do(syncDir), "disk: syncdir: input/output error")
			require.Equal(t, 1, mattered)
			p.d.HealSyncs(&mattered)
			p = p.restart().must(append(after, syncDir)...)
			require.Equal(t, want, brief(p.d.Image()), "the cache has it")
			p.d.PowerOff(rng.New(1))
			return brief(p.d.Image())
		})
		require.ElementsMatch(t, []string{want, strings.TrimSpace(strings.TrimPrefix(want, "log:x"))}, left)
	}
}

// A name that was dropped is not two names when it moves on.
func TestADroppedRenameIsNoSecondName(t *testing.T) {
	require.ElementsMatch(t, []string{"c:x"}, over(func(p *process) string {
		var mattered int
		p.must(create, add("x"), sync, syncDir, disk.Op{Kind: disk.Rename, Name: "log", To: "b"})
		p.d.FailSyncs(&mattered)
		p.do(syncDir)
		p.d.HealSyncs(&mattered)
		p = p.restart().must(disk.Op{Kind: disk.Rename, Name: "b", To: "c"}, syncDir)
		p.d.PowerOff(rng.New(1))
		return brief(p.d.Image())
	}))
}

func TestWritesFail(t *testing.T) {
	var mattered int
	left := over(func(p *process) string {
		p.must(kept("ab")...)
		mattered = 0
		p.d.FailWrites(&mattered)
		require.EqualError(t, p.do(add("cde")), "disk: append log: input/output error")
		require.EqualError(t, p.do(create), "disk: create log: input/output error")
		require.EqualError(t, p.do(createOther), "disk: create other: input/output error")
		require.EqualError(t, p.do(room(100)), "disk: preallocate log: input/output error")
		require.Equal(t, 4, mattered)
		content := p.content("log")
		p.must(sync, syncDir, disk.Op{Kind: disk.Rename, Name: "log", To: "b"}, disk.Op{Kind: disk.Remove, Name: "b"})
		p.d.HealWrites(&mattered)
		p.must(create, add("x"), room(2), createOther)
		require.Equal(t, 4, mattered)
		require.Equal(t, "log:x0 other:", brief(p.d.Image()))
		return content
	})
	require.ElementsMatch(t, []string{"ab", "abc", "abcd"}, left, "a prefix, but not all of it")
}

func TestAFullDisk(t *testing.T) {
	var mattered int
	left := over(func(p *process) string {
		p.must(append(kept("ab"), room(4))...)
		mattered = 0
		p.d.Fill(&mattered)
		require.NoError(t, p.do(add("c")), "this was reserved")
		require.Zero(t, mattered)
		require.EqualError(t, p.do(add("def")), "disk: append log: no space left")
		require.EqualError(t, p.do(createOther), "disk: create other: no space left")
		require.EqualError(t, p.do(room(100)), "disk: preallocate log: no space left")
		require.Equal(t, 3, mattered)
		content := p.content("log")
		p.must(sync, syncDir, cut(1), disk.Op{Kind: disk.Rename, Name: "log", To: "b"}, disk.Op{Kind: disk.Create, Name: "b"}, disk.Op{Kind: disk.Remove, Name: "b"})
		p.d.Unfill(&mattered)
		p.must(create, add("x"), room(2), createOther)
		require.Equal(t, 3, mattered)
		require.Equal(t, "log:x0 other:", brief(p.d.Image()))
		return content
	})
	require.ElementsMatch(t, []string{"abcd", "abcde"}, left, "what was reserved, and a prefix of the rest")
}

// Faults that overlap are lifted one by one, and each counts.
func TestFaultsOverlap(t *testing.T) {
	var one, two int
	for name, f := range map[string]struct {
		impose, lift func(*simdisk.Disk, *int)
		fails        disk.Op
	}{
		"writes": {(*simdisk.Disk).FailWrites, (*simdisk.Disk).HealWrites, createOther},
		"full":   {(*simdisk.Disk).Fill, (*simdisk.Disk).Unfill, createOther},
		"syncs":  {(*simdisk.Disk).FailSyncs, (*simdisk.Disk).HealSyncs, syncDir},
	} {
		t.Run(name, func(t *testing.T) {
			p := start()
			one, two = 0, 0
			f.impose(p.d, &one)
			f.impose(p.d, &two)
			require.Error(t, p.do(f.fails))
			f.lift(p.d, &one)
			p = p.restart()
			require.Error(t, p.do(f.fails))
			f.lift(p.d, &two)
			require.NoError(t, p.restart().do(f.fails))
			require.Equal(t, []int{1, 2}, []int{one, two})
		})
	}
}

// A fault that is lifted before anything happens leaves no trace: the same events at the
// same times, and the same bytes.
func TestFaultsThatAreOffDoNothing(t *testing.T) {
	run := func(before func(*simdisk.Disk)) (uint64, simdisk.Image) {
		p := start()
		before(p.d)
		p.must(append(kept("abcdef"), disk.Replace("epoch", []byte("7"))...)...).must(add("gh"), room(20), cut(3))
		p.d.PowerOff(rng.New(5))
		return p.k.Digest(), p.d.Image()
	}
	digest, image := run(func(*simdisk.Disk) {})
	var mattered int
	for name, before := range map[string]func(*simdisk.Disk){
		"slow":   func(d *simdisk.Disk) { d.Slow(time.Hour, &mattered); d.Unslow(&mattered) },
		"syncs":  func(d *simdisk.Disk) { d.FailSyncs(&mattered); d.HealSyncs(&mattered) },
		"writes": func(d *simdisk.Disk) { d.FailWrites(&mattered); d.HealWrites(&mattered) },
		"full":   func(d *simdisk.Disk) { d.Fill(&mattered); d.Unfill(&mattered) },
		"rot":    func(d *simdisk.Disk) { require.Zero(t, d.Rot(rng.New(1)), "there is nothing to damage") },
	} {
		again, left := run(before)
		require.Equal(t, digest, again, name)
		require.Equal(t, image, left, name)
	}
	require.Zero(t, mattered)
}

func TestRotDamagesSyncedBytesAndNoOthers(t *testing.T) {
	const content = "abcdefgh"
	zeroed, flipped := map[int]int{}, map[int]int{}
	for seed := range uint64(400) {
		p := start().must(kept(content)...).must(add("ij"))
		damaged := p.d.Rot(rng.New(seed))
		p.must(sync)
		p = p.restart()
		left := p.content("log")
		var where []int
		for i := range left {
			if left[i] != (content + "ij")[i] {
				where = append(where, i)
			}
		}
		require.Len(t, where, damaged)
		switch damaged {
		case 1:
			flipped[where[0]]++
		case 4:
			require.Equal(t, "\x00\x00\x00\x00", left[where[0]:where[3]+1])
			zeroed[where[0]]++
		default:
			t.Fatalf("%d bytes were damaged", damaged)
		}
	}
	require.Len(t, flipped, 8, "any byte")
	require.Len(t, zeroed, 2, "either sector")
}

func TestNothingSyncedNothingToRot(t *testing.T) {
	p := start()
	require.Zero(t, p.d.Rot(rng.New(1)))
	p.must(create, add("abc"))
	require.Zero(t, p.d.Rot(rng.New(1)), "what is not synced may be lost, which is another fault")
	require.Equal(t, "abc", p.content("log"))
	p.must(sync, room(6), sync, add("d"))
	require.Zero(t, p.d.Rot(rng.New(1)), "its only sector with bytes is being written")
}

func TestAWipedDiskIsNew(t *testing.T) {
	p := start().must(kept("ab")...).must(createOther)
	require.PanicsWithValue(t, "simdisk: a disk cannot be wiped under a process that runs on it: kill that first", func() { p.d.Wipe() })
	p.d.Kill()
	require.Equal(t, 2, p.d.Wipe())
	require.Equal(t, []simdisk.Image{""}, p.d.Images())
	require.Zero(t, p.d.Wipe())
	p = p.boot().must(kept("cd")...)
	require.Equal(t, "log:cd", brief(p.d.Image()))
}
