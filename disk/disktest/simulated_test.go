package disktest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/disktest"
	"github.com/zoobreak/zoobreak/disk/simdisk"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

func TestSimulated(t *testing.T) { disktest.Run(t, simulatedWorld) }

func TestSimulatedFull(t *testing.T) {
	disktest.RunFull(t, simulatedWorld, func(t *testing.T, d disk.Disk) (lift func()) {
		var mattered int
		d.(*simdisk.Disk).Fill(&mattered)
		return func() { d.(*simdisk.Disk).Unfill(&mattered) }
	})
}

type owner func(disk.Done)

func (o owner) DiskDone(d disk.Done) { o(d) }

var config = simdisk.Config{Sync: simdisk.Latency{Min: time.Millisecond, Max: 5 * time.Millisecond}}

func simulatedWorld(t *testing.T, done func(disk.Done)) disktest.World {
	k := kernel.New()
	d := simdisk.New(k, "host", config)
	d.Run(owner(done))
	return disktest.World{
		Disk:  d,
		Pump:  func(until func() bool) bool { return pump(t, k, until) },
		Crash: powerFailure,
		Restart: func() disk.Disk {
			d.Kill()
			d.Run(owner(done))
			return d
		},
	}
}

// pump lets a virtual minute pass at most.
func pump(t *testing.T, k *kernel.Kernel, until func() bool) bool {
	for end := k.Now().Add(time.Minute); !until() && k.Now() < end; {
		require.NoError(t, k.Run(k.Now()+clock.Instant(100*time.Microsecond)))
	}
	return until()
}

func powerFailure(t *testing.T, records int) (acknowledged int, left disk.Disk) {
	k := kernel.New()
	k.Shake(kernel.Noise{Key: rng.New(uint64(records))})
	d := simdisk.New(k, "host", config)
	j := disktest.NewJournal(d, func(n int) { acknowledged = n })
	d.Run(j)
	require.True(t, pump(t, k, func() bool { return acknowledged >= records }))
	d.PowerOff(rng.New(uint64(records)))
	return acknowledged, d
}
