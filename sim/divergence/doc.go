// Package divergence finds the first event at which two runs that should be alike differ.
//
// Owns: looking at a window of a run's events in bounded memory, and narrowing the window
// until the first difference is in it, with what led to it and what came of it in both runs.
//
// Does not own: executing the runs, in which process or how often. It is handed two
// functions that do.
//
// May import: sim/kernel, scenarios/outcome (plain results), internal/rng.
//
// Start reading at: Find.
package divergence
