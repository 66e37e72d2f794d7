// Package inbox is what stands between an owner's single thread and the goroutines that
// work for it: completions come in through an Inbox, work goes out through a Queue.
//
// Owns: the order in which one owner handles what its clock, network and disk report, and
// the rule that nothing of the owner is touched outside its thread.
//
// Does not own: what an event means. It is one type for all three real twins, because
// one owner has one inbox: that is what makes it single-threaded.
//
// May import: nothing of this module.
//
// Start reading at: Inbox.Run.
package inbox
