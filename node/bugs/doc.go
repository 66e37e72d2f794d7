// Package bugs names the bugs that can be switched on in a server, to prove that the
// checkers find them.
//
// Owns: the names, what each one breaks, and Set.
//
// Does not own: the switches. Each sits in package node at the exact line that the bug
// is about. With the empty Set the server is the product.
//
// May import: nothing of this module.
//
// Start reading at: All.
package bugs
