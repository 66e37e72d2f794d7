package guest_test

import (
	"testing"

	"github.com/zoobreak/zoobreak/sim/guest"
)

// BenchmarkThirtySeconds runs three real clients for 30 virtual seconds.
func BenchmarkThirtySeconds(b *testing.B) {
	events := uint64(0)
	for i := range b.N {
		err := guest.Run(guest.Options{}, func(bubble *guest.Bubble) {
			w := newWorld(bubble, uint64(i))
			w.serve()
			for range 3 {
				w.process().Start(session)
			}
			if err := w.k.Run(30 * second); err != nil {
				b.Fatal(err)
			}
			events += w.k.Events()
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}
