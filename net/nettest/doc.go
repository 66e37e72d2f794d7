// Package nettest is what every net.Network must do, as one suite of tests that drives
// the simulated twin and the real one through the same pump.
//
// Owns: the stories (two hosts, and a process that is killed), and the rules that hold for
// each event of each story.
//
// Does not own: how a world is made or how time passes in it; a twin's test says that, in
// a World. Nor what only one twin can do, such as faults that are injected.
//
// May import: net.
//
// Start reading at: World, then Run.
package nettest
