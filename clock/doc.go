// Package clock names instants of time and the one alarm an owner has.
//
// Owns: Instant (monotonic), Wall (calendar), Now (both), and Alarm.
//
// Does not own: any source of time. clock/simclock keeps virtual time, clock/wall reads the
// machine's.
//
// May import: nothing of this module.
//
// Start reading at: Now.
package clock
