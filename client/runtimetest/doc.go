// Package runtimetest is what every client.Runtime must do, as one suite of tests that
// drives the simulated twin and the real one.
//
// Owns: the stories of programs: what they may say, and what must never run.
//
// Does not own: how a world is made or how time passes in it; a twin's test says that, in
// a World. Nor what only one twin can do, such as pauses, or calls from other goroutines.
//
// May import: client, clock.
//
// Start reading at: World, then Run.
package runtimetest
