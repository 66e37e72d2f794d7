package simdisk_test

import (
	"testing"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/simdisk"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// logger appends and syncs, one batch after the other, and begins a new file now and then.
type logger struct {
	d     *simdisk.Disk
	left  int
	batch []disk.Op
	anew  []disk.Op
}

func (l *logger) DiskDone(done disk.Done) {
	if done.Err != nil {
		panic(done.Err)
	}
	if l.left--; l.left <= 0 {
		return
	}
	if l.left%1000 == 0 {
		l.d.Submit(uint64(l.left), l.anew)
		return
	}
	l.d.Submit(uint64(l.left), l.batch)
}

// BenchmarkAppendSync is a log's batches of 100 bytes: begin, sync, done.
func BenchmarkAppendSync(b *testing.B) {
	run := func(b *testing.B, c simdisk.Config, ready []disk.Op) {
		k := kernel.New()
		d := simdisk.New(k, "host", c)
		l := &logger{d: d, left: b.N + 1, batch: []disk.Op{add(string(make([]byte, 100))), sync}, anew: append([]disk.Op{create}, ready...)}
		d.Run(l)
		b.ReportAllocs()
		b.ResetTimer()
		d.Submit(0, l.anew)
		for l.left > 0 {
			if err := k.Run(k.Now() + clock.Instant(100*second)); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "batches/s")
	}
	sectors := simdisk.Config{Sync: usual.Sync}
	b.Run("plain", func(b *testing.B) { run(b, sectors, []disk.Op{sync}) })
	b.Run("reserved", func(b *testing.B) { run(b, sectors, []disk.Op{room(100_000), sync}) })
	b.Run("append-latency", func(b *testing.B) { run(b, both, []disk.Op{sync}) })
}

// BenchmarkPowerOff is a crash with a megabyte that is not synced.
func BenchmarkPowerOff(b *testing.B) {
	data := string(make([]byte, 1<<20))
	b.ReportAllocs()
	for i := range b.N {
		b.StopTimer()
		p := startOn(simdisk.Config{}, 0).must(create, syncDir, add(data))
		b.StartTimer()
		p.d.PowerOff(rng.New(uint64(i)))
	}
}
