// Package acl is who may do what to a node.
//
// Owns: the schemes world, auth, digest, ip and super; what a credential shows about a
// connection; which lists make sense and how they are stored; the check of a permission;
// what is hidden of a list from those who may not change it.
//
// Does not own: which permission an operation needs, and on which node (node/prep for
// writes, package node for reads and watches), or how lists are shared in memory (node/tree).
//
// May import: wire.
//
// Start reading at: Policy.Allowed.
package acl
