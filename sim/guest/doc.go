// Package guest runs unmodified Go programs as clients of a simulated world, in a
// testing/synctest bubble, one simulated event at a time, with the stock toolchain.
//
// Owns: the bubble and its virtual time, the inbox through which programs act, the
// connections they see, what they say about locks and resources, taking everything down,
// and the watchdog that explains why a program makes the simulation stand still.
//
// Does not own: the events (sim/kernel), the bytes in flight (net/simnet), faults, or
// any judgement. It knows no client library.
//
// May import: clock, net, net/simnet, history, history/tap, wire, sim/kernel,
// sim/resource, internal/rng. It is outside the pure zone, because programs are
// goroutines and read clocks; nothing of theirs reaches the kernel but through the inbox.
//
// Best effort: goroutines that are runnable at one instant run in an order which the
// stock scheduler does not promise, so a repeat is nearly always, not always, the same.
//
// Start reading at: Run, then Bubble.Settle.
package guest
