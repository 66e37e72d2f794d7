package txnlog

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/node/tree"
	"github.com/zoobreak/zoobreak/wire"
)

// BenchmarkAppend is the path of every write: from transactions to the bytes for the disk.
func BenchmarkAppend(b *testing.B) {
	for _, batch := range []int{1, 16} {
		b.Run(fmt.Sprintf("1KiB/batch=%d", batch), func(b *testing.B) {
			f := &Files{cfg: Config{Preallocate: 64 << 20}.withDefaults()}
			f.cfg.RollBytes = 1 << 40
			txns := make([]tree.Txn, batch)
			z := wire.Zxid(0)
			data := make([]byte, 1024)
			b.ReportAllocs()
			for b.Loop() {
				for i := range txns {
					z++
					txns[i] = tree.Txn{Zxid: z, Op: wire.OpSetData, Path: "/a/key", Data: data, Version: 1}
				}
				f.Append(txns)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch), "ns/txn")
		})
	}
}

// BenchmarkRecover is a start: a snapshot of many small znodes, and a tenth as many log
// entries behind it.
func BenchmarkRecover(b *testing.B) {
	const znodes, entries = 100_000, 10_000
	l := &lineage{}
	state := tree.New()
	create := func(n int) tree.Txn {
		parent := wire.Path(fmt.Sprintf("/d%d", n/1000))
		x := tree.Txn{Zxid: wire.MakeZxid(1, uint32(n+1)), Op: wire.OpCreate, Path: parent, Data: make([]byte, 100), ACL: wire.WorldACL(wire.PermAll), ParentCversion: int32(n/1000 + 1)}
		if n%1000 > 0 {
			x.Path, x.ParentCversion = parent+wire.Path(fmt.Sprintf("/n%d", n%1000)), int32(n%1000)
		}
		return x
	}
	for n := range znodes {
		x := create(n)
		state.Apply(&x)
	}
	for n := znodes; n < znodes+entries; n++ {
		l.txns = append(l.txns, create(n))
	}
	m := newMedium()
	_, f, repair, err := Recover(m, Config{})
	require.NoError(b, err)
	m.Submit(0, repair)
	m.Submit(0, f.Install(state.Last(), state.Snapshot()))
	for at := 0; at < entries; at += 10 {
		m.Submit(0, f.Append(l.txns[at:at+10]))
	}
	image := mediumOf(map[string][]byte{})
	for name, from := range m.names {
		image.names[name] = &file{data: from.all()}
	}
	b.ReportAllocs()
	for b.Loop() {
		img, _, _, err := Recover(image, Config{})
		require.NoError(b, err)
		require.Equal(b, znodes, int(img.Tree.Last().Counter()))
		require.Len(b, img.Log, entries)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*(znodes+entries)), "ns/item")
}
