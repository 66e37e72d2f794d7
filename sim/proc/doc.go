// Package proc runs blocking user code in virtual time. A program reads as if it had a
// thread of its own; it is a coroutine that events of the kernel resume.
//
// Owns: Runtime (one program: its tasks, its time, its randomness), Task, Signal, Call,
// contexts with virtual deadlines, kill, pause, the report of a deadlock, and the
// watchdog over code that waits for something real. One baton per Runtime: at most one
// task runs, and it hands over only inside calls of this package, so that programs need
// no locks. Programs start no goroutine and wait on no channel: Spawn and Signal are
// there for that.
//
// Does not own: what a call of a client does. A client library makes a Call, and
// completes it from its own events.
//
// May import: sim/kernel, clock, internal/rng.
//
// Start reading at: Runtime, then Task.park.
package proc
