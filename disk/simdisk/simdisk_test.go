package simdisk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/simdisk"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

const second = clock.Instant(time.Second)

// process is a disk's owner.
type process struct {
	k    *kernel.Kernel
	d    *simdisk.Disk
	done []disk.Done
	at   []clock.Instant
}

func (p *process) DiskDone(d disk.Done) {
	p.done = append(p.done, d)
	p.at = append(p.at, p.k.Now())
}

func start() *process {
	k := kernel.New()
	p := &process{k: k, d: simdisk.New(k, "host", simdisk.Latency{Min: time.Millisecond, Max: 5 * time.Millisecond})}
	p.d.Run(p)
	return p
}

func (p *process) do(ops ...disk.Op) {
	p.d.Submit(uint64(len(p.done)+1), ops)
	if err := p.k.Run(p.k.Now() + second); err != nil {
		panic(err)
	}
}

func (p *process) content(name string) string {
	b, err := p.d.Read(name)
	if err != nil {
		return "none"
	}
	return string(b)
}

var (
	create  = disk.Op{Kind: disk.Create, Name: "log"}
	sync    = disk.Op{Kind: disk.Sync, Name: "log"}
	syncDir = disk.Op{Kind: disk.SyncDir}
)

func add(s string) disk.Op { return disk.Op{Kind: disk.Append, Name: "log", Data: []byte(s)} }

// outcomes crashes the same history under many keys and collects what may be left.
func outcomes(t *testing.T, name string, ops ...disk.Op) map[string]bool {
	found := map[string]bool{}
	for i := range uint64(400) {
		p := start()
		p.do(ops...)
		require.NoError(t, p.done[0].Err)
		p.d.PowerOff(rng.New(i))
		found[p.content(name)] = true
	}
	return found
}

func set(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

// What a power failure may leave, as sets: everything allowed occurs, nothing else does. A
// zero is of a sector that was torn.
func TestWhatAPowerFailureLeaves(t *testing.T) {
	cases := map[string]struct {
		file string
		ops  []disk.Op
		want map[string]bool
	}{
		"nothing was synced":          {"log", []disk.Op{create, add("ab")}, set("none", "", "a", "ab", "\x00")},
		"the name was synced":         {"log", []disk.Op{create, syncDir, add("ab")}, set("", "a", "ab", "\x00")},
		"the bytes, but not the name": {"log", []disk.Op{create, add("ab"), sync}, set("none", "ab")},
		"both":                        {"log", []disk.Op{create, add("ab"), sync, syncDir}, set("ab")},
		"a suffix was not":            {"log", []disk.Op{create, add("ab"), sync, syncDir, add("cd")}, set("ab", "abc", "abcd", "ab\x00")},
		"a cut may come back":         {"log", []disk.Op{create, add("ab"), sync, syncDir, {Kind: disk.Truncate, Name: "log", Size: 1}}, set("ab", "a")},
		"a synced cut does not":       {"log", []disk.Op{create, add("ab"), sync, syncDir, {Kind: disk.Truncate, Name: "log", Size: 1}, sync}, set("a")},
		"a removal may":               {"log", []disk.Op{create, add("ab"), sync, syncDir, {Kind: disk.Remove, Name: "log"}}, set("ab", "none")},
		"a replacement is whole":      {"log", append([]disk.Op{create, add("old"), sync, syncDir}, disk.Replace("log", []byte("new"))...), set("new")},
		"or not there yet":            {"log", append([]disk.Op{create, add("old"), sync, syncDir}, disk.Replace("log", []byte("new"))[:4]...), set("old", "new")},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, outcomes(t, tc.file, tc.ops...)) })
	}
}

