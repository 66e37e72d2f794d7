package tree

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/zoobreak/zoobreak/wire"
)

// many returns a tree of n nodes of 100 bytes, a thousand to a parent.
func many(n int) *Tree {
	t, z := New(), wire.Zxid(0)
	acl := wire.WorldACL(wire.PermAll)
	created := func(p wire.Path, size int, number int32) {
		z++
		t.Apply(&Txn{Zxid: z, Op: wire.OpCreate, Path: p, Data: make([]byte, size), ACL: acl, ParentCversion: number, Millis: 1})
	}
	for i := range n {
		if i%1000 == 0 {
			created(wire.Path(fmt.Sprintf("/dir-%d", i/1000)), 0, int32(i/1000+1))
		}
		created(wire.Path(fmt.Sprintf("/dir-%d/node-%010d", i/1000, i)), 100, int32(i%1000+1))
	}
	return t
}

// What a million znodes take, with their 100 bytes each.
func BenchmarkMemory(b *testing.B) {
	const nodes = 1_000_000
	for range b.N {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		t := many(nodes)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/nodes, "B/znode")
		runtime.KeepAlive(t)
	}
}

func BenchmarkApply(b *testing.B) {
	acl := wire.WorldACL(wire.PermAll)
	b.Run("setData", func(b *testing.B) {
		t, data := many(100_000), make([]byte, 100)
		b.ReportAllocs()
		for i := range b.N {
			t.Apply(&Txn{Zxid: t.Last() + 1, Op: wire.OpSetData, Path: "/dir-7/node-0000007500", Data: data, Version: int32(i)})
		}
	})
	b.Run("create and delete", func(b *testing.B) {
		t, data := many(100_000), make([]byte, 100)
		b.ReportAllocs()
		for i := range b.N {
			t.Apply(&Txn{Zxid: t.Last() + 1, Op: wire.OpCreate, Path: "/dir-7/new", Data: data, ACL: acl, ParentCversion: int32(1001 + i)})
			t.Apply(&Txn{Zxid: t.Last() + 1, Op: wire.OpDelete, Path: "/dir-7/new"})
		}
	})
}

func BenchmarkSnapshot(b *testing.B) {
	t := many(100_000)
	b.Run("write", func(b *testing.B) {
		for range b.N {
			b.SetBytes(int64(len(t.Snapshot())))
		}
	})
	b.Run("load", func(b *testing.B) {
		s := t.Snapshot()
		b.SetBytes(int64(len(s)))
		for range b.N {
			if _, err := Load(s); err != nil {
				b.Fatal(err)
			}
		}
	})
}
