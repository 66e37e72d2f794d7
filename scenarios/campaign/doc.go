// Package campaign hunts: many plans on many workers, and what is made of a failure.
//
// Owns: spreading seeds over workers and shards, findings by signature, confirming,
// shrinking, the files of a finding, and results of campaigns that can be merged.
//
// Does not own: running a plan (scenarios, by way of scenarios/worker), or how a finding
// looks (reports; it is rendered by who calls Hunt).
//
// May import: scenarios and its parts. It lies outside the pure zone: it has goroutines,
// real time and files. Its results do not depend on them: outcomes are taken in the order
// of seeds, whatever the number of workers.
//
// Start reading at: Hunt; then Merge.
package campaign
