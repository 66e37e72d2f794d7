// Package plots draws outcomes.
//
// Owns: Timeline and TimelinePNG, which show who did what, when, and under which faults.
// The same outcome gives the same bytes.
//
// Does not own: any judgement, and no text reports; those are in package reports, which
// does without a plotting library.
//
// May import: scenarios/outcome, history and clock for values; reports, for the names of
// clients; gonum.org/v1/plot.
//
// Start reading at: Timeline, then collect.
package plots
