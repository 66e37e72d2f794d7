// Package client is what programs are written against: programs such as recipes, which
// run unchanged in the simulator and in the real world.
//
// Owns: the interfaces Runtime, Task, Trigger and Signal; Call, which is made of them; and
// the errors that both worlds return.
//
// Does not own: a world. sim/proc runs programs in virtual time, client/realtime in real
// time, and client/runtimetest holds both to one suite.
//
// May import: clock, internal/rng.
//
// Start reading at: Runtime.
package client
