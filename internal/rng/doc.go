// Package rng gives random values that are keyed by what they are for.
//
// Owns: Key and the values drawn from it.
//
// Does not own: any state. There is no draw counter: a value is a hash of the seed and
// of its purpose, so removing one operation from a plan reshuffles no other's luck.
// That is what makes shrinking work.
//
// May import: nothing of this module.
//
// Start reading at: Key.
package rng
