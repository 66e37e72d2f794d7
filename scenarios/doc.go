// Package scenarios is composition as data: a scenario says what kind of world, a plan is
// one drawn instance of it, and Run turns a plan into an outcome.
//
// Owns: Scenario and the built-in ones, Plan and its JSON form, drawing a plan from a
// seed, which may branch, Run, shrinking a plan that fails.
//
// Does not own: the world (sim), the service (node), judgement (checkers), or processes
// and files (scenarios/campaign).
//
// May import: sim and its parts, node/host, workloads, checkers, scenarios/outcome.
//
// Start reading at: Run.
package scenarios
