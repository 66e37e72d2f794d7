// Package campaign hunts: many plans on many workers, and what is made of a failure.
//
// Owns: spreading seeds over workers, findings by signature, confirming, shrinking, and
// the files of a finding.
//
// Does not own: running a plan (scenarios, by way of scenarios/worker), or how a finding
// looks (reports; it is rendered by who calls Hunt).
//
// May import: scenarios and its parts. It lies outside the pure zone: it has goroutines,
// real time and files. Its results do not depend on them: outcomes are taken in the order
// of seeds, whatever the number of workers.
//
// Start reading at: Hunt.
package campaign
