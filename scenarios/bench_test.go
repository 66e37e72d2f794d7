package scenarios_test

import (
	"testing"
	"time"

	"github.com/zoobreak/zoobreak/scenarios"
	"github.com/zoobreak/zoobreak/scenarios/outcome"
)

// benchmark runs one seed after the other, each with its check, and reports what there was
// to do. A run that fails costs no more than one that passes.
func benchmark(b *testing.B, s *scenarios.Scenario) {
	events, ops, virtual, seed := uint64(0), 0, time.Duration(0), uint64(0)
	for b.Loop() {
		seed++
		out, _ := scenarios.Run(s, s.Draw(seed), scenarios.Options{})
		if out.Verdict == outcome.Unknown {
			b.Fatalf("seed %d: %s", seed, out.Reason)
		}
		events, ops, virtual = events+out.Events, ops+out.Ops, virtual+time.Duration(out.VirtualNS)
	}
	sec := b.Elapsed().Seconds()
	b.ReportMetric(float64(seed)/sec, "runs/s")
	b.ReportMetric(float64(events)/sec, "events/s")
	b.ReportMetric(float64(ops)/sec, "ops/s")
	b.ReportMetric(virtual.Seconds()/sec, "virtual-s/s")
}

// BenchmarkLockRun is three servers and three real go-zookeeper clients that take turns
// under its Lock for 30 virtual seconds, 20 of them with faults.
func BenchmarkLockRun(b *testing.B) { benchmark(b, lockScenario()) }

// BenchmarkLockRunCalm is the same without faults: nobody is cut off, so more gets done.
func BenchmarkLockRunCalm(b *testing.B) { benchmark(b, lockScenario().WithoutFaults()) }

// BenchmarkServersRun is three servers and three native writers for 32 virtual seconds, 20
// of them with faults.
func BenchmarkServersRun(b *testing.B) { benchmark(b, scenarios.Servers()) }
