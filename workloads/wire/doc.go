// Package wire is a client that speaks raw frames, so that all that a server says to it can
// be judged.
//
// Owns: Client, which carries out the raw operations of a plan: bursts of requests, users,
// moves between servers, sessions that end or are left to expire, and the watches that it
// arms again after each move; Draw; and the record of every frame.
//
// Does not own: whether an answer is right: checkers.Model says so.
//
// May import: workloads, wire, net, clock, history, history/tap.
//
// Start reading at: Client.
package wire