func TestATornSectorIsZeros(t *testing.T) {
	long := make([]byte, 1200)
	for i := range long {
		long[i] = 'x'
	}
	torn := 0
	for content := range outcomes(t, "log", create, syncDir, add(string(long))) {
		for i, b := range []byte(content) {
			if b == 0 {
				require.GreaterOrEqual(t, i, len(content)/512*512, "only the last sector is torn")
				torn++
				break
			}
		}
	}
	require.Positive(t, torn)
}

func TestAKillLosesOnlyWhatWasNotBegun(t *testing.T) {
	p := start()
	p.do(create, add("ab"))
	p.d.Submit(2, []disk.Op{add("cd"), sync, add("ef")})
	p.d.Submit(3, []disk.Op{add("gh")})
	require.NoError(t, p.k.Run(p.k.Now()+1)) // the second batch waits for its sync
	p.d.Kill()
	require.NoError(t, p.k.Run(p.k.Now()+second))
	require.Equal(t, "abcd", p.content("log"))
	require.Len(t, p.done, 1, "a completion for a dead process is nobody's")
	q := &process{k: p.k, d: p.d}
	p.d.Run(q)
	q.do(add("!"))
	require.Equal(t, "abcd!", q.content("log"))
	require.Len(t, q.done, 1)
}

func TestBatchesFinishInOrderAndNeverInsideSubmit(t *testing.T) {
	p := start()
	for id := range uint64(5) {
		p.d.Submit(id, []disk.Op{create, add(fmt.Sprint(id)), sync})
	}
	require.Empty(t, p.done)
	require.NoError(t, p.k.Run(second))
	require.Len(t, p.done, 5)
	for i, d := range p.done {
		require.Equal(t, disk.Done{ID: uint64(i)}, d)
		require.GreaterOrEqual(t, p.at[i], clock.Instant(i+1)*clock.Instant(time.Millisecond))
	}
}

func TestABadOperationEndsItsBatch(t *testing.T) {
	for name, op := range map[string]disk.Op{
		"append to nothing": {Kind: disk.Append, Name: "missing", Data: []byte("x")},
		"rename nothing":    {Kind: disk.Rename, Name: "missing", To: "b"},
		"truncate nothing":  {Kind: disk.Truncate, Name: "missing"},
		"sync nothing":      {Kind: disk.Sync, Name: "missing"},
	} {
		t.Run(name, func(t *testing.T) {
			p := start()
			p.do(create, op, add("not reached"))
			require.ErrorContains(t, p.done[0].Err, "missing: no such file")
			require.Equal(t, "", p.content("log"))
			p.do(add("next"))
			require.NoError(t, p.done[1].Err, "the next batch is another matter")
		})
	}
}

func TestASlowDiskIsSlower(t *testing.T) {
	p := start()
	var mattered int
	p.d.Slow(time.Second/2, &mattered)
	p.do(create, sync)
	require.GreaterOrEqual(t, p.at[0], second/2)
	require.Equal(t, 1, mattered)
	p.d.Unslow(&mattered)
	before := p.k.Now()
	p.do(sync)
	require.Less(t, p.at[1]-before, second/100)
}

// Whatever is written, synced and lost: what was synced is there, and what is there was
// written, or is the zeros of a torn sector.
func TestSyncedBytesSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := start()
		p.do(create, syncDir)
		written, synced := "", ""
		for i := range rapid.IntRange(1, 20).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				p.do(sync)
				synced = written
			case 1:
				p.d.PowerOff(rng.New(rapid.Uint64().Draw(t, "crash")))
				p.d.Run(p)
				left := p.content("log")
				require.LessOrEqual(t, len(left), len(written))
				kept := strings.TrimRight(left, "\x00")
				require.Equal(t, written[:len(kept)], kept)
				require.GreaterOrEqual(t, len(kept), len(synced))
				written, synced = kept, kept
				p.do(disk.Op{Kind: disk.Truncate, Name: "log", Size: int64(len(kept))}, sync)
			default:
				s := fmt.Sprintf("%d,", i)
				p.do(add(s))
				written += s
			}
		}
	})
}
