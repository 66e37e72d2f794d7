// Package net is ordered byte connections that can break, like TCP.
//
// Owns: addresses, connection identities, the events an owner receives, and the
// Network interface through which it acts.
//
// Does not own: any transport. net/simnet is the simulated network, net/tcp the real one.
//
// May import: nothing of this module.
//
// Start reading at: Network.
package net
