package simdisk_test

import (
	"fmt"
	"io"
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

// usual has small sectors, so that what happens to each can be read.
var usual = simdisk.Config{Sync: simdisk.Latency{Min: time.Millisecond, Max: 5 * time.Millisecond}, Sector: 4}

func start() *process { return startOn(usual, 0) }

func startOn(c simdisk.Config, seed uint64) *process {
	k := kernel.New()
	k.Shake(kernel.Noise{Key: rng.New(seed)})
	p := &process{k: k, d: simdisk.New(k, "host", c)}
	p.d.Run(p)
	return p
}

// restart kills the process; the next one starts with nothing but the disk.
func (p *process) restart() *process {
	p.d.Kill()
	return p.boot()
}

func (p *process) boot() *process {
	q := &process{k: p.k, d: p.d}
	q.d.Run(q)
	return q
}

// do submits one batch, waits for it, and returns how it ended.
func (p *process) do(ops ...disk.Op) error {
	p.d.Submit(uint64(len(p.done)+1), ops)
	if err := p.k.Run(p.k.Now() + second); err != nil {
		panic(err)
	}
	return p.done[len(p.done)-1].Err
}

// must is for what does not fail.
func (p *process) must(ops ...disk.Op) *process {
	if err := p.do(ops...); err != nil {
		panic(err)
	}
	return p
}

func (p *process) content(name string) string {
	b, err := disk.Read(p.d, name)
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

func add(s string) disk.Op    { return disk.Op{Kind: disk.Append, Name: "log", Data: []byte(s)} }
func cut(size int64) disk.Op  { return disk.Op{Kind: disk.Truncate, Name: "log", Size: size} }
func room(size int64) disk.Op { return disk.Op{Kind: disk.Preallocate, Name: "log", Size: size} }

// kept is a file with that content, durable by now.
func kept(content string) []disk.Op { return []disk.Op{create, add(content), sync, syncDir} }

func TestAKillLosesOnlyWhatWasNotBegun(t *testing.T) {
	p := start()
	p.must(create, add("ab"))
	p.d.Submit(2, []disk.Op{add("cd"), sync, add("ef")})
	p.d.Submit(3, []disk.Op{add("gh")})
	require.NoError(t, p.k.Run(p.k.Now()+1)) // the second batch waits for its sync
	q := p.restart()
	require.NoError(t, p.k.Run(p.k.Now()+second))
	require.Equal(t, "abcd", q.content("log"))
	require.Len(t, p.done, 1, "a completion for a dead process is nobody's")
	q.must(add("!"))
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
	for want, op := range map[string]disk.Op{
		"disk: append missing: no such file":                                   {Kind: disk.Append, Name: "missing", Data: []byte("x")},
		"disk: rename missing: no such file":                                   {Kind: disk.Rename, Name: "missing", To: "b"},
		"disk: truncate missing: no such file":                                 {Kind: disk.Truncate, Name: "missing"},
		"disk: sync missing: no such file":                                     {Kind: disk.Sync, Name: "missing"},
		"disk: preallocate missing: no such file":                              {Kind: disk.Preallocate, Name: "missing"},
		"disk: preallocate log: bad argument: cannot make room for -1 bytes":   {Kind: disk.Preallocate, Name: "log", Size: -1},
		"disk: truncate log: bad argument: cannot cut 0 bytes to 1":            {Kind: disk.Truncate, Name: "log", Size: 1},
		"disk: create a/b: not the name of a file in this directory":           {Kind: disk.Create, Name: "a/b"},
		"disk: remove a/b: not the name of a file in this directory":           {Kind: disk.Remove, Name: "a/b"},
		"disk: rename log: not the name of a file in this directory: \"../b\"": {Kind: disk.Rename, Name: "log", To: "../b"},
		"disk: disk.Kind(99) log: bad argument: no such operation":             {Kind: 99, Name: "log"},
	} {
		t.Run(want, func(t *testing.T) {
			p := start()
			require.EqualError(t, p.do(create, op, add("not reached")), want)
			require.Equal(t, "", p.content("log"))
			require.NoError(t, p.do(add("next")), "the next batch is another matter")
		})
	}
}

func TestReadsAreOfWhatIsThere(t *testing.T) {
	p := start().must(create, add("abcdef"))
	b := make([]byte, 3)
	n, err := p.d.ReadAt("log", b, 2)
	require.NoError(t, err)
	require.Equal(t, "cde", string(b[:n]))
	n, err = p.d.ReadAt("log", b, 4)
	require.Equal(t, io.EOF, err)
	require.Equal(t, "ef", string(b[:n]))
	n, err = p.d.ReadAt("log", b, 99)
	require.Equal(t, io.EOF, err)
	require.Zero(t, n)
	_, err = p.d.ReadAt("log", b, -1)
	require.EqualError(t, err, "disk: read log: bad argument: a negative offset")
	_, err = p.d.Size("../log")
	require.EqualError(t, err, "disk: size ../log: not the name of a file in this directory")
	b[0] = 'X'
	require.Equal(t, "abcdef", p.content("log"), "what is read is the reader's own")
}

// Where content ends in reserved room is known to the process that wrote it, and to no
// later one.
func TestRoomIsFilledAndThenForgotten(t *testing.T) {
	p := start().must(create, room(6), add("ab"))
	require.Equal(t, "ab\x00\x00\x00\x00", p.content("log"))
	p.must(add("cdefg"))
	require.Equal(t, "abcdefg", p.content("log"))
	p.must(room(9), room(8), add("h"), cut(8), add("i"))
	require.Equal(t, "abcdefghi", p.content("log"), "to make room for less than there is does nothing, and a cut takes room away")
	p = p.must(room(12)).restart()
	require.Equal(t, "abcdefghi\x00\x00\x00", p.content("log"))
	p.must(add("?"), cut(9), add("j"))
	require.Equal(t, "abcdefghij", p.content("log"))
}

// Whatever is written, synced and lost: what was synced is there, and what is there was
// written, or is zeroes of sectors that were not.
func TestSyncedBytesSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := start().must(create, syncDir)
		written, synced := "", 0
		for i := range rapid.IntRange(1, 20).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				p.must(sync)
				synced = len(written)
			case 1:
				p = p.restart()
				require.Equal(t, written, p.content("log"), "a process that is killed loses nothing")
			case 2:
				p.d.PowerOff(rng.New(rapid.Uint64().Draw(t, "crash")))
				left := p.content("log")
				require.LessOrEqual(t, len(left), len(written))
				require.GreaterOrEqual(t, len(left), synced)
				require.Equal(t, written[:synced], left[:synced])
				for i := range left {
					require.Contains(t, []byte{0, written[i]}, left[i])
				}
				written = strings.TrimRight(left, "\x00")
				synced = len(written)
				p = p.boot().must(cut(int64(synced)), sync)
			default:
				s := fmt.Sprintf("%d,", i)
				p.must(add(s))
				written += s
			}
		}
	})
}
