// Package realtime runs programs in the real world. A task is a goroutine, but there is
// one baton for all of them, as in the simulator.
//
// Owns: the real twin of client.Runtime: the baton, timers, signals, contexts, stopping,
// and the inbox through which other goroutines reach the program.
//
// Does not own: what arrives in that inbox. A client library hands it to its network and
// its clock, so that their events run between the steps of the tasks, never beside them.
//
// May import: client, clock, clock/wall, internal/inbox, internal/rng.
//
// Start reading at: Runtime, then Runtime.loop.
package realtime
