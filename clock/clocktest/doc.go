// Package clocktest is what every clock with its alarm must do, as one suite of tests that
// drives the simulated twin and the real one through the same pump.
//
// Owns: the stories of an owner that sets its alarm.
//
// Does not own: how time passes; a twin's test says that, in a World. Nor what only one
// twin can do, such as clocks that jump.
//
// May import: clock.
//
// Start reading at: World, then Run.
package clocktest
