package wire

import (
	"fmt"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/wire"
	"github.com/zoobreak/zoobreak/workloads"
)

// Draw draws count operations for one client, spread over a time. They meet on few paths.
func Draw(key rng.Key, client, count int, over time.Duration) []workloads.Op {
	ops := make([]workloads.Op, count)
	for i := range ops {
		k := key.Int(uint64(i))
		at := int64(over) * int64(i) / int64(count)
		ops[i] = workloads.Op{Client: client, At: clock.Span(at / 1e6 * 1e6), Do: "send"}
		switch n := k.Of("do").Below(40); n {
		case 0:
			ops[i].Do, ops[i].Value = "auth", pick(k.Of("user"), workloads.Alice, workloads.Bob)
		case 1, 2, 3:
			ops[i].Do = "move"
		case 4:
			ops[i].Do = "close"
		case 5:
			ops[i].Do = "forget"
		default:
			for b := range burst(k) {
				ops[i].Send = append(ops[i].Send, request(k.Of("send").Int(b), fmt.Sprintf("%d.%d.%d", client, i, b)))
			}
		}
	}
	return ops
}

// burst is how many requests leave as one: mostly one, at times a dozen.
func burst(k rng.Key) uint64 {
	if k.Of("long").Chance(1, 8) {
		return 4 + k.Of("burst").Below(9)
	}
	return 1 + k.Of("burst").Below(2)
}

func pick[T any](k rng.Key, of ...T) T { return of[k.Below(uint64(len(of)))] }

// request draws one.
func request(k rng.Key, value string) workloads.Send {
	op := pick(k.Of("op"),
		"create", "create", "create2", "createContainer", "createTTL", "delete", "delete", "setData", "setData", "setData",
		"setACL", "check", "multi", "multi", "multiRead", "getData", "getData", "exists", "exists", "getChildren", "getChildren2",
		"getACL", "sync", "getEphemerals", "getAllChildrenNumber", "addWatch", "checkWatches", "removeWatches", "whoAmI",
		"deleteContainer", "ping")
	s := part(k, op, value)
	switch op {
	case "multi":
		for i := range 1 + k.Of("parts").Below(4) {
			p := k.Of("part").Int(i)
			s.Ops = append(s.Ops, part(p, pick(p.Of("op"), "create", "create", "create2", "delete", "setData", "setData", "check"), value))
		}
	case "multiRead":
		for i := range 1 + k.Of("parts").Below(4) {
			p := k.Of("part").Int(i)
			s.Ops = append(s.Ops, part(p, pick(p.Of("op"), "getData", "getChildren"), value))
		}
	}
	return s
}

// paths are few, and a few are no paths.
var paths = []wire.Path{
	"/a", "/a", "/a", "/b", "/b", "/a/x", "/a/x", "/a/y", "/b/z", "/a/x/deep", "/e", "/c", "/s-", "/a/s-", "/", "/zookeeper", "/none/x", "/a/", "b",
}

// part draws a request that need not be one by itself.
func part(k rng.Key, op, value string) workloads.Send {
	s := workloads.Send{Op: op, Path: pick(k.Of("path"), paths...)}
	if op == "setACL" && s.Path == "/" {
		s.Path = "/a" // or nobody could do anything any more
	}
	switch op {
	case "create", "create2", "createContainer", "createTTL", "setACL":
		s.ACL = pick(k.Of("acl"), "", "", "", "", "", "", "read", "write", "auth", "alice", "bob", "shared", "net", "none", "wrong")
	}
	switch op {
	case "create", "create2":
		s.Value, s.Flags = value, pick(k.Of("flags"), int32(0), 0, 0, 1, 1, 2, 3)
	case "createContainer":
		s.Value, s.Flags = value, wire.FlagContainer
	case "createTTL":
		s.Value, s.Flags, s.TTL = value, pick(k.Of("flags"), wire.FlagTTL, wire.FlagTTLSequential), pick(k.Of("ttl"), int64(500), 2000, 60_000)
	case "setData":
		s.Value, s.Version = value, version(k)
	case "delete", "setACL", "check":
		s.Version = version(k)
	case "getData", "exists", "getChildren", "getChildren2":
		s.Watch = k.Of("watch").Chance(1, 2)
	case "addWatch":
		s.Mode = pick(k.Of("mode"), int32(0), 0, 1, 1, 2)
	case "checkWatches", "removeWatches":
		s.Type = pick(k.Of("type"), int32(1), 2, 3, 3)
	}
	return s
}

func version(k rng.Key) int32 { return pick(k.Of("version"), int32(-1), -1, -1, 0, 1) }
