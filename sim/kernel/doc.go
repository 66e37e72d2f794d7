// Package kernel is virtual time: one queue of events, fired one by one.
//
// Owns: the queue (earliest first, ties by insertion), the current instant, the noise of
// the run, the digest over every event, the trace, when to stop (time, events, a condition,
// a deadlock), and the guard against worlds that stand still.
//
// Does not own: what an event means. An actor registers and is told when its events
// fire. Nor where time comes from while outside code runs: that is the Driver.
//
// May import: clock, internal/rng.
//
// Start reading at: Kernel.Run.
package kernel
