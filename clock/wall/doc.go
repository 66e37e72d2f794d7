// Package wall is the real twin of clock: the machine's clocks, and one alarm.
//
// Owns: what Now shows in the real world, and the timer that posts to an owner's inbox.
//
// Does not own: what is due (the owner sets its one alarm), or the inbox.
//
// May import: clock, internal/inbox.
//
// Start reading at: Clock.
package wall
