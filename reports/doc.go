// Package reports renders outcomes for people.
//
// Owns: Story (which events of a history a reader needs), Text for a terminal or a test
// log, Markdown for an issue, Run for one run, and the escaping of hostile names.
//
// Does not own: any decision. Verdicts, shrinking and confirmation are made by scenarios
// and checkers; nothing here runs a world. Plots are in reports/plots, so that zootest
// can print a finding without a plotting library.
//
// May import: scenarios/outcome, history, clock and wire, for values.
//
// Start reading at: Finding, then Story.
package reports
