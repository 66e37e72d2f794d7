// Package proc runs blocking user code in virtual time. A program reads as if it had a
// thread of its own; it is a coroutine that events of the kernel resume.
//
// Owns: the virtual twin of client.Runtime: tasks, signals, contexts with virtual
// deadlines, kill, pause, the report of a deadlock, and the watchdog over code that waits
// for something real.
//
// Does not own: the interface that programs are written against (client), or what a call
// of a client library does: that completes a client.Call from its own events.
//
// May import: client, sim/kernel, clock, internal/rng.
//
// Start reading at: Runtime, then Task.park, then Machine.
package proc
