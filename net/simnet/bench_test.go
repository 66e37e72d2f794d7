package simnet_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/zoobreak/zoobreak/clock"
	"github.com/zoobreak/zoobreak/internal/rng"
	"github.com/zoobreak/zoobreak/net"
	"github.com/zoobreak/zoobreak/net/simnet"
	"github.com/zoobreak/zoobreak/sim/kernel"
)

// talker answers each frame with a fresh one.
type talker struct {
	k    *kernel.Kernel
	h    *simnet.Host
	left *int
}

func (b *talker) NetEvent(ev net.Event) {
	if ev.Kind == net.Connected || ev.Kind == net.Received {
		if *b.left--; *b.left == 0 {
			b.k.Stop()
		}
		b.h.Send(ev.Conn, make([]byte, 100))
	}
}

// BenchmarkFrames is frames of 100 bytes among five hosts, each pair of which has a
// connection each way, with latencies and the digest.
func BenchmarkFrames(b *testing.B) {
	k := kernel.New()
	k.Shake(kernel.Noise{Key: rng.New(1)})
	n := simnet.New(k, simnet.Latency{Min: 200 * time.Microsecond, Max: 2 * time.Millisecond})
	left := b.N
	var hosts []*simnet.Host
	for i := range 5 {
		h := n.AddHost(fmt.Sprintf("10.0.0.%d", i+1))
		h.Run(&talker{k, h, &left})
		h.Listen(1)
		hosts = append(hosts, h)
	}
	for _, h := range hosts {
		for _, to := range hosts {
			if h != to {
				h.Dial(net.MakeAddr(to.Name(), 1))
			}
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	if err := k.Run(clock.Never); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "frames/s")
}
