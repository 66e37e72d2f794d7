package workloads

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/wire"
)

var draws = map[string]func(rng.Key, int, int, time.Duration) []Op{"writes": DrawWrites, "locks": DrawLocks}

func TestDrawnOperationsAreValidInOrderAndWithinTheTime(t *testing.T) {
	for name, draw := range draws {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				key := rng.New(rapid.Uint64().Draw(t, "seed"))
				count := rapid.IntRange(0, 40).Draw(t, "count")
				over := time.Duration(rapid.IntRange(1, 30).Draw(t, "seconds")) * time.Second
				ops := draw(key, 3, count, over)
				require.Len(t, ops, count)
				before := clock.Span(0)
				for _, o := range ops {
					require.NoError(t, o.Validate())
					require.Equal(t, 3, o.Client)
					require.GreaterOrEqual(t, o.At, before)
					require.LessOrEqual(t, o.At, clock.Span(over))
					require.Zero(t, time.Duration(o.At)%time.Millisecond)
					before = o.At
				}
				require.Equal(t, ops, draw(key, 3, count, over))
			})
		})
	}
}

// What an operation does hangs on its place alone, so that a shorter or longer plan of
// the same seed does not reshuffle it.
func TestDrawIsStablePerIndex(t *testing.T) {
	key := rng.New(7)
	less, more := DrawWrites(key, 1, 10, time.Second), DrawWrites(key, 1, 20, 2*time.Second)
	require.Equal(t, less, more[:10])
	locks, longer := DrawLocks(key, 1, 10, 10*time.Second), DrawLocks(key, 1, 20, 20*time.Second)
	require.Equal(t, locks, longer[:10])
}

// The plan of a seed is part of what a saved seed means: this changes only on purpose.
func TestDrawIsTheSameForEver(t *testing.T) {
	b, err := json.Marshal(append(DrawWrites(rng.New(1), 1, 2, time.Second), DrawLocks(rng.New(1), 2, 1, time.Second)...))
	require.NoError(t, err)
	require.Equal(t, golden, string(b))
}

const golden = `[{"client":1,"at":"0s","do":"delete","path":"/key-0","value":"1.0"},` +
	`{"client":1,"at":"500ms","do":"set","path":"/key-0","value":"1.1"},` +
	`{"client":2,"at":"915ms","do":"lock","path":"/lock","for":"86ms"}]`

func TestDrawWritesDrawsEverything(t *testing.T) {
	verbs, paths := map[string]bool{}, map[wire.Path]bool{}
	for _, o := range DrawWrites(rng.New(1), 1, 200, time.Second) {
		verbs[o.Do], paths[o.Path] = true, true
	}
	require.Len(t, verbs, 7)
	require.Len(t, paths, 6)
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		op   Op
		want string
	}{
		{Op{Do: "create", Path: "/a"}, ""},
		{Op{Do: "lock", Path: "/lock"}, ""},
		{Op{Do: "dance", Path: "/a"}, `do is "dance"; it must be create, ephemeral, sequential, set, delete, get, sync or lock, or send, auth, move, close or forget`},
		{Op{Do: "move"}, ""},
		{Op{Do: "send", Send: []Send{{Op: "multi", Ops: []Send{{Op: "check"}}}}}, ""},
		{Op{Do: "send"}, `send: there is nothing to send`},
		{Op{Do: "move", Send: []Send{{Op: "ping"}}}, `move: it cannot send anything`},
		{Op{Do: "send", Send: []Send{{Op: "ping"}, {Op: "dance"}}}, `send[1]: no request is called "dance"`},
		{Op{Do: "send", Send: []Send{{Op: "closeSession"}}}, `send[0]: a plan cannot send "closeSession": the client does by itself, or nobody judges it`},
		{Op{Do: "send", Send: []Send{{Op: "create", ACL: "open"}}}, `send[0]: no list is called "open"`},
		{Op{Do: "set", Path: "/"}, `path is "/"; it must be absolute and not the root`},
		{Op{Do: "set", Path: "a/b"}, `path is "a/b"; it must be absolute and not the root`},
	} {
		if c.want == "" {
			require.NoError(t, c.op.Validate())
		} else {
			require.EqualError(t, c.op.Validate(), c.want)
		}
	}
}

func TestRequest(t *testing.T) {
	for do, want := range map[string]struct {
		op    wire.OpCode
		flags int32
	}{
		"create": {wire.OpCreate, 0}, "ephemeral": {wire.OpCreate, wire.FlagEphemeral}, "sequential": {wire.OpCreate, wire.FlagSequential},
		"set": {wire.OpSetData, 0}, "delete": {wire.OpDelete, 0}, "get": {wire.OpGetData, 0}, "sync": {wire.OpSync, 0},
	} {
		r := Op{Do: do, Path: "/a", Value: "v"}.Request()
		require.Equal(t, want.op, r.Op, do)
		require.Equal(t, want.flags, r.Flags, do)
		require.EqualValues(t, -1, r.Version, do)
		require.Equal(t, wire.Path("/a"), r.Path, do)
	}
	require.PanicsWithValue(t, `workloads: a writer cannot "lock"`, func() { Op{Do: "lock"}.Request() })
}
