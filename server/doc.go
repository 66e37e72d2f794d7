// Package server is a server as a process: a node and its host on the machine's clock,
// network and disk.
//
// Owns: putting them together, one thread for each server, the data directory and its
// lock, the log of what happens, the admin endpoint, starting and stopping.
//
// Does not own: the service (package node), its interpreter (node/host), what a server
// says of itself (server/status), who is let in (server/gate), or files of settings
// (server/zoocfg).
//
// May import: node and its parts, the real twins, server/gate, server/status, history.
//
// Start reading at: Start.
package server
