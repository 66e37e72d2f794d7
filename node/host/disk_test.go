package host

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/disk"
	"github.com/zoobreak/zoobreak/disk/simdisk"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// onDisk is a server alone in its ensemble, on the disk of the simulated world.
type onDisk struct {
	*machine
	k *kernel.Kernel
	d *simdisk.Disk
	h *Host
}

// now has a wall clock as well: session ids are made of it, and must differ from life to life.
func (o *onDisk) now() clock.Now {
	return clock.Now{Mono: o.k.Now(), Wall: clock.Wall(o.k.Now())}
}

func (o *onDisk) DiskDone(d disk.Done) { o.h.DiskDone(o.now(), d) }

func (o *onDisk) settle(t *testing.T) {
	require.NoError(t, o.k.Run(o.k.Now().Add(time.Second)))
}

func bootOnDisk(t *testing.T) *onDisk {
	_, m := boot(t, alone)
	o := &onDisk{machine: m, k: kernel.New()}
	o.d = simdisk.New(o.k, "host", simdisk.Config{Sync: simdisk.Latency{Min: time.Millisecond, Max: time.Millisecond}})
	o.d.Run(o)
	env := m.env()
	env.Disk = o.d
	var err error
	o.h, err = Boot(alone, env, o.now())
	require.NoError(t, err)
	o.settle(t)
	return o
}

// Whatever fails on the disk while something is being kept ends the server, and nobody is
// told that it was kept. What the disk refuses to do later is not asked for.
func TestADiskThatFailsStopsTheServer(t *testing.T) {
	for _, c := range []struct {
		name         string
		impose, lift func(*simdisk.Disk, *int)
		halted       string
	}{
		{"sync", (*simdisk.Disk).FailSyncs, (*simdisk.Disk).HealSyncs, "save failed: disk: sync log.0000000100000001: input/output error"},
		{"write", (*simdisk.Disk).FailWrites, (*simdisk.Disk).HealWrites, "save failed: disk: create log.0000000100000001: input/output error"},
		{"full", (*simdisk.Disk).Fill, (*simdisk.Disk).Unfill, "save failed: disk: create log.0000000100000001: no space left"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := bootOnDisk(t)
			var mattered int
			c.impose(o.d, &mattered)
			o.greetAt(o.now(), o.h, 7)
			o.settle(t)
			require.Equal(t, c.halted, o.halted)
			require.Equal(t, 1, mattered)
			require.Zero(t, o.sent[7])
			require.Equal(t, clock.Never, o.alarm)
			c.lift(o.d, &mattered)
			o.greetAt(o.now(), o.h, 8)
			o.settle(t)
			require.Zero(t, o.sent[8], "it does not go on when the disk is well again")
		})
		t.Run(c.name+" is off", func(t *testing.T) {
			o := bootOnDisk(t)
			var mattered int
			c.impose(o.d, &mattered)
			c.lift(o.d, &mattered)
			o.greetAt(o.now(), o.h, 7)
			o.settle(t)
			require.Empty(t, o.halted)
			require.Positive(t, o.sent[7])
		})
	}
}

// An append that fails in an open log file may leave a prefix of the record; the next life
// cuts it off.
func TestALogThatWasHalfWrittenIsRead(t *testing.T) {
	o := bootOnDisk(t)
	o.greetAt(o.now(), o.h, 7)
	o.settle(t)
	require.Positive(t, o.sent[7])
	var mattered int
	o.d.FailWrites(&mattered)
	o.greetAt(o.now(), o.h, 8)
	o.settle(t)
	require.Equal(t, "save failed: disk: append log.0000000100000001: input/output error", o.halted)
	o.d.HealWrites(&mattered)
	o.d.Kill()
	env := o.env()
	env.Disk = o.d
	o.halted = ""
	o.d.Run(o)
	h, err := Boot(alone, env, o.now())
	require.NoError(t, err)
	o.h = h
	o.settle(t)
	o.greetAt(o.now(), o.h, 9)
	o.settle(t)
	require.Empty(t, o.halted)
	require.Positive(t, o.sent[9])
}
