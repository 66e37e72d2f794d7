// Package prep turns requests into transactions: it is where a write is judged.
//
// Owns: the view of the state as it will be when all that is proposed is applied, and the
// checks of every operation in ZooKeeper's order (A7), which decides the error that a client
// sees: paths, flags, ACLs, versions, kinds of nodes, quotas. A multi is judged operation by
// operation, each against what those before it leave, and undone completely if one fails.
//
// Does not own: sessions, and who speaks for them (package node); applying (node/tree).
//
// May import: wire, node/tree, node/acl.
//
// Start reading at: View.Prepare.
package prep
